// ---
// jupyter:
//   kernelspec:
//     display_name: TypeScript (Wirebook)
//     language: typescript
//     name: wirebook
// ---

// %% [markdown] id="title"
// # 3. Connecting to a server
//
// **Time**: about 15 minutes. **You need**: this notebook. A network, or the stand-in for one that the notebook brings along.
//
// **What you will learn**
//
// - how a name becomes an address, and that the answer is not always the same
// - what `connect` does, and how it fails
// - that a connection has two ends, and who chooses the ports

// %% id="imports" tags=["no-output"]
import * as socket from 'wirebook/socket';
import { explain, webTarget } from 'wirebook/host';
import { personal, predict, seen } from 'wirebook/lesson';

const mine = personal('3-connecting-to-a-server'); // numbers of your own: see the index

// %% [markdown] id="choose"
// ## 3.1 A partner to talk to
//
// We need somebody who listens. Choose in the next cell:
//
// - `'internet'`: the web server of `www.google.co.uk`, at port 80.
// - `'stand-in'`: a small web server in your own computer that plays this part. Take it if you have no network, or if one of the
//   cells below advises you to.

// %% id="target"
const target: 'internet' | 'stand-in' = 'internet'; // ← your choice

const web = await webTarget(target);
const { host, port } = web;
console.log(`We shall talk to ${host}, port ${port} (${web.kind}).`);

// %% [markdown] id="notes-3-1" tags=["notes"]
// **My notes on 3.1**: which target did I choose, and in which network was I at the time?
//
// *(Double-click here and write.)*

// %% [markdown] id="names"
// ## 3.2 From a name to an address
//
// `connect` wants an IP address, people want names. In between stands the **Domain Name System** (DNS), a directory that is spread over
// many computers. `gethostbyname` asks it for the address of a name. (The stand-in is known to nobody but us, so we ask through
// `web`; for every other name that is `socket.gethostbyname`.)

// %% id="resolve"
let ip: string = '';
try {
  ip = await web.gethostbyname(host);
  console.log(`The IP address of ${host} is ${ip}.`);
} catch (error) {
  console.log(explain(error, web));
  throw error;
}

// %% [markdown] id="claim-one-address"
// > **Claim.** A name has *the* IP address; `gethostbyname` finds it.
//
// `getaddrinfo` is the newer way to ask. It gives all answers, each as a row of family, type, protocol and address. We ask it for a
// name that every machine knows, and then for our host.

// %% [markdown] id="predict-names" tags=["prediction"]
// **Predict**: how many addresses has `localhost`? How many has `www.google.co.uk`, and would you get the same one at home,
// tomorrow, in Japan?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-names" tags=["prediction"]
predict('names', ``);

// %% id="all-addresses-localhost"
const local = await socket.getaddrinfo('localhost', port, socket.AF_UNSPEC, socket.SOCK_STREAM);
for (const [family, , , , where] of local) {
  console.log(family === socket.AF_INET6 ? 'IPv6' : 'IPv4', where[0]);
}

// %% id="all-addresses-host"
// With the stand-in nobody is asked outside: then it is the name of this computer.
const names: string[] = web.kind === 'internet' ? ['www.google.co.uk', 'google.com'] : [socket.gethostname()];
const counts: string[] = [`localhost ${local.length}`];
for (const name of names) {
  try {
    const answers = await socket.getaddrinfo(name, port, socket.AF_UNSPEC, socket.SOCK_STREAM);
    console.log(name, '→', answers.map(([, , , , where]) => where[0]).join(', '));
    counts.push(`${name} ${answers.length}`);
  } catch (error) {
    console.log(name, '→ no answer:', error.name, error.message);
  }
}
seen('names', `addresses here and now: ${counts.join(', ')}`);

// %% [markdown] id="notes-3-2" tags=["notes"]
// **What I saw**: is the claim true? Run the last cell again after a minute, and compare with a neighbour. Are `www.google.co.uk`
// and `google.com` the same? What could a big company gain by giving different answers to different people?
//
// *(Double-click here and write.)*

// %% [markdown] id="connecting"
// ## 3.3 Connecting
//
// Now the socket, and a time limit: without one, a connection that nobody answers keeps you waiting for minutes. `connect` takes the
// pair of address and port. If it fails, the handler says what that means, and lets the error go on to you.

// %% id="create"
const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
s.settimeout(10); // seconds, for every call from here on
console.log('Socket created:', s);

// %% id="connect"
try {
  await s.connect([ip, port]);
  console.log(`Connected to ${host} at ${ip}.`);
} catch (error) {
  console.log(explain(error, web));
  throw error;
}

// %% [markdown] id="check-3-3-text"
// A checkpoint:

// %% id="check-3-3" tags=["check"]
await check("3.3")

