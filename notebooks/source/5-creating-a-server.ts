// ---
// jupyter:
//   kernelspec:
//     display_name: TypeScript (Wirebook)
//     language: typescript
//     name: wirebook
// ---

// %% [markdown] id="title"
// # 5. Creating a server
//
// **Time**: about 25 minutes. **You need**: this notebook. No network. In 5.2 your system may ask whether Node may accept connections.
//
// **What you will learn**
//
// - the four steps of every server: *bind*, *listen*, *accept*, *close*
// - who can reach a server, and what the empty address means
// - what the queue of `listen(5)` really does on this machine, and what `accept` does *not* do
// - how a server runs in the background while you work on

// %% [markdown] id="make"
// ## 5.1 The socket, and an option
//
// A server begins with a socket like any other. `SO_REUSEADDR` is an option that servers set; what it is good for, you will test at
// the end (5.7).

// %% id="create"
import * as socket from 'wirebook/socket';
import { labPort } from 'wirebook/host';
import { personal, predict, python, seen } from 'wirebook/lesson';

const mine = personal('5-creating-a-server'); // numbers of your own: see the index

const s = socket.socket();
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
console.log('Socket created:', s);

// %% [markdown] id="port-text"
// Clients have to know where to knock, so a server takes a port that does not change. Ours is 12345; any other that is free would do.
// (Where many students share one machine, `labPort` gives each a number of their own, and prints it.)

// %% id="port"
const port: number = labPort(12345);
console.log('The port of our server:', port);

// %% [markdown] id="notes-5-1" tags=["notes"]
// **My notes on 5.1**: why does a server need a fixed port, and a client none?
//
// *(Double-click here and write.)*

// %% [markdown] id="bind"
// ## 5.2 Bind: taking an address
//
// In the text that we follow, the server takes its address by this line:
//
// > **Claim.** `s.bind("", port)` binds the socket to the port, for requests from other computers, too.

// %% [markdown] id="predict-bind" tags=["prediction"]
// **Predict**: does this line work? (Notebook 1 has bound several sockets.)
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-bind" tags=["prediction"]
predict('bind', ``);

// %% id="bind-two-arguments" tags=["raises-exception", "type-error"]
await s.bind('', port);

// %% [markdown] id="bind-types-text"
// TypeScript has compared the call with what `bind` takes, and stopped the cell before anything ran. Python has no such check: there the
// line starts to run, and the function itself finds the mistake. A comment in front of a line lets it through, to see what happens then. This cell is meant to fail, too:

// %% id="bind-anyway" tags=["raises-exception"]
try {
  // @ts-expect-error: two arguments, on purpose
  await s.bind('', port);
} catch (error) {
  seen('bind', `${error.name}: ${error.message}`);
  throw error;
}

// %% [markdown] id="bind-pair-text"
// An address is *one* thing, a pair. With the brackets in place we can ask what the second half of the claim means: what is the empty
// address, and how does it differ from `127.0.0.1`? Two trial sockets, at any free port:

// %% id="bind-trial"
const narrow = socket.socket();
await narrow.bind(['127.0.0.1', 0]);
console.log("'127.0.0.1' became", narrow.getsockname());

const wide = socket.socket();
await wide.bind(['', 0]);
console.log("''          became", wide.getsockname());

// %% [markdown] id="predict-reach" tags=["prediction"]
// **Predict**: at which addresses of this computer can a client reach the first, and the second?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-reach" tags=["prediction"]
predict('reach', ``);

// %% id="who-can-reach"
import { interfaces } from 'wirebook/host';

const outside: string[] = interfaces().filter((i) => i.family === 'IPv4' && !i.internal).map((i) => i.address);
const reached = new Map<socket.Socket, string[]>([[narrow, []], [wide, []]]);
await narrow.listen();
await wide.listen();
for (const ip of ['127.0.0.1', '127.0.0.2', ...outside]) {
  for (const server of [narrow, wide]) {
    const [boundTo, at] = server.getsockname() as [string, number];
    const visitor = socket.socket();
    visitor.settimeout(1);
    const errno: number = await visitor.connectEx([ip, at]);
    const outcome: string = errno === 0 ? 'connected' : 'no connection';
    console.log(`${ip.padEnd(15)} → server bound to ${boundTo.padEnd(9)} ${outcome}`);
    if (errno === 0) reached.get(server)?.push(ip);
    await visitor.close();
  }
}
seen('reach', `the first at ${reached.get(narrow)?.join(', ')}; the second at ${reached.get(wide)?.join(', ')}`);
await narrow.close();
await wide.close();

