// ---
// jupyter:
//   kernelspec:
//     display_name: TypeScript (Wirebook)
//     language: typescript
//     name: wirebook
// ---

// %% [markdown] id="title"
// # 6. Creating a client
//
// **Time**: about 20 minutes. **You need**: this notebook, and notebook 5 with its server running if you like. No network; a second computer only for 6.6, which may be left
// out.
//
// **What you will learn**
//
// - to talk to a server by hand, with telnet
// - to write the smallest client, and what it has to know
// - what changes when client and server are on different computers, and what does not

// %% [markdown] id="find-server"
// ## 6.1 Is the server there?
//
// This notebook has a kernel of its own: it is another program than notebook 5, and could as well run elsewhere. If the server of notebook 5 is
// still running, we use that. Otherwise a server like it is started here, so that this notebook works alone, too.

// %% id="imports" tags=["no-output"]
import * as socket from 'wirebook/socket';
import { computers, interfaces, labPort, reachable, telnet } from 'wirebook/host';
import { personal, predict, seen } from 'wirebook/lesson';
import { serve } from 'wirebook/serve';

const mine = personal('6-creating-a-client'); // numbers of your own: see the index

// %% id="knock"
const port: number = labPort(12345);

const knock = socket.socket();
knock.settimeout(2);
const answered: boolean = (await knock.connectEx(['127.0.0.1', port])) === 0;
await knock.close();
const finding: string = answered ? 'Somebody listens: the server of notebook 5.' : 'Nobody listens.';
console.log(`Port ${port}: ${finding}`);

// %% id="stand-in-server"
if (answered) {
  console.log('No server is needed here. Watch the one in notebook 5.');
} else {
  const ours = await serve(port, async (conn, addr) => {
    console.log('Got connection from', addr);
    await conn.sendall('Thank you for connecting');
  }, { address: '' });
}

// %% [markdown] id="notes-6-1" tags=["notes"]
// **My notes on 6.1**: was it the server of notebook 5 that answered, or one of this notebook?
//
// *(Double-click here and write.)*

// %% [markdown] id="telnet"
// ## 6.2 By hand
//
// `telnet` is one of the oldest programs of the Internet. It connects to a port, shows what arrives, and sends what you type. For a server that
// speaks text no better tool exists; yet most systems come without it today, so here is one that works in a cell. In a terminal you would type
// `telnet localhost 12345`. Which of the programs that old texts (and newer ones) call for does this computer have?

// %% id="programs"
import { execFileSync } from 'node:child_process';

