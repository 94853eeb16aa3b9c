// %% [markdown] id="title"
// # Distribution transparency: a lab on network sockets
//
// In seven notebooks you program the network with your own hands: first a socket, then a client, then a server, and at the
// end you ask how much of all that a *middleware* can hide from whoever writes an application.
//
// | notebook | what you do there |
// |---|---|
// | [1 Creating a socket](1-creating-a-socket.ipynb) | make a socket and look at what it is |
// | [2 Error handling](2-error-handling.ipynb) | make things go wrong, and read what the system says |
// | [3 Connecting to a server](3-connecting-to-a-server.ipynb) | from a name to an address to a connection |
// | [4 Sending and receiving](4-sending-and-receiving.ipynb) | speak HTTP by hand; find out what `recv` really gives |
// | [5 Creating a server](5-creating-a-server.ipynb) | bind, listen, accept; watch the queue fill |
// | [6 Creating a client](6-creating-a-client.ipynb) | telnet, a client of your own, two computers |
// | [7 Questions](7-questions.ipynb) | four questions, each with experiments to answer it from |
//
// You need no book beside it, and no network beyond this computer: where a notebook wants a web server in the Internet, it can
// use a stand-in on your own machine.

// %% [markdown] id="how"
// ## How to work with the notebooks
//
// - **Run** a cell with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Go from the top to the bottom: later cells use what earlier ones made.
// - **Predict first.** Where a cell asks for your prediction, write it down before you run the cell below it. A wrong prediction
//   that you can explain afterwards is worth more than a right one that you cannot.
// - **Stop** a cell that does not end with the ■ button. Your variables stay.
// - **Run a cell again** as often as you like. What its earlier run had opened (a server, a connection, a timer) is closed first.
// - **Start afresh** with *Kernel → Restart Kernel and Run up to Selected Cell*.
// - A **server runs in the background**: its cell ends at once, and what the server prints later still appears under that cell.
//
// ## Your notes and answers
//
// Cells that say *Your notes* are yours: double-click, write, <kbd>Shift</kbd>+<kbd>Enter</kbd>. Add cells wherever you want to try
// something. The notebooks with your notes, your answers **and their outputs** are what you submit: run each from top to bottom
// once more, save it, and hand in the `.ipynb` files.

// %% [markdown] id="first"
// ## Is everything there?
//
// The next cell says what you are running on. If it answers, go on to notebook 1.

// %% id="check"
import * as socket from 'wirebook/socket';

console.log(`Node ${process.version} on ${process.platform}`);
console.log(`This machine calls itself ${socket.gethostname()}`);
console.log(`Listen queue: ${socket.capabilities.backlog}`);