// %% [markdown] id="bind-node-text"
// That is so in Python, in C, and here. Node's own module `net` takes "no address" in another way. Where does its server listen, and how does a client look to it that comes
// from `127.0.0.1`?

// %% id="bind-node"
import * as net from 'node:net';

const nodes = net.createServer((client) => {
  console.log('its client comes from', client.remoteAddress);
  client.end();
});
await new Promise<void>((resolve) => nodes.listen(0, '', resolve));
console.log("Node's server is bound to", nodes.address());
const caller = await socket.createConnection(['127.0.0.1', (nodes.address() as net.AddressInfo).port]);
await caller.recv(1);
nodes.close();
await caller.close();

// %% [markdown] id="bind-for-real-text"
// Now for real. We take the empty address, because in notebook 6 clients come by other addresses, perhaps from another computer. If your
// system asks whether Node may accept connections: yes for private networks, no for public ones. (If you prefer to stay alone, write
// `'127.0.0.1'`; then some experiments of notebook 6 will be refused.)

// %% id="bind-for-real"
await s.bind(['', port]);
console.log('Socket bound to', s.getsockname());

// %% [markdown] id="notes-5-2" tags=["notes"]
// **What I saw**: what do `''` and `0.0.0.0` mean, and who could connect to this server now? Which of the two addresses would you choose for
// a database that only programs on the same machine use?
//
// *(Double-click here and write.)*

// %% [markdown] id="listen"
// ## 5.3 Listen: opening the queue
//
// A bound socket does not take clients yet. `listen` puts it into listening mode. Its parameter is called the *backlog*.

// %% id="listen-for-real"
await s.listen(5);
console.log('Socket is listening:', s);

// %% [markdown] id="claim-backlog"
// > **Claim.** While the server of `listen(5)` is busy, five clients can wait. Number six is refused.
//
// We test it with a server that is very busy: it listens with a backlog of 5 and *never* accepts. Nine clients come, one after the
// other, each with a patience of half a second. There are three possible ends for each: connected, refused at once, or no answer at all.

// %% [markdown] id="predict-backlog" tags=["prediction"]
// **Predict**: how do the nine clients fare?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-backlog" tags=["prediction"]
predict('backlog', ``);

// %% id="backlog-kind"
console.log('The queue of connections is:', socket.capabilities.backlog);

// %% [markdown] id="backlog-kind-text"
// `kernel` means that you will see the queue of the operating system itself. `emulated` means that this system does not let our programs near it: then
// the queue is imitated, the experiment shows the imitation, and you should compare with somebody who has another system.

// %% id="queue-experiment"
async function fillQueue(backlog: number, clients: number): Promise<number> {
  const busy = socket.socket();
  await busy.bind(['127.0.0.1', 0]);
  await busy.listen(backlog);
  const waiting: socket.Socket[] = [];
  let connected = 0;
  for (let i = 1; i <= clients; i++) {
    const client = socket.socket();
    client.settimeout(0.5);
    waiting.push(client);
    try {
      await client.connect(busy.getsockname());
      console.log(`listen(${backlog}), client ${i}: connected`);
      connected++;
    } catch (error) {
      console.log(`listen(${backlog}), client ${i}: ${error.name}, ${error.message}`);
    }
  }
  for (const client of waiting) await client.close();
  await busy.close();
  return connected;
}

seen('backlog', `${await fillQueue(5, 9)} of nine found a place`);

// %% [markdown] id="queue-more-text"
// Once is never: does a pattern show with other numbers? The last one is your own.

// %% id="queue-more"
const backlog: number = mine.integer('backlog', 2, 4); // yours alone
await fillQueue(0, 3);
await fillQueue(1, 4);
const places: number = await fillQueue(backlog, 7);
console.log(`with a backlog of ${backlog}: ${places} places`);

// %% [markdown] id="check-5-3-text"
// A checkpoint:

// %% id="check-5-3" tags=["check"]
await check("5.3")

// %% [markdown] id="queue-rule-text"
// Linux has a switch for those who come to a full queue when they have already been let in by the first packets of the handshake: 0 means that they are left without an answer, 1
// that they are refused.

// %% id="queue-rule"
import { readFileSync } from 'node:fs';

try {
  const rule = readFileSync('/proc/sys/net/ipv4/tcp_abort_on_overflow', 'utf8');
  console.log('tcp_abort_on_overflow =', rule.trim());
} catch {
  console.log('This system does not tell.');
}

