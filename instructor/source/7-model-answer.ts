// ---
// jupyter:
//   kernelspec:
//     display_name: TypeScript (Wirebook)
//     language: typescript
//     name: wirebook
// ---

// %% [markdown] id="title"
// # 7. Questions: a model answer
//
// For instructors. Students are not given this notebook: it answers what notebook 7 asks. It says what to look for in their answers, and has a design of
// a middleware for 7.3 that runs, with what it offers and what not. There are many other good designs.
//
// ## How the 20 points are given
//
// | question | for | points |
// |---|---|---|
// | 7.1 | predicts that the connection is refused (ECONNREFUSED), and shows it | 1 |
// | | says why: the host is there, and its system answers with a reset (RST), because nothing listens at the port | 1 |
// | | tells it from the others: no answer at all until the client gives up (a firewall, no such host, a full queue), and a name that nobody knows | 1 |
// | | ties it to failure transparency: what the server's side suffers reaches the caller, and the caller has to deal with it | 1 |
// | 7.2 | a definition: that parts are on several computers is concealed, from users *and* from programmers | 1 |
// | | four kinds or more, each with something that the student *saw* in a cell; location (the address is the name) and failure are among them | 4 |
// | | tells sockets from WebSockets: these add messages (framing), and a URL for a name; both still say where | 1 |
// | 7.3 | names instead of addresses, with something that resolves them; calls instead of messages: stubs, marshalling, framing | 2 |
// | | says what a call promises when a message is lost: at most once or at least once, keys of calls, a deadline | 2 |
// | | clients find an object again that moved, or another copy of it | 1 |
// | | says what it does *not* hide, and for what reason (Waldo et al., the fallacies of distributed computing, degrees of transparency) | 1 |
// | 7.4 | open, closed and no answer are told apart | 1 |
// | | a limit to how many ports are asked at once, and to how long each is waited for | 1 |
// | | finds the three, and nothing else; a socket that met itself is not counted | 1 |
// | | scans this machine only, and refuses others | 1 |
//
// The table of experiments supports the points of 7.3 and gives none by itself. A design that passes them all, but is not understood by who handed it in, has not
// answered the question. One that passes three, and says of the others why it left them out, may have.

// %% [markdown] id="design"
// ---
// ## 7.3 The design
//
// **What an application writes**: `const call = await connect('counter'); await call('add', 1)`. No address, no port, no text to put together and take apart.
//
// **The parts, and how they work together.** A *directory* is a server that all know. For every name it keeps the hosts that offer it, the object's state with a version,
// and the results of the last calls by their keys. A *host* makes the object anew for every call, gives it the state, runs the method, and has the
// directory keep the new state together with the result, if the version is still the one that it began with. A *client* asks the directory for the hosts of a name, and
// calls the first one that answers; where none does, it asks the directory again. Every question goes over a WebSocket of its own, written as Node's `v8.serialize` writes values.

// %% id="drawing"
import { mermaid } from 'wirebook/display';

mermaid(`sequenceDiagram
  participant C as client
  participant A as host A
  participant B as host B
  participant D as directory
  C->>D: find counter
  D-->>C: A, B
  C->>A: call 1: add(1)
  A->>D: load counter, call 1
  D-->>A: version 0
  A->>D: keep version 1: state 1, call 1 gave 1
  A--xC: 1 (the connection breaks)
  Note over A: switched off
  C-xA: call 1 again
  C->>B: call 1 again
  B->>D: load counter, call 1
  D-->>B: it gave 1
  B-->>C: 1`)

// %% [markdown] id="means"
// **Which kinds of transparency, and by what means**
//
// - *Access*: values and errors keep their types. A list that the method adds to stays as it is at the caller's, who has sent a copy.
// - *Location*: names. Only the directory has to be found by its address.
// - *Migration, relocation*: the state is not on the host, so a move is a change in the list of hosts. Who asks the old one is told that the object is not there, and asks the
//   directory again. A client sends the calls of one object one by one; so they stay in order, whatever happens to them on the way.
// - *Replication*: any host that offers the name can run the next call. If two do at once, the version lets one of them win; the other call is made again.
// - *Failure*: every call has a key. It is asked again until there is an answer, or fifty times, and what has a result already is not run again.
// - *Persistence*: the state outlives the host, as long as the directory does.
// - *Concurrency*: on a host the calls of one object wait for each other; between hosts there is the version.
// - *Scaling*: calls of objects without a state go to all hosts in turn.
//
// **When a message, or the reply to it, is lost**, the client cannot know which of them it was. It asks again with the same key: at least once, with an effect that is kept once.
// Where there is no answer at all it says what it knows: it may have been done, or not.