for (const program of ['telnet', 'nc', 'ifconfig', 'ip', 'ipconfig']) {
  let answer: string;
  try {
    answer = execFileSync(process.platform === 'win32' ? 'where' : 'which', [program], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    answer = 'not here';
  }
  console.log(program.padEnd(9), answer);
}

// %% [markdown] id="localhost"
// > **Claim.** `localhost` is `127.0.0.1`.

// %% [markdown] id="predict-telnet" tags=["prediction"]
// **Predict**: which address does telnet try? Who ends the conversation?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-telnet" tags=["prediction"]
predict('telnet', ``);

// %% id="telnet-localhost"
await telnet('localhost', port);
const tried = await socket.getaddrinfo('localhost', port, socket.AF_UNSPEC, socket.SOCK_STREAM);
seen('telnet', `localhost is ${tried.map(([, , , , where]) => where[0]).join(' and ')} here; the server ended the conversation`);

// %% [markdown] id="notes-6-2" tags=["notes"]
// **What I saw**: look at the lines that begin with "Trying". (On some computers there are two of them: `::1` is the address of IPv6 for the machine
// itself.) What did the server print, and where?
//
// *(Double-click here and write.)*

// %% [markdown] id="client"
// ## 6.3 By program
//
// The whole client. Make a socket; the server's address; connect; receive; close.

// %% [markdown] id="predict-data" tags=["prediction"]
// **Predict**: what will the line `console.log(data)` print?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-data" tags=["prediction"]
predict('data', ``);

// %% id="smallest-client"
const s = socket.socket();
await s.connect(['127.0.0.1', port]);
const data: Buffer = await s.recv(1024);
console.log(data);
await s.close();
seen('data', `a ${data.constructor.name} of ${data.length} bytes`);

// %% [markdown] id="decode-text"
// What travels is bytes. That they are text, and in which encoding, was agreed on between the author of the server and you, outside of the
// program:

// %% id="decode"
data.toString('utf8')

// %% [markdown] id="function-text"
// We shall need the client several times, so it becomes a function. It has learned from notebooks 2 and 4: it has a time limit, it reads to the end,
// and it closes in any case.

// %% id="client-function"
async function visit(ip: string, at: number = port): Promise<string> {
  const client = socket.socket();
  client.settimeout(3);
  try {
    await client.connect([ip, at]);
    const pieces: Buffer[] = [];
    for (;;) {
      const piece = await client.recv(1024);
      if (piece.length === 0) break;
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  } finally {
    await client.close();
  }
}

await visit('127.0.0.1')

// %% [markdown] id="check-6-3-text"
// A checkpoint: your client meets two servers, one that is slow and one that says nothing.

// %% id="check-6-3" tags=["check"]
await check("6.3")

// %% [markdown] id="notes-6-3" tags=["notes"]
// **What I saw**: list all that the client had to *know* about the server before it could get one sentence from it.
//
// *(Double-click here and write.)*

// %% [markdown] id="two-computers"
// ## 6.4 One computer, many addresses
//
// For a program, another computer is another *address*. So let's visit the server at other addresses than `127.0.0.1`. These are the ones of
// this machine:

// %% id="addresses"
interfaces()

// %% [markdown] id="elsewhere-text"
// Many systems also answer at every address that begins with `127.`, as you saw in notebook 1. The next cell collects the addresses that work
// here: what can be bound is ours.

// %% id="elsewhere"
const outside: string[] = interfaces().filter((i) => i.family === 'IPv4' && !i.internal).map((i) => i.address);
const others: string[] = [];
for (const ip of ['127.0.0.2', ...outside]) {
  const trial = socket.socket();
  try {
    await trial.bind([ip, 0]);
    others.push(ip);
  } catch (error) {
    console.log('not an address of this machine:', ip, `(${error.message})`);
  }
  await trial.close();
}
console.log('other addresses of this machine:', others.join(', ') || 'none, until it joins a network');

// %% [markdown] id="predict-elsewhere" tags=["prediction"]
// **Predict**: will the server answer there? And which address of *ours* will it print?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-elsewhere" tags=["prediction"]
predict('elsewhere', ``);

// %% id="visit-elsewhere"
const visits: string[] = [];
for (const ip of ['127.0.0.1', ...others]) {
  try {
    visits.push(`${ip} → ${await visit(ip)}`);
  } catch (error) {
    visits.push(`${ip} → ${error.name}, ${error.message}`);
  }
}
console.log(visits.join('\n'));
seen('elsewhere', visits.join('; '));

// %% [markdown] id="bound-text"
// It depends on what the server is bound to. Here are two servers, alike but for that:

// %% id="narrow-and-wide"
const greet = (conn: socket.Socket): Promise<void> => conn.sendall('Thank you for connecting');
const narrow = await serve(0, greet, { address: '127.0.0.1', name: 'narrow' });
const wide = await serve(0, greet, { address: '', name: 'wide' });

for (const server of [narrow, wide]) {
  for (const ip of ['127.0.0.1', ...others]) {
    try {
      console.log(`${server.name} server, asked at ${ip}:`, await visit(ip, server.port));
    } catch (error) {
      console.log(`${server.name} server, asked at ${ip}:`, error.name);
    }
  }
}
await narrow.close();
await wide.close();

// %% [markdown] id="notes-6-4" tags=["notes"]
// **What I saw**: who could be reached at which address, and why? Which address did the server see you come from, and who chose that?
//
// *(Double-click here and write.)*

// %% [markdown] id="small-network"
// ## 6.5 Two computers in one
//
// The lab sheet's task: run the server and the client on different computers. `computers` makes two, as well as your system can: on Linux each has a
// network of its own, with an address, an interface and a cable; elsewhere they are programs with another loopback address, or programs only. It says
// which.

// %% id="computers"
const { alice, bob, network } = await computers('alice', 'bob');

// %% [markdown] id="run-there"
// `bob.run(function, arguments)` runs a function there. It is another program: it knows its arguments, and what it imports itself, but no variable of
// this notebook. What it prints appears here. So this is the server, on bob:

// %% id="server-on-bob"
const number: number = mine.integer('visitor', 100, 999); // yours alone
const bobsPort: number = await bob.run(async (address: string, number: number) => {
  const { serve } = await import('wirebook/serve');
  const server = await serve(0, async (conn, addr) => {
    console.log('Got connection from', addr);
    await conn.sendall(`Thank you for connecting, visitor ${number}`);
  }, { address });
  return server.port;
}, bob.address, number);
console.log('bob serves on port', bobsPort);

// %% [markdown] id="find-address"
// The sheet asks you to find the address of the server's computer with `ifconfig`, in the line that begins with "inet". Where the program is installed
// that is `await bob.exec('ifconfig')`. This shows the same:

// %% id="bobs-addresses"
await bob.interfaces()

// %% [markdown] id="predict-alice" tags=["prediction"]
// **Predict**: alice connects to that address. Which address will bob print? What would happen at `127.0.0.1`?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-alice" tags=["prediction"]
predict('alice', ``);

// %% id="client-on-alice"
const answer: string = await alice.run(async (ip: string, at: number) => {
  const socket = await import('wirebook/socket');
  const client = await socket.createConnection([ip, at]);
  const bytes = await client.recv(1024);
  await client.close();
  return bytes.toString('utf8');
}, bob.address, bobsPort);
console.log('alice got:', answer);
seen('alice', `alice reached bob at ${bob.address} and got: ${answer}`);

// %% [markdown] id="cut-text"
// Now cut the cable, as somebody's foot does. (Only where there is one: see what `computers` said.) The server is not touched.

// %% [markdown] id="predict-cut" tags=["prediction"]
// **Predict**: what does alice's client get, and how soon? How could she tell it from a server that is closed?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-cut" tags=["prediction"]
predict('cut', ``);

// %% id="cut-cable"
let without: string;
try {
  await network.cut(bob);
  without = await alice.run(async (ip: string, at: number) => {
    const { reachable } = await import('wirebook/host');
    const { finding, advice } = await reachable(ip, at, { timeout: 4 });
    return `${finding}. ${advice}`;
  }, bob.address, bobsPort);
  await network.mend();
} catch (error) {
  without = error.message;
}
console.log(without);
seen('cut', without);

// %% [markdown] id="notes-6-5" tags=["notes"]
// **What I saw**: which word of the client had to change for the other computer? Why could alice not reach bob at `127.0.0.1`?
//
// *(Double-click here and write.)*

// %% [markdown] id="second-machine"
// ## 6.6 Two computers, really
//
// Work in pairs if you can. On a shared course server this part is not possible; then read it, and answer the question at its end.
//
// 1. Both computers must be in the same network. At home that is usually so. Networks of schools and hotels often keep their guests apart; the hotspot of a
//    telephone usually does not.
// 2. On the **server's** computer, run notebook 5 up to 5.5, with the empty address in `bind`. Run `interfaces()`, and note the IPv4 address in the row that
//    is *not* "this machine only": it looks like `192.168.1.23` or `10.0.0.7`.
// 3. Let the firewall of that computer admit Node for private networks. Windows and macOS ask you. On Linux you may have to allow the port, for example with
//    `sudo ufw allow 12345/tcp`; take it back afterwards with `sudo ufw delete allow 12345/tcp`.
// 4. On the **client's** computer, put the noted address into the next cell and run it.

// %% id="second-computer"
const serverAddress: string = '127.0.0.1'; // ← the address of the other computer

await visit(serverAddress)

// %% [markdown] id="reachable-text"
// If that fails, this says at what, and what to try:

// %% id="reachable"
await reachable(serverAddress, port)

// %% [markdown] id="second-machine-failures"
// If it does not work, the kind of failure tells where to look. Refused at once: the computer is there, but nobody listens at that address and port. A
// `TimeoutError`: a firewall keeps silent, or the address is wrong. "No route" or "unreachable": the two are not in one network.

// %% [markdown] id="notes-6-6" tags=["notes"]
// **What I saw**: which line had to change, and how did you find out what to write there? What would you have to change if the server moved to a third
// computer tomorrow?
//
// *(Double-click here and write.)*

// %% [markdown] id="recap"
// ## What you have seen
//
// - With telnet you can be the client of every server that speaks text.
// - `localhost` is a name. It may have more than one address.
// - A client must know the address, the port and the meaning of the bytes in advance.
// - For the program, a server next door and one far away differ in one word, the address. What differs besides, notebook 7 asks.
//
// One note of notebook 5 is still open, what its server printed meanwhile: **[back to 5.8](5-creating-a-server.ipynb#5.8-Leave-it-running)**.
//
// Now the questions: **[7. Questions](7-questions.ipynb)**.