// %% [markdown] id="queue-node-text"
// And in Node? Its module `net` has a server with a backlog, too, and nothing in the next cell calls `accept`.

// %% [markdown] id="predict-queue-node" tags=["prediction"]
// **Predict**: ten clients come to a server of Node's own with a backlog of 5. How many are connected?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-queue-node" tags=["prediction"]
predict('queue-node', ``);

// %% id="queue-node"
const eventful = net.createServer((client) => client.on('error', () => {}));
await new Promise<void>((resolve) => eventful.listen({ port: 0, host: '127.0.0.1', backlog: 5 }, resolve));
const crowd: socket.Socket[] = [];
let admitted = 0;
for (let i = 0; i < 10; i++) {
  const client = socket.socket();
  client.settimeout(0.5);
  crowd.push(client);
  if ((await client.connectEx(['127.0.0.1', (eventful.address() as net.AddressInfo).port])) === 0) admitted++;
}
for (const client of crowd) await client.close();
eventful.close();
seen('queue-node', `${admitted} of ten`);

// %% [markdown] id="notes-5-3" tags=["notes"]
// **What I saw**: how many clients found a place for each backlog? Was anybody *refused*? Which is worse for a client, and what would you
// write into a program that has to run on systems that differ in this? Who empties the queue of Node's server, and when would it fill up all the same?
//
// *(Double-click here and write.)*

// %% [markdown] id="queue-elsewhere"
// **Other systems** do otherwise, and the standard (POSIX) leaves it to them. Windows refuses whoever finds the queue full. macOS and the BSDs leave them without an answer, hold
// exactly as many as the backlog says, and take 0 for "as many as usual". Solaris lets them wait until they give up. Where does the sentence with the sixth client come from? The tutorial
// that belongs to Python's own documentation has told it so for a long time.

// %% [markdown] id="accept"
// ## 5.4 Accept: taking from the queue
//
// > **Claim.** It is `accept` that initiates the connection between server and client.
//
// Think of what you have just seen: nobody called `accept` in 5.3.

// %% [markdown] id="predict-accept" tags=["prediction"]
// **Predict**: a client connects and sends "Hello", then the server calls `accept`. Which of these steps has to wait for which?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-accept" tags=["prediction"]
predict('accept', ``);

// %% id="accept-order"
const late = socket.socket();
await late.bind(['127.0.0.1', 0]);
await late.listen(5);

const eager = socket.socket();
await eager.connect(late.getsockname());
console.log('client: connected, my address is', eager.getsockname());
await eager.sendall('Hello');
console.log('client: sent my greeting');

const [conn, addr] = await late.accept();
console.log('server: accepted a client from', addr);
console.log('server: it says', (await conn.recv(1024)).toString());
seen('accept', 'the client was connected, and had sent its greeting, before the server called accept');

// %% [markdown] id="two-sockets-text"
// `accept` gives two things: the address of the client, and a **new socket** for this one conversation. The listening socket stays what it
// was, ready for the next.

// %% id="two-sockets"
console.log('listening socket:', late);
console.log('its conversation:', conn);
for (const one of [eager, conn, late]) await one.close();

// %% [markdown] id="accept-drawn-text"
// The same steps once more, drawn. At what height does the handshake stand, and at what height `accept`? The right side tells the *state* of each
// socket, as the operating system keeps it.

// %% id="accept-drawn"
import { trace } from 'wirebook/trace';

const order = await trace(async () => {
  const server = socket.socket();
  await server.bind(['127.0.0.1', 0]);
  await server.listen(5);
  const client = socket.socket();
  await client.connect(server.getsockname());
  await client.sendall('Hello');
  const [talk] = await server.accept();
  await talk.recv(1024);
  for (const one of [client, talk, server]) await one.close();
});

// %% [markdown] id="notes-5-4" tags=["notes"]
// **What I saw**: is the claim true? Who set up the connection, and what does `accept` do?
//
// *(Double-click here and write.)*

// %% [markdown] id="loop"
// ## 5.5 The loop of a server
//
// A server accepts, serves, closes that connection and begins again, for ever:
//
// ```ts
// while (true) {
//   const [conn, addr] = await s.accept();           // wait for a client
//   console.log('Got connection from', addr);
//   await conn.sendall('Thank you for connecting');  // serve it
//   await conn.close();                              // and the next, please
// }
// await s.close();                                   // when does this line run?
// ```
//
// In Python the loop is made by indentation: what belongs to it stands further to the right. In the lab sheet's printed form a page ends after `while True:`, and the lines on the next page
// begin at the margin:

