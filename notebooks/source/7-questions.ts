// %% [markdown] id="title"
// # 7 Questions
//
// Four questions. Each begins with experiments: run them, change them, add your own. Then write your answer where it says *Your answer*. Good answers point to what
// you have *seen*: name the cell, quote its output.

// %% id="import"
import * as socket from 'wirebook/socket';
import { NotAnswered } from 'wirebook/host';
import { serve, servers } from 'wirebook/serve';

// %% [markdown] id="q1"
// ---
// ## 7.1 The server is gone
//
// > Close the server and try to connect with the client. What happens, and why?

// %% id="q1-server"
const server = await serve(0, async (c) => {
  await c.sendall('Thank you for connecting');
});

async function client(port: number) {
  const s = socket.socket();
  s.settimeout(2);
  try {
    await s.connect(['127.0.0.1', port]);
    return (await s.recv(1024)).toString();
  } finally {
    await s.close();
  }
}
await client(server.port)

// %% [markdown] id="q1-predict"
// *Your prediction,* before you run the next two cells:

// %% tags=["raises-exception"] id="q1-closed"
await server.close();
await client(server.port);

// %% [markdown] id="q1-compare-text"
// To compare with: three other ways in which a server can be "not there". Only one of them is a server that was closed. What is different in what the client gets to
// know, and in how long it takes?

// %% id="q1-compare"
async function attempt(what: string, address: [string, number]) {
  const s = socket.socket();
  s.settimeout(1);
  const begin = performance.now();
  try {
    await s.connect(address);
    console.log(what, '→ connected');
  } catch (e) {
    console.log(what, '→', String(e), `(${(performance.now() - begin).toFixed(0)} ms)`);
  } finally {
    await s.close();
  }
}

const full = socket.socket();                      // listens, but never accepts
await full.bind(['127.0.0.1', 0]);
await full.listen(0);
const filler = socket.socket();
await filler.connect(full.getsockname());          // takes the only place in its queue
const bound = socket.socket();                     // has an address, but does not listen
await bound.bind(['127.0.0.1', 0]);

await attempt('closed server ', ['127.0.0.1', server.port]);
await attempt('only bound    ', bound.getsockname());
await attempt('too busy      ', full.getsockname());
await attempt('unknown name  ', ['no-such-host.invalid', 80]);

for (const one of [full, filler, bound]) await one.close();

// %% [markdown] id="q1-alive-text"
// And a server that goes away **while** a client is connected:

// %% id="q1-during"
const leaving = await serve(0, async (c) => {
  await c.sendall('one');
  await c.recv(1);            // waits for the client, which waits for more
});
const waiting = socket.socket();
waiting.settimeout(2);
await waiting.connect(['127.0.0.1', leaving.port]);
console.log((await waiting.recv(10)).toString());
await leaving.close();
try {
  const next = await waiting.recv(10);
  console.log('then:', next.length, 'bytes');
} catch (e) {
  console.log('then:', String(e));
}
await waiting.close();

// %% [markdown] tags=["answer"] id="q1-answer"
// ### Your answer to 7.1
//
// *What happens:*
//
// *Why (who sends what, and who notices):*
//
// *How does a closed server differ from one that is busy, and from a name that does not exist?*

// %% [markdown] id="q2"
// ---
// ## 7.2 Distribution transparency and WebSockets
//
// > What is distribution transparency? Communication by WebSockets does not offer it. Justify that. (There are several reasons; think of *names*, and of the question
// > before this one.)
//
// A **WebSocket** is not a socket: it is a protocol on top of TCP (RFC 6455) that begins as an HTTP request and then carries *messages* in both directions. Here is one, server and
// client. (`ws` is a package for the server; the client is built into browsers and into Node.)

// %% id="q2-server"
import { WebSocketServer } from 'ws';

const counter = new WebSocketServer({ host: '127.0.0.1', port: 0 });
let count = 0;
counter.on('connection', (ws) => {
  ws.on('message', (data) => {
    count += Number(data);
    ws.send(String(count));
  });
});
await new Promise((resolve) => counter.once('listening', resolve));
const counterPort = (counter.address() as { port: number }).port;
console.log(`a counter at ws://127.0.0.1:${counterPort}`);

