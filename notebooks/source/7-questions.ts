// ---
// jupyter:
//   kernelspec:
//     display_name: TypeScript (Wirebook)
//     language: typescript
//     name: wirebook
// ---

// %% [markdown] id="title"
// # 7. Questions
//
// **Time**: about 60 minutes, with the design of 7.3 on paper; to program it as well takes as long again. **You need**: this notebook, and what you have noted in
// the others. No network.
//
// **What you will learn**
//
// - who answers when nobody is there, and what a client can tell from that
// - what distribution transparency is, and how much of it sockets and WebSockets leave to you
// - what a middleware is made of, and what it cannot hide
// - to find out which ports of a computer are open
//
// Four questions, each with experiments to base your answer on. Run them, change them, add your own. Then write where it says **Your
// answer**. Good answers point to what you have *seen*: name the cell, quote its output.
//
// Answers in code stand in cells that fail with `NotAnswered` as long as they are empty. Put your lines in the place of the line that throws. Answers in text: double-click
// the cell, write behind the words in bold, and press Shift + Enter.

// %% [markdown] id="points"
// ## What counts
//
// | question | what your answer has | points |
// |---|---|---|
// | 7.1 | your prediction, and what you saw (1); who it is that answers, and why (1); what tells it from other ways of not being there (1); what it has to do with transparency (1) | 4 |
// | 7.2 | a definition that says what is hidden, and from whom (1); four kinds at least, each with something that you saw yourself (4); what a WebSocket is beyond a socket (1) | 6 |
// | 7.3 | what an application writes, and the parts that make it possible (2); what becomes of a call when a message is lost (2); how a client gets on when things move or end (1); what stays visible, and why (1) | 6 |
// | 7.4 | the answers that a port can give are told apart (1); no more at once, and no longer, than is sensible (1); finds what is there, and nothing else (1); asks your own machine only (1) | 4 |

// %% id="imports" tags=["no-output"]
import * as socket from 'wirebook/socket';
import { NotAnswered } from 'wirebook/host';
import { personal, predict, seen, WebSocketServer } from 'wirebook/lesson';
import { serve, servers } from 'wirebook/serve';

const mine = personal('7-questions'); // numbers of your own: see the index

// %% [markdown] id="q1" nbgrader={"task": true, "points": 4}
// ---
// ## 7.1 The server is gone
//
// > **Question.** The server is closed, and the client tries all the same. What comes of it, and for what reason?
//
// First everything is fine: a server, and the client of notebook 6.
// <!-- BEGIN MARK SCHEME -->
// **Points** (a model answer is in `instructor/7-model-answer.ipynb`)
//
// - (1) predicts that the connection is refused (ECONNREFUSED), and shows it
// - (1) says why: the host is there, and its system answers with a reset (RST), because nothing listens at the port
// - (1) tells it from the others: no answer at all until the client gives up (a firewall, no such host, a full queue), and a name that nobody knows
// - (1) ties it to failure transparency: what the server's side suffers reaches the caller, and the caller has to deal with it
// <!-- END MARK SCHEME -->

// %% id="q1-server"
const server = await serve(0, async (conn) => {
  await conn.sendall('Thank you for connecting');
}, { name: 'thanks' });

async function visit(port: number): Promise<string> {
  const client = socket.socket();
  client.settimeout(2);
  try {
    await client.connect(['127.0.0.1', port]);
    return (await client.recv(1024)).toString();
  } finally {
    await client.close();
  }
}

await visit(server.port)

// %% [markdown] id="q1-prediction" tags=["prediction"]
// **Predict**: what does the client get when the server is closed? How long does it take?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="q1-lock" tags=["prediction"]
predict('q1', ``);

// %% id="q1-closed" tags=["raises-exception"]
await server.close();
const beganVisit = Date.now();
try {
  await visit(server.port);
} catch (error) {
  seen('q1', `${error.name}, after ${Date.now() - beganVisit} ms`);
  throw error;
}

// %% [markdown] id="q1-compare-text"
// To compare with, more ways in which a server can be "not there". What does the client learn in each case, and how long does it have to wait for
// that?