// %% [markdown] id="predict-margin" tags=["prediction"]
// **Predict**: what does Python make of a `while True:` whose next line begins at the margin? Does the server start, and does it serve?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-margin" tags=["prediction"]
predict('margin', ``);

// %% id="margin"
const printed = await python(`
import socket
s = socket.socket()
print('There is a socket')
while True:
# Wait for a client.
c, addr = s.accept()
s.close()
`);
console.log('exit status:', printed.status);
seen('margin', printed.output.trim().split('\n').at(-1));

// %% [markdown] id="background-text"
// In a notebook, a cell that never ends keeps all later cells waiting. (You could stop it with ■.) `serveForever` is this very loop **in the
// background**: its cell ends at once, the loop goes on. You give it the part that is your own, the handler for one client.

// %% id="serve"
import { serveForever, servers } from 'wirebook/serve';

const server = serveForever(s, async (conn, addr) => {
  console.log('Got connection from', addr);
  await conn.sendall('Thank you for connecting');
});

// %% [markdown] id="predict-where" tags=["prediction"]
// **Predict**: the next cell is a client. The server will print a line. Under which cell will that line appear?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-where" tags=["prediction"]
predict('where', ``);

// %% id="first-client"
const client = socket.socket();
await client.connect(['127.0.0.1', port]);
console.log('the server says:', (await client.recv(1024)).toString());
await client.close();

// %% [markdown] id="look-after-text"
// A table of all servers of this notebook, and what this one has printed:

// %% id="servers"
servers()

// %% id="log"
console.log(server.log());
const lines: number = server.log().split('\n').filter(Boolean).length;
seen('where', lines > 0 ? 'under the cell that started the server' : 'elsewhere: this kernel does not know whose line it is');

// %% [markdown] id="check-5-5-text"
// A checkpoint: two clients come from outside the notebook.

// %% id="check-5-5" tags=["check"]
await check("5.5")

// %% [markdown] id="notes-5-5" tags=["notes"]
// **What I saw**: where did the server's line appear, and why is that the right place? When would the last line of the endless loop above run?
//
// *(Double-click here and write.)*

// %% [markdown] id="one-at-a-time"
// ## 5.6 One at a time, or all at once?
//
// `serveForever` serves one client after the other, like the loop above. `serve`, its sister, takes a port and serves all clients at the same
// time. We give both a handler that needs 200 milliseconds, and send four clients to each.

// %% [markdown] id="predict-serial" tags=["prediction"]
// **Predict**: how long do four clients take with each of the two?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-serial" tags=["prediction"]
predict('serial', ``);

// %% id="slow-handler" tags=["no-output"]
async function slowly(conn: socket.Socket): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  await conn.sendall('done');
}

async function visit(at: number): Promise<string> {
  const visitor = socket.socket();
  await visitor.connect(['127.0.0.1', at]);
  const answer = (await visitor.recv(1024)).toString();
  await visitor.close();
  return answer;
}

// %% id="serial-and-concurrent"
import { serve } from 'wirebook/serve';

const queue = await socket.createServer(['127.0.0.1', 0]);
const serial = serveForever(queue, slowly, { name: 'one at a time' });
const concurrent = await serve(0, slowly, { name: 'all at once' });

const times: string[] = [];
for (const one of [serial, concurrent]) {
  const began = Date.now();
  await Promise.all([visit(one.port), visit(one.port), visit(one.port), visit(one.port)]);
  times.push(`${one.name}: ${Date.now() - began} ms`);
  await one.close();
}
seen('serial', times.join(', '));

// %% [markdown] id="notes-5-6" tags=["notes"]
// **What I saw**: where did the clients wait in the first case? When is it an advantage to serve one at a time?
//
// *(Double-click here and write.)*

// %% [markdown] id="closing"
// ## 5.7 Closing, and opening again
//
// There are three things to close: a conversation (the handler's `conn`, which is closed when the handler returns), the listening socket, and
// the server as a whole: `await server.close()` ends the loop, the listening socket and all open conversations. That is our own `close`. Not every `close` does as much:
//
// > **Claim.** `close` closes a server.
//
// We ask Node's own server, while a client is in conversation with it.

// %% [markdown] id="predict-close" tags=["prediction"]
// **Predict**: after `close()`, does the client's conversation go on? Can another client come? When is the server closed?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-close" tags=["prediction"]
predict('close', ``);