// %% id="q2-client"
/** Sends one number to the counter at `url`, and gives what it answers. */
function add(url: string, n: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url);
    ws.onopen = () => ws.send(String(n));
    ws.onmessage = (event) => {
      resolve(Number(event.data));
      ws.close();
    };
    ws.onerror = () => reject(new Error('the WebSocket failed, and says no more than that'));
    ws.onclose = (event) => reject(new Error(`the WebSocket was closed (code ${event.code})`));
  });
}
await add(`ws://127.0.0.1:${counterPort}`, 5)

// %% [markdown] id="q2-experiments"
// Experiments. Before each: what do you expect? After each: what would a program have to know or do that has nothing to do with *counting*?

// %% id="q2-local"
// a) The same thing without a network
let localCount = 0;
const addLocally = (n: number) => (localCount += n);
const begin = performance.now();
for (let i = 0; i < 100; i++) addLocally(1);
const local = (performance.now() - begin) / 100;
const beginRemote = performance.now();
for (let i = 0; i < 100; i++) await add(`ws://127.0.0.1:${counterPort}`, 1);
const remote = (performance.now() - beginRemote) / 100;
console.log(`a local call: ${local.toFixed(5)} ms, a remote one: ${remote.toFixed(2)} ms`);

// %% id="q2-types"
// b) What arrives of what was sent?
const echo = new WebSocketServer({ host: '127.0.0.1', port: 0 });
echo.on('connection', (ws) => ws.on('message', (data) => ws.send(data.toString())));
await new Promise((resolve) => echo.once('listening', resolve));
const echoed = await new Promise((resolve) => {
  const ws = new WebSocket(`ws://127.0.0.1:${(echo.address() as { port: number }).port}`);
  ws.onopen = () => ws.send({ when: new Date(), tags: new Set(['a', 'b']) } as unknown as string);
  ws.onmessage = (event) => {
    resolve(event.data);
    ws.close();
  };
});
console.log(echoed);
echo.close();

// %% id="q2-concurrent"
// c) Many at once: is the sum right, and who made sure of it?
await Promise.all(Array.from({ length: 20 }, () => add(`ws://127.0.0.1:${counterPort}`, 1)));
console.log('the counter is at', await add(`ws://127.0.0.1:${counterPort}`, 0));

// %% tags=["raises-exception"] id="q2-moved"
// d) The counter moves to another port. Its clients know the old one.
for (const ws of counter.clients) ws.terminate();
await new Promise((resolve) => counter.close(resolve));
const moved = new WebSocketServer({ host: '127.0.0.1', port: 0 });
moved.on('connection', (ws) => ws.on('message', (data) => ws.send(String((count += Number(data))))));
await new Promise((resolve) => moved.once('listening', resolve));
console.log(`the counter is at ws://127.0.0.1:${(moved.address() as { port: number }).port} now`);
await add(`ws://127.0.0.1:${counterPort}`, 1);

// %% id="q2-half"
// e) The server fails between doing the work and saying so. Was the work done?
const unlucky = new WebSocketServer({ host: '127.0.0.1', port: 0 });
let done = 0;
unlucky.on('connection', (ws) =>
  ws.on('message', () => {
    done++;
    ws.terminate();
  }),
);
await new Promise((resolve) => unlucky.once('listening', resolve));
try {
  await add(`ws://127.0.0.1:${(unlucky.address() as { port: number }).port}`, 1);
} catch (e) {
  console.log('the client sees:', String(e));
}
console.log('the server did the work', done, 'time');
unlucky.close();
moved.close();

// %% [markdown] tags=["answer"] id="q2-answer"
// ### Your answer to 7.2
//
// *Distribution transparency is …*
//
// | kind of transparency | what it would hide | does a WebSocket hide it? what you saw (which cell) |
// |---|---|---|
// | access | | |
// | location | | |
// | relocation, migration | | |
// | replication | | |
// | concurrency | | |
// | failure | | |
//
// *What does a WebSocket add to a plain socket, and what does it leave to you?*

// %% [markdown] id="q3"
// ---
// ## 7.3 A middleware
//
// > Design a middleware for communication, built on WebSockets, that offers greater distribution transparency than WebSockets do.
//
// Begin on paper: what does the programmer who *uses* your middleware write, and what do they no longer have to know? Then choose at least two kinds of
// transparency and describe the parts that bring them about. Say as clearly what your design does **not** hide, and why.
//
// If you want to try it in code: below are two servers that offer the same service, and an application that knows one of them by address. Which lines of the
// application would disappear with your middleware?