// %% id="q1-compare"
async function knock(what: string, address: [string, number]): Promise<void> {
  const client = socket.socket();
  client.settimeout(1);
  const began = Date.now();
  try {
    await client.connect(address);
    console.log(`${what}: connected`);
  } catch (error) {
    console.log(`${what}: ${error.name}, ${error.message} (${Date.now() - began} ms)`);
  }
  await client.close();
}

const bound = socket.socket(); // has an address, but does not listen
await bound.bind(['127.0.0.1', 0]);
const full = socket.socket(); // listens, but never accepts
await full.bind(['127.0.0.1', 0]);
await full.listen(0);
const filler = socket.socket(); // takes the only place in its queue
await filler.connect(full.getsockname());

await knock('closed server', ['127.0.0.1', server.port]);
await knock('bound, but not listening', bound.getsockname() as [string, number]);
await knock('much too busy', full.getsockname() as [string, number]);
await knock('a name that does not exist', ['no-such-computer.invalid', 12345]);

for (const one of [filler, full, bound]) await one.close();

// %% [markdown] id="q1-drawn-text"
// Who answers when nobody is there? A connection that succeeds and one that is refused, drawn:

// %% id="q1-drawn"
import { trace } from 'wirebook/trace';

const refused = await trace(async () => {
  const open = await socket.createServer(['127.0.0.1', 0]);
  const place = open.getsockname();
  for (const attempt of [1, 2]) {
    const client = socket.socket();
    const errno = await client.connectEx(place);
    console.log(`attempt ${attempt}:`, errno === 0 ? 'connected' : `errno ${errno}`);
    await client.close();
    await open.close();
  }
});

// %% [markdown] id="q1-during-text"
// And a server that goes away **while** a client is in conversation with it:

// %% id="q1-during"
const leaving = await serve(0, async (conn) => {
  await conn.sendall('The answer to your question is ');
  await conn.recv(1); // thinks about it, until something comes
}, { name: 'leaving' });

const listener = socket.socket();
listener.settimeout(2);
await listener.connect(['127.0.0.1', leaving.port]);
console.log('received:', (await listener.recv(1024)).toString());
await leaving.close();
try {
  const next = await listener.recv(1024);
  console.log('then:    ', next.length, 'bytes');
} catch (error) {
  console.log('then:    ', error.name, error.message);
}
await listener.close();

// %% [markdown] id="q1-answer" tags=["answer"]
// ### Your answer to 7.1
//
// **What happens:**
//
// **Why** (who answers, if the server is gone?):
//
// **Which of the failures above can a client tell apart, and which not?**
//
// **What would you have liked to happen, as somebody who only wants the sentence?**