// %% id="close-waits"
const echo = net.createServer((client) => client.pipe(client));
await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
const { port: echoPort } = echo.address() as net.AddressInfo;
const regular = await socket.createConnection(['127.0.0.1', echoPort]);
await regular.sendall('Hello');
await regular.recv(1024);

const after: string[] = [];
let isClosed: boolean = false;
const closed = new Promise<void>((resolve) => {
  echo.close(() => {
    isClosed = true;
    resolve();
  });
});
await regular.sendall('Still there?');
after.push(`the old client gets ${(await regular.recv(1024)).toString() || 'nothing'}`);
const newcomer = socket.socket();
const errno: number = await newcomer.connectEx(['127.0.0.1', echoPort]);
after.push(`a new one is ${errno === 0 ? 'connected' : 'refused'}`);
await newcomer.close();
after.push(isClosed ? 'the server is closed' : 'the server is not closed yet');
await regular.close();
await closed;
after.push('it is, when the last client has gone');
seen('close', after.join('; '));

// %% [markdown] id="reuse-text"
// Now the option from 5.1. When a conversation has ended, the system remembers its addresses for a while, in case late packets arrive
// (a state called `TIME_WAIT`). May a new server have the port again during that time? The experiment serves one client, closes it from the server's side,
// closes the server, and at once tries to bind the same port.

// %% [markdown] id="predict-reuse" tags=["prediction"]
// **Predict**: with and without `SO_REUSEADDR`?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-reuse" tags=["prediction"]
predict('reuse', ``);

// %% id="reuse"
async function restart(reuse: 0 | 1): Promise<string> {
  const before = socket.socket();
  before.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse);
  await before.bind(['127.0.0.1', 0]);
  await before.listen(5);
  const place = before.getsockname();
  const guest = socket.socket();
  await guest.connect(place);
  const [talk] = await before.accept();
  await talk.close(); // the server says goodbye first
  await guest.recv(1024);
  await guest.close();
  await before.close();

  const next = socket.socket();
  next.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse);
  try {
    await next.bind(place);
    await next.listen(5);
    return `SO_REUSEADDR = ${reuse}: the port can be had again at once`;
  } catch (error) {
    return `SO_REUSEADDR = ${reuse}: ${error.message}`;
  } finally {
    await next.close();
  }
}

const [without, withIt] = [await restart(0), await restart(1)];
console.log(`${without}\n${withIt}`);
seen('reuse', `${without}; ${withIt}`);

// %% [markdown] id="states-text"
// Where does `TIME_WAIT` come from? Here is the life of the client's socket in the drawing of 5.4, as a way through the states that a connection can
// have. Whoever says goodbye first ends there, and has to wait.

// %% id="states"
order.states(order.sockets.find((one) => one.role === 'client')?.id)

// %% [markdown] id="reuse-explained"
// (On Windows the option means something else: it lets a second program take a port away from the first. There, servers do without it.)

// %% [markdown] id="port-taken-text"
// And two servers at one port, at the same time? This cell is meant to fail.

// %% id="port-taken" tags=["raises-exception"]
const rival = socket.socket();
await rival.bind(['', port]);
await rival.listen(5);

// %% [markdown] id="notes-5-7" tags=["notes"]
// **What I saw**: what is the option good for, on your system? Why may two servers not share a port, although a hundred conversations can?
//
// *(Double-click here and write.)*

// %% [markdown] id="leave-it-running"
// ## 5.8 Leave it running
//
// The server from 5.5 still listens. Leave this notebook open, and its server running: notebook 6 is a program of its own, and will connect to it.
// Watch the output of the cell in 5.5 while you work there. (Re-starting this kernel, or shutting it down, closes the server. To close it now, remove
// the slashes.)

// %% id="still-there"
// await server.close();
server

// %% [markdown] id="notes-5-8" tags=["notes"]
// **My notes on 5.8**: what did the server print while you worked with notebook 6? (Come back here when you have been through it.)
//
// *(Double-click here and write.)*

// %% [markdown] id="recap"
// ## What you have seen
//
// - *bind* takes an address, which is a pair; the empty address stands for all addresses of the machine.
// - *listen* opens a queue. What happens to those who find it full depends on the operating system, and it is not what many texts say.
// - The operating system sets connections up by itself. *accept* takes one that is ready, as a new socket.
// - A server is a loop. In the background it goes on while other cells run, and prints under its own cell.
// - `SO_REUSEADDR` lets a server take its port again at once.
//
// Now visit it: **[6. Creating a client](6-creating-a-client.ipynb)**.
