// %% [markdown] id="title"
// # 5 Creating a server
//
// **You will learn** the four steps of every server, *bind*, *listen*, *accept*, *close*, and what the queue between `listen` and `accept` really
// does on this machine.

// %% id="create"
import * as socket from 'wirebook/socket';
import { labPort } from 'wirebook/host';

const s = socket.socket();
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
console.log('Socket successfully created');

// %% [markdown] id="reuse-text"
// `SO_REUSEADDR` lets a server take its port again right after it was stopped. Without it the system keeps the port back for a while, in case
// late packets of old connections still arrive.

// %% [markdown] id="bind-text"
// ## Bind: taking an address
//
// A client may have any port, a server must be found: it *binds* to an address that clients know. Our port is 12345; anything from 1024 up that
// is free would do. (Where many students share one machine, `labPort` gives each a number of their own and prints it.)
//
// An often seen line gives the address and the port as two parameters. **Predict:** what will the library say?

// %% tags=["raises-exception"] id="bind-wrong"
const port = labPort(12345);
await s.bind('', port);

// %% [markdown] id="bind-right-text"
// An address is *one* thing, a pair. And the empty text in it has a meaning: **every** IPv4 address of this machine, so that other computers can
// connect too. With `'127.0.0.1'` only programs on this machine could.

// %% id="bind"
await s.bind(['', port]);
console.log(`socket bound to ${port}`);
s

// %% [markdown] id="bind-notes"
// *Your notes:* Look at `laddr` in the description. What did the empty text become? Who in your network could connect to this server now?
// (Your system's firewall may have a word in it, too.)

// %% [markdown] id="listen-text"
// ## Listen: opening the door
//
// A bound socket does not take connections yet. `listen` puts it into listening mode; its parameter is called *backlog*.

// %% id="listen"
await s.listen(5);
console.log('socket is listening');
console.log('the queue is', socket.capabilities.backlog);

// %% [markdown] id="backlog-text"
// ### What the backlog does
//
// You will often read that `listen(5)` keeps five connections waiting while the server is busy, and that the sixth is **refused**. Do not believe it,
// and do not believe us either: here is an experiment. A second server listens with a backlog of 5 and *never* accepts. Nine clients try, each
// with a patience of half a second.
//
// **Predict:** for each of the nine: connected, refused (an error at once), or no answer (a timeout)?
//
// (If the cell above said `emulated`, this system lets no program wait with accepting; then the queue is imitated, and the experiment shows the
// imitation.)

// %% id="backlog"
const busy = socket.socket();
await busy.bind(['127.0.0.1', 0]);
await busy.listen(5);

const clients: socket.Socket[] = [];
for (let i = 1; i <= 9; i++) {
  const client = socket.socket();
  clients.push(client);
  client.settimeout(0.5);
  try {
    await client.connect(busy.getsockname());
    console.log(`client ${i}: connected`);
  } catch (e) {
    console.log(`client ${i}: ${e.name}`);
  }
}

// %% [markdown] id="backlog-notes"
// *Your notes:* How many got in? Was anybody refused? Other systems answer differently: what would you write into a program that has to run on all of
// them?

// %% [markdown] id="accept-text"
// ### What accept does
//
// All those clients were told "connected", and the server has not called `accept` once. So who answered them? **Predict:** if the server accepts *one*
// connection now, can one more client get in?

// %% id="accept-one"
const [taken, from] = await busy.accept();
console.log('accepted the connection from', from);
await taken.close();

const late = socket.socket();
late.settimeout(0.5);
try {
  await late.connect(busy.getsockname());
  console.log('one more client: connected');
} catch (e) {
  console.log(`one more client: ${e.name}`);
}

// %% id="backlog-close"
for (const client of [...clients, late]) await client.close();
await busy.close();

// %% [markdown] id="accept-notes"
// *Your notes:* Explain in one sentence what the operating system does for a connection, and what `accept` does.

// %% [markdown] id="loop-text"
// ## The loop of a server
//
// A server accepts, serves, closes the connection, and begins again, for ever:
//
// ```
// while (true) {
//   const [c, addr] = await s.accept();     // wait for a client
//   …                                       // serve it
//   await c.close();
// }
// ```
//
// In a notebook a cell that never ends would keep all others waiting. `serveForever` is this very loop, in the background: the cell ends, the loop goes
// on. Run it, and keep an eye on this cell's output while you run the cells below.

// %% id="serve"
import { serveForever, servers } from 'wirebook/serve';

const server = serveForever(s, async (c, addr) => {
  console.log('Got connection from', addr);
  // send a thank you message to the client
  const message = 'Thank you for connecting';
  await c.send(Buffer.from(message));
  // close the connection with the client
  await c.close();
});

// %% [markdown] id="client-text"
// ## A first client
//
// **Predict:** the next cell is a client. Under which cell will the server's line appear?

// %% id="client"
const c = socket.socket();
await c.connect(['127.0.0.1', port]);
console.log((await c.recv(1024)).toString());
await c.close();

// %% [markdown] id="several-text"
// Ten clients, all at once. The loop serves them one after another; the queue that you examined above keeps those who wait.

// %% id="several"
const replies = await Promise.all(
  Array.from({ length: 10 }, async () => {
    const c = socket.socket();
    await c.connect(['127.0.0.1', port]);
    const reply = await c.recv(1024);
    await c.close();
    return reply.toString();
  }),
);
console.log(replies.length, 'replies, the first:', replies[0]);

// %% [markdown] id="look-text"
// ## Looking after a server
//
// `servers()` lists what runs in this notebook, `server.log()` gives what a server has printed, even if the page was closed at the time.

// %% id="servers"
servers()

// %% id="log"
console.log(server.log());

// %% [markdown] id="busy-port-text"
// ## A port has one owner
//
// **Predict:** what happens if another server wants the same port?

// %% tags=["raises-exception"] id="port-taken"
const second = socket.socket();
await second.bind(['', port]);
await second.listen(5);

// %% [markdown] id="keep-text"
// ## Leave it running
//
// The next notebook connects to this server, so leave it as it is: open notebook 6 in another tab, and watch the output of the server's cell here
// meanwhile. When you have finished there, take away the two slashes below and run the cell. (Restarting or shutting down the kernel closes the
// server as well.)

// %% id="close"
// await server.close();

// %% [markdown] id="recap"
// ## What you have seen
//
// - *bind* takes an address, *listen* opens a queue, *accept* takes from the queue.
// - The operating system sets connections up by itself; a client may be "connected" to a server that has not noticed it.
// - What happens to those for whom there is no room in the queue depends on the system.
// - A server is a loop; in the background it goes on while other cells run.
//
// *Your notes:*
//
// Next: [6 Creating a client](6-creating-a-client.ipynb)