// %% [markdown] id="what-connect-did"
// `connect` came back only when the other side had said yes. Both operating systems have exchanged three small packets for that,
// the *handshake* of TCP; no byte of ours has been sent so far.
//
// You can see them. `trace` records what the sockets of this notebook do while a function runs, and draws it: a line for each end, an arrow
// for each thing that travels. Dashed arrows are packets that no program sends or receives by itself; the operating systems exchange them. (Click on
// a row for more.)

// %% id="handshake"
import { trace } from 'wirebook/trace';

const handshake = await trace(async () => {
  const probe = socket.socket();
  probe.settimeout(10);
  await probe.connect([ip, port]);
  await probe.close();
});

// %% [markdown] id="notes-3-3" tags=["notes"]
// **My notes on 3.3**: did it work at once? If not: what failed, and what did the explanation advise?
//
// *(Double-click here and write.)*

// %% [markdown] id="two-ends"
// ## 3.4 The two ends
//
// A connection has an address at each end. We chose the one over there. Who chose ours?

// %% [markdown] id="predict-ends" tags=["prediction"]
// **Predict**: which port do *we* have? Is it 80 as well? If I connect a second time while the first connection is open, is it the
// same one?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-ends" tags=["prediction"]
predict('ends', ``);

// %% id="ends"
console.log('their end:', s.getpeername());
console.log('our end:  ', s.getsockname());

// %% id="second-connection"
const again = socket.socket();
again.settimeout(10);
await again.connect([ip, port]);
console.log('first: ', s.getsockname(), '→', s.getpeername());
console.log('second:', again.getsockname(), '→', again.getpeername());
await again.close();
seen('ends', `our ports were ${s.getsockname()[1]} and another one; theirs was ${s.getpeername()[1]} both times`);

// %% [markdown] id="notes-3-4" tags=["notes"]
// **What I saw**: the server has one port for all its clients. How can its operating system tell which of the connections an arriving
// packet belongs to? (Four numbers are enough.)
//
// *(Double-click here and write.)*

// %% [markdown] id="ways-to-fail"
// ## 3.5 Three ways not to get there
//
// In notebook 2 a connection was refused. From far away there are more ways to fail. We try the same host at port 81, where it offers
// nothing, and measure how long the answer takes.

// %% [markdown] id="predict-fail" tags=["prediction"]
// **Predict**: what happens at port 81, and how fast? (Would it be the same with the other kind of target?) And with a name that nobody has?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-fail" tags=["prediction"]
predict('fail', ``);

// %% id="wrong-port"
const astray = socket.socket();
astray.settimeout(3);
const began = Date.now();
let at81: string = 'somebody listens there!';
try {
  await astray.connect([ip, 81]);
} catch (error) {
  at81 = `${error.name}, ${error.message}, after ${Date.now() - began} ms`;
}
console.log('port 81:', at81);
await astray.close();

// %% id="wrong-name"
const nowhere: string = `host-${mine.integer('host', 1000, 9999)}.invalid`; // a name of your own; nobody can have one that ends in .invalid
let said: string;
try {
  said = await socket.gethostbyname(nowhere);
} catch (error) {
  said = `${error.name}, ${error.message}`;
}
console.log(`${nowhere}:`, said);
seen('fail', `port 81: ${at81}; ${nowhere}: ${said}`);

// %% [markdown] id="notes-3-5" tags=["notes"]
// **What I saw**: "no such name", "refused", "nothing came back": which computer or program gave each of these answers? Which of
// them can you be sure of, and which may be different a second later?
//
// *(Double-click here and write.)*

// %% [markdown] id="whole"
// ## 3.6 All of it, in one function
//
// A program that connects would do all this in one place, close on failure and let the caller know:

// %% id="open-connection" tags=["no-output"]
async function openConnection(name: string, toPort: number): Promise<socket.Socket> {
  const line = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  line.settimeout(10);
  try {
    await line.connect([await web.gethostbyname(name), toPort]);
    return line;
  } catch (error) {
    await line.close();
    throw error;
  }
}

// %% id="use-open-connection"
const line = await openConnection(host, port);
console.log('connected:', line);
await line.close();
await s.close();

// %% [markdown] id="notes-3-6" tags=["notes"]
// **My notes on 3.6**
//
// *(Double-click here and write.)*

// %% [markdown] id="recap"
// ## What you have seen
//
// - A name can have many addresses, and `gethostbyname` picks one, of IPv4 only. The answer depends on where and when you ask.
// - `connect` returns when the other side has agreed. Without a time limit it may take minutes to say no.
// - A connection is known by four numbers: two addresses and two ports. The operating system chose our port.
// - A wrong name, a refusal and silence are three different failures.
//
// The line is open. Next, something to say: **[4. Sending and receiving](4-sending-and-receiving.ipynb)**.