// %% id="model" tags=["no-output"]
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import { WebSocketServer } from 'wirebook/lesson';
import type { Call, Design, Host, Service } from 'wirebook/middleware/experiments';

/** No answer from there, or not now: to ask again, with the same key, does no harm. */
class Lost extends Error {}

/** Tries until it is not lost any more, for a second or two. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
    await pause(20);
  }
  throw new Error('no answer after 50 tries: it may have been done, or not');
}

/** Makes a line in which each work waits for the one before it, failed or not. */
function makeLine() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}

/** Answers questions over WebSockets: what is asked, and arguments; back come how it ended, and a value. */
async function answering(answers: Record<string, (...args: any[]) => unknown>) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (ws) => ws.on('message', async (data) => {
    const [what, ...args] = deserialize(data as Buffer);
    try {
      ws.send(serialize(['ok', await answers[what](...args)]));
    } catch (error) {
      ws.send(serialize([error instanceof Lost ? 'lost' : 'error', error]));
    }
  }));
  return {
    address: `ws://127.0.0.1:${(server.address() as { port: number }).port}`,
    stop: () => new Promise<void>((resolve) => {
      for (const ws of server.clients) ws.terminate();
      server.close(() => resolve());
    }),
  };
}

/** Asks over a WebSocket of its own. */
function ask(address: string, ...question: unknown[]): Promise<any> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(address);
    ws.binaryType = 'arraybuffer';
    ws.onopen = () => ws.send(serialize(question));
    ws.onclose = () => reject(new Lost());
    ws.onmessage = ({ data }) => {
      const [how, value] = deserialize(Buffer.from(data));
      if (how === 'ok') resolve(value);
      else reject(how === 'lost' ? new Lost() : value);
      ws.close();
    };
  });
}

/** For each name: who offers it, what the object has become, and the results of its last calls. */
function directory() {
  const entries = new Map<string, { hosts: string[]; isStateful: boolean; version: number; state?: unknown; results: Map<string, unknown> }>();
  return answering({
    offer(name, host, isStateful) {
      const entry = entries.get(name) ?? { hosts: [], isStateful, version: 0, results: new Map() };
      entries.set(name, { ...entry, hosts: [...entry.hosts.filter((one) => one !== host), host] });
    },
    withdraw(name, host) {
      const entry = entries.get(name)!;
      entry.hosts = entry.hosts.filter((one) => one !== host);
    },
    find: (name) => ({ hosts: [], isStateful: true, ...entries.get(name), state: undefined, results: undefined }),
    load: (name, key) => ({ ...entries.get(name)!, results: undefined, known: entries.get(name)!.results.get(key) }),
    keep(name, version, state, key, result) {
      const entry = entries.get(name)!;
      if (entry.results.has(key)) return; // Asked again, since the answer was lost.
      if (entry.version !== version) throw new Lost('somebody else was quicker');
      Object.assign(entry, { version: version + 1, state });
      entry.results.set(key, result);
      if (entry.results.size > 100) entry.results.delete(entry.results.keys().next().value!);
    },
  });
}

