// %% [markdown] id="title"
// # 1 Creating a socket
//
// **You will learn** what a socket is, what its two parameters mean, and that making one sends nothing to anybody.
//
// A *socket* is the operating system's end of a conversation over the network. Your program holds it like an open file: it asks
// the system to connect it, writes into it, reads from it, and closes it. Sockets are not a middleware, but nearly every
// middleware is built on them.

// %% [markdown] id="import-text"
// ## The module
//
// `wirebook/socket` has the names of Python's module `socket`, so what you learn here holds there too. One difference runs through
// all the notebooks: a call that has to wait for the network gives a *promise*, and you write `await` before it.

// %% id="import"
import * as socket from 'wirebook/socket';

// %% [markdown] id="create-text"
// ## One socket
//
// `socket.socket` takes two parameters:
//
// - the **address family** says what addresses look like. `AF_INET` is IPv4: an address is a pair *(IP address, port number)*, which
//   you write `['127.0.0.1', 12345]`. `AF_INET6` is IPv6, and `AF_UNIX` uses names of files.
// - the **type** says what kind of conversation it is. `SOCK_STREAM` is *connection-oriented*: both sides first set up a connection,
//   then exchange bytes that arrive complete and in order, then take the connection down. For `AF_INET` that is TCP.

// %% id="create"
const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
s

// %% [markdown] id="read-text"
// The last line of a cell is shown below it. Read the description: the family, the type, and `laddr`, the *local address*. There is
// no `raddr`, no remote address: this socket is connected to nobody yet.
//
// **Predict:** what do the two constants look like if you print them? Are they words, objects, or numbers?

// %% id="constants"
console.log('AF_INET     =', socket.AF_INET);
console.log('AF_INET6    =', socket.AF_INET6);
console.log('SOCK_STREAM =', socket.SOCK_STREAM);

// %% [markdown] id="constants-text"
// They are the numbers of your own operating system's header files. `AF_INET6` has another value on Linux, macOS and Windows: that is
// why programs use the names.

// %% [markdown] id="address-text"
// ## Addresses and ports
//
// The IP address leads to a computer, the **port number** (0 to 65535) to one of the programs on it. Some ports are *assigned* to
// standard services, 21 to FTP and 80 to HTTP for instance. "Assigned" means that the world has agreed on it, not that anything
// enforces it.
//
// It is often said that each computer has a unique IP address. **Predict:** how many addresses does *this* computer have? Then look.

// %% id="interfaces"
import { interfaces } from 'wirebook/host';

interfaces()

// %% [markdown] id="interfaces-notes"
// *Your notes:* How many addresses did you find? Which of them do other computers have as well? What does that do to the word
// "unique"?

// %% [markdown] id="close-text"
// ## Done with it
//
// A socket that is no longer needed is closed, so that the system can forget it. Look at the description afterwards, and at what
// happens if you use it all the same.

// %% id="close"
await s.close();
s

// %% tags=["raises-exception"] id="use-after-close"
await s.connect(['127.0.0.1', 12345]);

// %% [markdown] id="use-after-close-text"
// That is an error of the operating system, with a number and a text. The next notebook is about those.

// %% [markdown] id="recap"
// ## What you have seen
//
// - A socket is made from an address family and a type; making it sends nothing.
// - An Internet address is a pair of IP address and port, and a computer has several IP addresses.
// - Errors come from the operating system, with a number.
//
// *Your notes:*
//
// Next: [2 Error handling](2-error-handling.ipynb)