// %% id="q3-services"
const shout = (text: string) => text.toUpperCase();
const shops: WebSocketServer[] = [];
for (let i = 0; i < 2; i++) {
  const shop = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  shop.on('connection', (ws) => ws.on('message', (data) => ws.send(shout(String(data)))));
  await new Promise((resolve) => shop.once('listening', resolve));
  shops.push(shop);
}
const urls = shops.map((shop) => `ws://127.0.0.1:${(shop.address() as { port: number }).port}`);
console.log(urls);

// %% id="q3-application"
function ask(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url);
    ws.onopen = () => ws.send(text);
    ws.onmessage = (event) => {
      resolve(String(event.data));
      ws.close();
    };
    ws.onerror = () => reject(new Error(`nobody at ${url}`));
  });
}
console.log(await ask(urls[0] ?? '', 'hello'));

// %% [markdown] tags=["answer"] id="q3-answer-text"
// ### Your answer to 7.3: the design
//
// *What an application writes:*
//
// *The parts, and how they work together (a drawing is welcome):*
//
// *Which transparencies, and how:*
//
// *What happens when a message or a reply is lost:*
//
// *What stays visible, and why:*

// %% tags=["answer", "raises-exception"] id="q3-answer-code"
// Your answer to 7.3: a sketch in code. `call` gets no URL.
async function call(service: string, text: string): Promise<string> {
  throw new NotAnswered('7.3');   // replace this line
}
console.log(await call('shout', 'hello'));

// %% tags=["raises-exception"] id="q3-try"
// One of the two servers fails. Does the application notice?
for (const ws of shops[0]?.clients ?? []) ws.terminate();
shops[0]?.close();
console.log(await call('shout', 'still there?'));

// %% id="q3-close"
for (const shop of shops) shop.close();

// %% [markdown] id="q4"
// ---
// ## 7.4 A port scanner
//
// > Write a port scanner, and scan the ports of your own machine.
//
// A scanner tries to connect to one port after another and reports those that answer. Think about: what does *open* look like, what does *closed*, and is there a third answer?
// How many attempts at once are wise, and how long do you wait for each?
//
// **Scan your own machine only.** Scanning the computers of others without their permission is against the rules of every network and the law of many countries.
//
// So that you know what there is to find, three servers listen in this range:

// %% id="q4-planted"
const planted: number[] = [];
for (let i = 0; i < 3; i++) {
  const one = await serve(0, () => {}, { name: `planted ${i + 1}` });
  planted.push(one.port);
}
planted.sort((a, b) => a - b);
const first = Math.max(1024, (planted[0] ?? 0) - 50);
const last = Math.min(65535, (planted[0] ?? 0) + 400);
console.log(`scan 127.0.0.1 from ${first} to ${last}, and the ports ${planted.join(', ')} are open for certain`);

// %% tags=["answer", "raises-exception"] id="q4-answer-code"
// Your answer to 7.4: gives the open ports from `from` to `to`.
async function scan(host: string, from: number, to: number): Promise<number[]> {
  throw new NotAnswered('7.4');   // replace this line
}
console.log(await scan('127.0.0.1', first, last));

// %% tags=["raises-exception"] id="q4-check"
// Does it find what was planted, and only what is open?
const found = await scan('127.0.0.1', first, last);
const expected = planted.filter((port) => port >= first && port <= last);
console.log('found all that were planted in the range:', expected.every((port) => found.includes(port)));
console.log('found besides:', found.filter((port) => !planted.includes(port)).join(', ') || 'nothing');

// %% [markdown] tags=["answer"] id="q4-answer-text"
// ### Your answer to 7.4
//
// *What you found on your machine, and which programs they belong to:*
//
// *How you told open, closed and "no answer" apart:*
//
// *What a scan of all 65,535 ports costs, and what limits it:*

// %% id="q4-close"
for (const server of servers()) await server.close();

// %% [markdown] id="end"
// ---
// ## The end
//
// Run the notebook once more from top to bottom, read it through, save it, and hand it in with the other six.