/** @param tell asks the directory, until it has answered */
async function startHost(tell: (...question: unknown[]) => Promise<any>): Promise<Host> {
  const makes = new Map<string, () => Service>();
  const lines = new Map<string, ReturnType<typeof makeLine>>();
  const run = async (name: string, key: string, method: string, args: unknown[]): Promise<unknown> => {
    const object = makes.get(name)?.();
    if (!object) throw new Lost('it has moved');
    if (!object.dehydrate) return await object[method](...args);
    const { version, state, known } = await tell('load', name, key);
    if (known) return known.value;
    if (version > 0) object.rehydrate(state);
    const value = await object[method](...args);
    await tell('keep', name, version, object.dehydrate(), key, { value });
    return value;
  };
  const { address, stop } = await answering({
    call: (name, ...rest: [string, string, unknown[]]) => {
      if (!lines.has(name)) lines.set(name, makeLine());
      return lines.get(name)!(() => run(name, ...rest));
    },
  });
  return {
    address, stop,
    async offer(name, make) {
      makes.set(name, make);
      await tell('offer', name, address, 'dehydrate' in make());
    },
    async move(name, to) {
      await to.offer(name, makes.get(name)!);
      await tell('withdraw', name, address);
      makes.delete(name);
    },
  };
}

class Model implements Design {
  #directory = directory();
  #tell = (...question: unknown[]) => again(async () => ask((await this.#directory).address, ...question));
  startHost = () => startHost(this.#tell);
  close = async () => (await this.#directory).stop();

  async connect(name: string): Promise<Call> {
    const line = makeLine();
    let { isStateful, hosts } = await this.#tell('find', name);
    return (method, ...args) => {
      const key = randomUUID();
      const call = () => again(async () => {
        if (!isStateful) hosts.push(hosts.shift());
        for (const host of [...hosts])
          try {
            return await ask(host, 'call', name, key, method, args);
          } catch (error) {
            if (!(error instanceof Lost)) throw error;
          }
        ({ hosts } = await this.#tell('find', name));
        throw new Lost();
      });
      return isStateful ? line(call) : call();
    };
  }
}

// %% [markdown] id="results-text"
// What the experiments say of it:

// %% id="results"
import { experiments, ours } from 'wirebook/middleware/experiments';

await experiments({ 'the model answer': () => new Model(), 'wirebook/middleware': ours })

// %% [markdown] id="discussion"
// ## Discussion
//
// **What stays visible, and why that is better.** A call is a promise, takes a thousand times as long as one here, and can end without an answer. Waldo, Wyant, Wollrath and
// Kendall (*A Note on Distributed Computing*, 1994) name four things that cannot be hidden: latency, memory access (hence the copied list), partial failure, and
// concurrency. An interface that looks local lets programs be written that cannot bear them. So three rows say *partly* for every design: nobody can answer for the only host when it
// is gone, and nobody can tell a lost question from a lost answer or from a slow host by waiting.
//
// **What the table does not see**, and a good answer says of its own design:
//
// - The directory is one process. When it ends, everything does, and all states are gone: nothing of it is on a disk. `wirebook/middleware` has a journal that is synced before anybody
//   hears of a change, and another process takes over.
// - A call takes three connections and sends the whole state twice. On the machine where this was written that is some milliseconds; `wirebook/middleware` keeps
//   its connections and takes a fraction of one.
// - If two hosts run calls of one object at once, the method of the one who loses has run, too: what it did *outside* its state (an e-mail, a door) is done twice. An owner, and a
//   lease for it, prevent that, and bring a second of waiting when an owner dies.
// - Results are remembered for a hundred calls. Who asks again after that is served twice.
// - A call that throws is not remembered, and runs again when its answer is lost.
// - Anybody who finds the port may call, and `v8.deserialize` believes what it gets. There is no secret and no TLS.
// - Transactions are left out: two objects with two versions need a third party that remembers what was decided (two-phase commit), and then they wait for it when it is gone. One
//   object for both accounts, or undoing in steps (a saga), is often the better design.
//
// **Other designs that are worth full points**: heartbeats and an owner with a lease; all hosts hold the state, and one of them leads; the client library asks all hosts it
// knows (no directory); plain HTTP-like retries where all methods can be repeated without harm. What counts is that the promise is stated, and kept in the experiments that it is about.
//
// **Common mistakes**
//
// - Trying again without a key: the row *failure* says that the work was done twice. A good question to ask back: how often is a tea ordered?
// - A key for each *try* instead of each call.
// - `connect` looks into a variable of the host. It works here, and would on no two computers: the experiments see that no connection was made, but not every such shortcut.
// - The directory is asked once, when the client connects: migration fails.
// - No limit to waiting: the experiment gives up after two seconds, and says so.
// - The client's queue has no end: every call waits for one that never ends.