// %% id="q1-answer-code" tags=["answer", "raises-exception"] nbgrader={"solution": true}
// Your answer to 7.1, in code: a client for a server that may be closed for a short while.
async function patientVisit(port: number): Promise<string> {
  // BEGIN SOLUTION instead of: throw new NotAnswered('7.1');
  for (let pause = 50; ; pause *= 2) {
    try {
      return await visit(port);
    } catch (error) {
      // Refused means that nobody has taken the question: asking again does it once. All else is not ours to hide.
      if (error.name !== 'ConnectionRefusedError' || pause > 3000) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  // END SOLUTION
}

const closedForAWhile = await serve(0, (conn) => conn.sendall('Back again'), { name: 'closed for a while' });
await closedForAWhile.close();
setTimeout(() => {
  void serve(closedForAWhile.port, (conn) => conn.sendall('Back again'), { name: 'back again' });
}, 700);
console.log(await patientVisit(closedForAWhile.port));

// %% id="q1-check" tags=["check"] nbgrader={"locked": true}
await check("7.1")

// %% [markdown] id="q2" nbgrader={"task": true, "points": 6}
// ---
// ## 7.2 Distribution transparency
//
// > **Question.** Say what distribution transparency is. Then show that whoever communicates by WebSockets does not get it. (More than one reason
// > counts. Think of how you *name* a partner, and of question 7.1.)
//
// The question says *WebSockets*, and so far we have used sockets. They are not the same. Here is what a WebSocket says first on its connection, as a
// plain server sees it:
// <!-- BEGIN MARK SCHEME -->
// **Points** (a model answer is in `instructor/7-model-answer.ipynb`)
//
// - (1) a definition: that parts are on several computers is concealed, from users *and* from programmers
// - (4) four kinds or more, each with something that the student *saw* in a cell; location (the address is the name) and failure are among them
// - (1) tells sockets from WebSockets: these add messages (framing), and a URL for a name; both still say where
// <!-- END MARK SCHEME -->

// %% id="q2-handshake"
const eavesdropper = await socket.createServer(['127.0.0.1', 0]);
const [, eavesdropperPort] = eavesdropper.getsockname() as [string, number];
const curious = new WebSocket(`ws://127.0.0.1:${eavesdropperPort}/some/path`);
curious.onerror = () => {}; // we shall not answer, so it will complain

const [conn] = await eavesdropper.accept();
console.log((await conn.recv(4096)).toString());
await conn.close();
await eavesdropper.close();

// %% [markdown] id="q2-websocket-text"
// So a WebSocket begins as a request of HTTP. If the server agrees, both sides go on in *messages*, in both directions (RFC 6455). Below is a server
// with such an interface, a counter: whoever sends a number gets the new sum back. You may answer the question for plain sockets or for WebSockets; say
// which.

// %% id="q2-server"
async function startCounter(port: number): Promise<{ port: number; close(): Promise<void> }> {
  let count = 0;
  const counter = new WebSocketServer({ host: '127.0.0.1', port });
  counter.on('connection', (ws) => {
    ws.on('message', (data) => {
      count += Number(data);
      ws.send(String(count));
    });
  });
  await new Promise((resolve) => counter.once('listening', resolve));
  return {
    port: (counter.address() as { port: number }).port,
    async close() {
      for (const ws of counter.clients) ws.terminate();
      await new Promise((resolve) => counter.close(resolve));
    },
  };
}

const counter = await startCounter(0);
console.log(`A counter at ws://127.0.0.1:${counter.port}`);

// %% id="q2-client"
function add(url: string, n: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url);
    ws.onopen = () => ws.send(String(n));
    ws.onmessage = (event) => {
      resolve(Number(event.data));
      ws.close();
    };
    ws.onerror = () => reject(new Error('the WebSocket failed, and does not say why'));
    ws.onclose = (event) => reject(new Error(`the WebSocket was closed (code ${event.code})`));
  });
}

await add(`ws://127.0.0.1:${counter.port}`, mine.integer('first sum', 2, 99)) // a number of your own

// %% [markdown] id="q2-experiments"
// Six experiments. Before each: what do you expect? After each: what does somebody who writes a *client* have to know, or to do, that has nothing to do with
// counting? A local variable is there to compare with.

// %% [markdown] id="q2-prediction" tags=["prediction"]
// **Predict**, for (a) to (f):
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="q2-lock" tags=["prediction"]
predict('q2', ``);

// %% id="q2-a"
// (a) The same thing with and without a network.
let localCount = 0;
const addLocally = (n: number): number => (localCount += n);

const beganLocal = performance.now();
for (let i = 0; i < 100; i++) addLocally(1);
const local = (performance.now() - beganLocal) / 100;

const beganRemote = performance.now();
for (let i = 0; i < 100; i++) await add(`ws://127.0.0.1:${counter.port}`, 1);
const remote = (performance.now() - beganRemote) / 100;
console.log(`one local call: ${local.toFixed(6)} ms; one remote call: ${remote.toFixed(3)} ms`);

// %% id="q2-b"
// (b) What arrives of the thing that was sent?
const echo = new WebSocketServer({ host: '127.0.0.1', port: 0 });
echo.on('connection', (ws) => ws.on('message', (data) => ws.send(data.toString())));
await new Promise((resolve) => echo.once('listening', resolve));

const order: unknown = { item: 'tea', when: new Date(), tags: new Set(['green', 'hot']) };
const echoed = await new Promise((resolve) => {
  const ws = new WebSocket(`ws://127.0.0.1:${(echo.address() as { port: number }).port}`);
  ws.onopen = () => ws.send(order as string);
  ws.onmessage = (event) => {
    resolve(event.data);
    ws.close();
  };
});
console.log('sent:    ', order);
console.log('returned:', echoed);
echo.close();

