// ---
// jupyter:
//   kernelspec:
//     display_name: TypeScript (Wirebook)
//     language: typescript
//     name: wirebook
// ---

// %% [markdown] id="title"
// # Sockets, and what they do not hide
//
// A program that talks to another computer can pretend that the network is not there, or it can see every wire. In this lab
// you work at the level where the wires show: the **socket**, the means of communication that the operating system itself
// offers. You build a client and a server, watch what happens between them, and then ask how much of all that a *middleware*
// could hide from a programmer. To hide it is called **distribution transparency**.
//
// You need no experience with networks. You should be able to read TypeScript (or JavaScript).

// %% [markdown] id="contents"
// ## The notebooks
//
// | | notebook | what you do in it | takes about |
// |---|---|---|---|
// | 1 | [Creating a socket](1-creating-a-socket.ipynb) | make a socket, give it an address, find out what an address really identifies | 15 min |
// | 2 | [Error handling](2-error-handling.ipynb) | meet the errors that really happen, read them, catch the right ones | 20 min |
// | 3 | [Connecting to a server](3-connecting-to-a-server.ipynb) | turn a name into an address, connect to a web server, look at both ends | 15 min |
// | 4 | [Sending and receiving](4-sending-and-receiving.ipynb) | speak HTTP by hand, learn that a stream has no messages, read to the end | 20 min |
// | 5 | [Creating a server](5-creating-a-server.ipynb) | bind, listen, accept; test what the queue of `listen(5)` does; leave a server running | 25 min |
// | 6 | [Creating a client](6-creating-a-client.ipynb) | talk to that server by telnet and by program, from the "same" and from "another" computer | 20 min |
// | 7 | [Questions](7-questions.ipynb) | four questions, with experiments to base your answers on | 60 min |
//
// That is three hours, less five minutes. Take them in this order. Each works on its own as well, from its top to its bottom.
//
// **You need** a computer, and nothing else: no second computer, no rights of an administrator. Only two of the notebooks visit a server in the Internet, and
// they can do without.

// %% [markdown] id="how-cells-work"
// ## How a notebook works
//
// A notebook is a list of **cells**: text like this one, and code. Click into a code cell and press **Shift + Enter**: the code
// runs, its output appears below it, and the next cell is selected. All code cells of one notebook share their variables.
//
// | to do this | press, or choose |
// |---|---|
// | run the cell and go on | Shift + Enter |
// | stop a cell that does not end (`[*]` stays beside it) | the ■ button, or *Kernel → Interrupt Kernel*: your variables stay as they are |
// | begin again with nothing | the ⟳ button, or *Kernel → Restart Kernel…*: all variables are gone, all servers are closed |
// | run everything from the top | *Run → Run All Cells* |
// | write into a text cell | double-click it; Shift + Enter when done |
// | do without a mouse | ↑ and ↓ go from cell to cell, Enter goes into one, Esc out of it, Tab to what opens in an output |
// | add a cell of your own | click left of a cell, then press B (M turns it into text) |
//
// Running a cell a second time is safe: what its earlier run left open (sockets, servers, timers) is closed first. A server runs in
// the background: its cell ends at once, and what the server prints later still appears under that cell.

// %% id="try-it"
// Try it: click here and press Shift + Enter.
const thing: string = 'socket';
console.log(`It works. A ${thing} is waiting for you in notebook 1.`);

// %% [markdown] id="what-is-running"
// If that printed a line, you are ready. The next cell shows what it runs on. It helps when you compare results with somebody
// else's: operating systems differ, and this lab looks closely enough to notice.

// %% id="this-machine"
import * as os from 'node:os';
import * as socket from 'wirebook/socket';

console.log('system:       ', os.type(), os.release());
console.log('Node.js:      ', process.version);
console.log('this computer:', socket.gethostname());
console.log('listen queue: ', socket.capabilities.backlog);

// %% [markdown] id="who-you-are"
// ## Who you are
//
// Some numbers in this lab are yours alone: ports, how often something is tried, what is sent. So what you see differs from what your neighbour sees, and both are
// right. Write your id between the two marks, as your course names you (often your login), and run the cell. It is kept in the file `.wirebook/student.json` beside the
// notebooks, and leaves your computer with your submission only. If your course has told the lab who you are, the cell says so.

// %% id="who"
import { iAm } from 'wirebook/lesson';

iAm(``);

// %% [markdown] id="predict-run-explain"
// ## Predict, run, explain
//
// Lab sheets, text books and web pages make claims about networks. Some of them are wrong, or true on one system only. In these
// notebooks you will meet claims marked like this:
//
// > **Claim.** Water boils at 100 °C.
//
// Before you run the cell that tests the claim, write down what you expect, between the two marks of a cell like this one, and run it:
//
// ```ts
// predict('water', `100 °C`);
// ```
//
// That locks your answer, with the time, in the cell's output and in the file `.wirebook/predictions.jsonl` beside the notebooks. Then run the
// experiment; where it can, it shows what you predicted beside what came. Then write under **What I saw** what happened, and why you think it did. A
// wrong prediction that you can explain afterwards is worth more than a right one that you cannot, and marks do not depend on it.

// %% [markdown] id="checkpoints"
// ## Checkpoints
//
// Some cells hold a **checkpoint**, like `await check("1.2")`. Run it when the steps before it are done: it looks at your work from outside the notebook, and says
// at once whether all is well. Where something is missing it says what it expected and what it saw, shows what went over the wire between it and your program, and has
// hints that open one after the other: the first is vague, the third nearly the answer. Checkpoints give no marks and need no network.

// %% [markdown] id="red-is-fine"
// ## Red is not always bad
//
// Some cells are *meant* to fail, so that you see the failure. The text before them says so, or asks you whether they do. When a cell fails without warning,
// read the **last** lines of the red box first: they say what happened and in which line of yours.

// %% [markdown] id="hand-in"
// ## Your notes are your submission
//
// You annotate the notebooks themselves, and hand those in:
//
// 1. Fill in the predictions, notes and answers where they are asked for. Add cells of your own wherever you like.
// 2. In notebook 7, answers in code stand in cells that fail with `NotAnswered` until you replace that line.
// 3. At the end, choose *Kernel → Restart Kernel and Run All Cells…* in each notebook, check that every output is what your
//    text says, and save (Ctrl + S, on a Mac ⌘ + S). Outputs are part of what you hand in.
// 4. Press **Submit**, the arrow that points up, above a notebook (or *File → Submit Notebooks…*). It saves notebooks 1 to 7, runs each from the top once more, and makes one file
//    of them. Upload that file where your course collects submissions. What it finds in them, like an answer that is still empty, it says.

// %% [markdown] id="without-a-network"
// ## Without a network
//
// Only notebooks 3 and 4 leave your computer, to visit a web server. If you are on a train, behind a proxy or in an exam, set
// `target = 'stand-in'` in the cell that they begin with: then a small web server on your own computer plays that part.
//
// And a rule for all of it: connect to, scan and test **your own computer** only, unless the owner of another one has said yes.

// %% [markdown] id="go"
// Now open **[1. Creating a socket](1-creating-a-socket.ipynb)**.