// %% id="q2-c"
// (c) Twenty clients at the same time. Is the sum right? What if the counter had to look into a file before it adds?
const before: number = await add(`ws://127.0.0.1:${counter.port}`, 0);
await Promise.all(Array.from({ length: 20 }, () => add(`ws://127.0.0.1:${counter.port}`, 1)));
const grown: number = (await add(`ws://127.0.0.1:${counter.port}`, 0)) - before;
console.log('the sum grew by', grown);

// %% id="q2-d" tags=["raises-exception"]
// (d) The counter moves to another port; its clients know the old one. (Meant to fail.)
await counter.close();
const moved = await startCounter(0);
console.log(`The counter is at ws://127.0.0.1:${moved.port} now.`);
await add(`ws://127.0.0.1:${counter.port}`, 1);

// %% id="q2-e"
// (e) The server fails between doing the work and saying so. Was the work done? Should the client try again?
const unlucky = new WebSocketServer({ host: '127.0.0.1', port: 0 });
let bookings = 0;
unlucky.on('connection', (ws) => {
  ws.on('message', () => {
    bookings++;
    ws.terminate();
  });
});
await new Promise((resolve) => unlucky.once('listening', resolve));
try {
  await add(`ws://127.0.0.1:${(unlucky.address() as { port: number }).port}`, 1);
} catch (error) {
  console.log('the client sees:', error.message);
}
console.log('the server did the work', bookings, 'time');
unlucky.close();

// %% id="q2-f"
// (f) Two counters, so that one may fail. Ten calls go to the one or the other, as it happens.
const twin = await startCounter(0);
const sums: number[] = [];
for (let i = 0; i < 10; i++) {
  const either = Math.random() < 0.5 ? moved : twin;
  sums.push(await add(`ws://127.0.0.1:${either.port}`, 1));
}
console.log('the ten answers:', sums.join(', '));
await twin.close();
await moved.close();
seen('q2', [
  `(a) a remote call takes ${Math.round(remote / local)} times as long`,
  `(b) back came ${typeof echoed === 'string' ? 'text' : 'something else'}: ${String(echoed)}`,
  `(c) twenty clients: ${grown}`,
  '(d) the old address failed',
  `(e) the work was done ${bookings} time(s), and the client saw an error`,
  `(f) ten calls: ${sums.join(', ')}`,
].join('; '));

// %% [markdown] id="q2-answer" tags=["answer"]
// ### Your answer to 7.2
//
// **Distribution transparency is …**
//
// **Why WebSockets (or sockets: say which) do not offer it.** One row for each kind of transparency that you know; at least four:
//
// | kind of transparency | what it would hide | what you saw instead (which cell, which output) |
// |---|---|---|
// | | | |
// | | | |
// | | | |
// | | | |
//
// **What does a WebSocket add to a plain socket, and does that make anything more transparent?**

// %% id="q2-answer-code" tags=["answer", "raises-exception"] nbgrader={"solution": true}
// Your answer to 7.2, in code: one experiment of your own, for a kind of transparency that (a) to (f) do not show.
// BEGIN SOLUTION instead of: throw new NotAnswered('7.2');
// Persistence: the counter is started anew, at the same address. Does it know how far it was?
const mortal = await startCounter(0);
console.log('the sum before:', await add(`ws://127.0.0.1:${mortal.port}`, 5));
await mortal.close();
const reborn = await startCounter(mortal.port);
console.log('the sum after: ', await add(`ws://127.0.0.1:${mortal.port}`, 0));
await reborn.close();
// END SOLUTION

// %% [markdown] id="q3" nbgrader={"task": true, "points": 6}
// ---
// ## 7.3 A middleware
//
// > **Question.** Design a middleware on top of WebSockets whose users see less of the distribution than users of WebSockets do.
//
// Begin on paper: what does somebody write who *uses* your middleware, and what do they no longer have to know? Then choose at least two kinds of
// transparency, and describe the parts that bring them about. Say just as clearly what your design does **not** hide, and why.
//
// To try designs out there are ten experiments, one for each kind of transparency, as RM-ODP (ISO's model of distributed systems) and ANSA name them. What they are made with is a **design**: it can start *hosts*, which
// offer objects under names, and it can *connect* a client to an object. Here is the first one. It is what one writes without a middleware, on plain
// WebSockets:
// <!-- BEGIN MARK SCHEME -->
// **Points** (a model answer is in `instructor/7-model-answer.ipynb`)
//
// - (2) names instead of addresses, with something that resolves them; calls instead of messages: stubs, marshalling, framing
// - (2) says what a call promises when a message is lost: at most once or at least once, keys of calls, a deadline
// - (1) clients find an object again that moved, or another copy of it
// - (1) says what it does *not* hide, and for what reason (Waldo et al., the fallacies of distributed computing, degrees of transparency)
// <!-- END MARK SCHEME -->

// %% id="q3-plain" from="kernel-helpers/middleware/experiments/plain.ts" tags=["no-output"]
import { type Call, type Design, experiments, type Host, ours, type Service } from 'wirebook/middleware/experiments';

// %% [markdown] id="q3-object-text"
// And an object to use it with. An object with a state can give the state away as data, and another one can take it over: how else could it move?

// %% id="q3-object"
function tally(): Service {
  let sum = 0;
  return {
    add: (by: number) => (sum += Number(by)),
    value: () => sum,
    dehydrate: () => sum,
    rehydrate: (state: number) => {
      sum = Number(state);
    },
  };
}

async function tryOut(design: Design): Promise<void> {
  const host = await design.startHost();
  await host.offer('tally', tally);
  const call = await design.connect('tally', host.address);
  await call('add', 2);
  console.log('2 and 3 is', await call('add', 3));
  await host.stop();
  await design.close?.();
}

await tryOut(plain());

// %% [markdown] id="q3-prediction" tags=["prediction"]
// **Predict**, for this design:
//
// - A connection is cut when the work is done, but before the answer has left. What does the client see? Was the work done?
// - A client makes calls, five at a time, and in the middle of that the object moves to another host. What becomes of the calls?
// - Ten clients add 1 at the same time, and the object thinks for a moment before it writes the sum down. What is the sum?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="q3-lock" tags=["prediction"]
predict('q3', ``);

// %% id="q3-break"
const broken = await experiments({ 'plain WebSockets': plain });

// %% id="q3-break-seen"
// Your prediction beside what came of it:
seen('q3', ['failure', 'relocation', 'concurrency'].map((kind) => `${kind}: ${broken.of(kind, 'plain WebSockets')?.evidence}`).join(' '));

// %% [markdown] id="q3-break-notes" tags=["notes"]
// **What I saw**: which rows did you expect, and which not? (A click on a verdict shows what was looked at.)
//
// *(Double-click here and write.)*

// %% [markdown] id="q3-design-text"
// ### Your design
//
// | it has | which does this | if you leave it out |
// |---|---|---|
// | `startHost()` | starts one more host, and gives it | – |
// | `host.offer(name, make)` | `make()` makes an object; from now on it can be called by that name | – |
// | `host.stop()` | as if its computer were switched off | – |
// | `connect(name, address)` | gives a function, `call(method, ...args)`; where the name is enough, the address is not needed | – |
// | `host.move(name, to)` | the object goes to another host, with its state | two rows say *not* |
// | `transaction(steps)` | all of these calls, or none | one row says *not* |
// | `close()` | ends whatever still runs | something may stay behind |
//
// All hosts and clients are in this notebook, so that you can see them. Treat them as if they were on different computers: what one knows of another has come in a
// message. Two rows well understood are worth more than ten.

// %% [markdown] id="q3-answer" tags=["answer"]
// ### Your answer to 7.3
//
// **What an application writes:**
//
// **The parts, and how they work together** (the drawing is below):
//
// **Which kinds of transparency, and by what means:**
//
// **What happens when a message, or the reply to it, is lost:**
//
// **What stays visible, and why that is better:**

// %% id="q3-drawing"
// A place for your drawing: plain WebSockets are in it.
// Make it show what happens in your design when something goes wrong.
import { mermaid } from 'wirebook/display';

mermaid(`sequenceDiagram
  participant C as client
  participant H as host at ws://127.0.0.1:4711
  C->>H: tally, add, 2
  H-->>C: 2
  Note over H: moves, or fails
  C-xH: tally, add, 3`)

// %% id="q3-answer-code" tags=["answer", "raises-exception"] nbgrader={"solution": true}
// Your answer to 7.3, in code.
class Mine implements Design {
  // BEGIN SOLUTION instead of:
  // A design that was written for this question is in instructor/7-model-answer.ipynb; here it is the ready-made one.
  #design = ours();
  close = async (): Promise<void> => await this.#design.close?.();

  // END SOLUTION
  async startHost(): Promise<Host> {
    // BEGIN SOLUTION instead of: throw new NotAnswered('7.3');
    return await this.#design.startHost();
    // END SOLUTION
  }

  async connect(name: string): Promise<Call> {
    // BEGIN SOLUTION instead of: throw new NotAnswered('7.3');
    return await this.#design.connect(name, '');
    // END SOLUTION
  }
}

await tryOut(new Mine());

// %% [markdown] id="q3-trial-text"
// The trial. Only some rows: `experiments({ … }, { only: ['location', 'failure'] })`.

// %% id="q3-trial"
await experiments({ 'plain WebSockets': plain, mine: () => new Mine() })

// %% [markdown] id="q3-ours-prediction" tags=["prediction"]
// ### Another design
//
// `wirebook/middleware` is a design, too: objects by their names, on WebSockets, with everything that we could think of.
//
// **Predict**: which rows can nobody offer in full, however hard they try?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="q3-ours-lock" tags=["prediction"]
predict('q3-ours', ``);

// %% id="q3-ours"
const three = await experiments({ 'plain WebSockets': plain, mine: () => new Mine(), 'wirebook/middleware': ours });

// %% id="q3-ours-seen"
// Your prediction beside what came of it:
const notInFull = three.findings.filter((one) => one.design === 'wirebook/middleware' && one.verdict !== 'offered');
seen('q3-ours', notInFull.map((one) => `${one.kind}: ${one.verdict}`).join(', '));

// %% [markdown] id="q3-explain-text"
// The object has moved, and the client does not know. What happens to its next call? `explain` shows the way of one call, from top to bottom:

// %% id="q3-explain"
import { explain } from 'wirebook/middleware';

const middleware = ours();
const [oneHost, otherHost] = [await middleware.startHost(), await middleware.startHost()];
await oneHost.offer('tally', tally);
const callTally = await middleware.connect('tally');
await callTally('add', 2);
await oneHost.move?.('tally', otherHost);

const afterwards = callTally('add', 3);
console.log('2 and 3 is', await afterwards);
await middleware.close?.();
explain(afterwards)

// %% [markdown] id="q3-without-text"
// Each kind of transparency is a switch in it. What does a caller see when one of them is off?

// %% id="q3-without"
await experiments(
  {
    'all of it': ours,
    'without failure': () => ours({ without: ['failure'] }),
    'without relocation': () => ours({ without: ['relocation'] }),
  },
  { only: ['failure', 'relocation'] },
)

// %% [markdown] id="q3-notes" tags=["notes"]
// **What I saw**: where does the other design do more than yours, and what does it pay for that? Where it says *partly* or *not*: what would have to be true of networks
// for it to say *offered*?
//
// *(Double-click here and write.)*

// %% [markdown] id="q4" nbgrader={"task": true, "points": 2}
// ---
// ## 7.4 A port scanner
//
// > **Question.** Which ports of your machine are open? Write the program that finds out: a port scanner.
//
// A scanner knocks at one port after another and reports where somebody opens. Before you write one, decide: what does *open* look like, what *closed*, and is there a
// third answer? How many doors do you knock at simultaneously, and how long do you wait at each?
//
// **Scan your own machine only.** To scan computers of others without their permission is against the rules of every network, and in many countries against the law.
//
// So that you can tell whether your scanner is right, three servers hide in a range of 200 ports:
// <!-- BEGIN MARK SCHEME -->
// **Points** (a model answer is in `instructor/7-model-answer.ipynb`)
//
// - (1) open, closed and no answer are told apart
// - (1) a limit to how many ports are asked at once, and to how long each is waited for
//
// The check of the scanner gives the others:
//
// - (1) finds the three, and nothing else; a socket that met itself is not counted
// - (1) scans this machine only, and refuses others
// <!-- END MARK SCHEME -->

// %% id="q4-planted"
const first: number = 20_000 + 200 * mine.integer('range', 0, 39); // yours alone, as are the three ports
const last: number = first + 199;
const planted: number[] = [];
for (let tries = 1; planted.length < 3; tries++) {
  const candidate = first + mine.integer(`port ${tries}`, 0, 199);
  if (planted.includes(candidate)) continue;
  try {
    planted.push((await serve(candidate, () => {}, { name: `planted ${planted.length + 1}` })).port);
  } catch {
    // Somebody else has that one.
  }
}
console.log(`Three servers hide between ${first} and ${last}.`);

// %% [markdown] id="q4-trap-text"
// Before you begin, one strange experiment: a socket that is bound to a port, and then connects to *that very port*. Nobody listens there.

// %% [markdown] id="q4-prediction" tags=["prediction"]
// **Predict**: what does `connect` say?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="q4-lock" tags=["prediction"]
predict('q4', ``);

// %% id="q4-trap"
const lonely = socket.socket();
lonely.settimeout(1);
await lonely.bind(['127.0.0.1', 0]);
const itself = lonely.getsockname();
try {
  await lonely.connect(itself);
  seen('q4', `connected: ${lonely.getsockname()} → ${lonely.getpeername()}`);
} catch (error) {
  seen('q4', `${error.name} ${error.message}`);
}
await lonely.close();

// %% [markdown] id="q4-trap-notes" tags=["notes"]
// **What I saw**: what could this mean for somebody who knocks at *all* ports of their own machine, and believes every connection?
//
// *(Double-click here and write.)*

// %% id="q4-answer-code" tags=["answer", "raises-exception"] nbgrader={"solution": true}
// Your answer to 7.4, in code: the open ports of `host`, from `from` to `to`.
async function scan(host: string, from: number, to: number): Promise<number[]> {
  // BEGIN SOLUTION instead of: throw new NotAnswered('7.4');
  if (host !== '127.0.0.1' && host !== 'localhost') throw new Error('this scanner asks its own machine only');
  const open: number[] = [];
  let next = from;
  async function worker(): Promise<void> {
    while (next <= to) {
      const port = next++;
      const client = socket.socket();
      client.settimeout(0.5);
      try {
        await client.connect([host, port]);
        // A socket that was given the very port that it asks for has met itself.
        if ((client.getsockname() as [string, number])[1] !== port) open.push(port);
      } catch {
        // Refused at once: closed. No answer in time: a firewall, perhaps. Neither is open.
      } finally {
        await client.close();
      }
    }
  }
  await Promise.all(Array.from({ length: 50 }, worker));
  return open.sort((a, b) => a - b);
  // END SOLUTION
}

console.log(await scan('127.0.0.1', first, last));

// %% [markdown] id="q4-trial-text"
// The trial: does it find what is hidden, and nothing that is not there?

// %% id="q4-trial" tags=["trial", "raises-exception"]
const found: number[] = await scan('127.0.0.1', first, last);
console.log('hidden and found:', planted.filter((port) => found.includes(port)).length, 'of', planted.length);
console.log('found besides:   ', found.filter((port) => !planted.includes(port)).join(', ') || 'nothing');

// %% id="q4-check" tags=["check"] nbgrader={"grade": true, "points": 2}
await check("7.4")

// %% [markdown] id="q4-compare-text"
// When yours works, compare it with one that is ready made: it asks the same ports, and then all ports of this machine, with the programs behind them.

// %% id="q4-compare"
import { scan as readyMade } from 'wirebook/scan';

const theirs = await readyMade('127.0.0.1', { ports: `${first}-${last}` });
console.log('open, says the ready-made one:', theirs.open.map((one) => one.port).join(', '));

// %% id="q4-machine"
await readyMade()

// %% [markdown] id="q4-answer" tags=["answer"]
// ### Your answer to 7.4
//
// **How your scanner tells the possible answers of a port apart:**
//
// **The open ports of your machine, and the programs behind them:**
//
// **How long a scan of all 65,535 ports takes, and what limits it:**

// %% id="q4-close"
for (const one of servers()) await one.close();
console.log('servers that still run:', servers().length);

// %% [markdown] id="end"
// ---
// ## The end
//
// That was the lab. Choose *Kernel → Restart Kernel and Run All Cells…* in every notebook once more, read through what you wrote, save, and hand them in as
// **[the index](0-index.ipynb)** says.
