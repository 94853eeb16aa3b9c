// ---
// jupyter:
//   kernelspec:
//     display_name: TypeScript (Wirebook)
//     language: typescript
//     name: wirebook
// ---

// %% [markdown] id="title"
// # 1. Creating a socket
//
// **Time**: about 15 minutes. **You need**: this notebook. No network, no other notebook.
//
// **What you will learn**
//
// - what a socket is, and what its two parameters decide
// - that an address is a pair: an IP address and a port
// - whether an IP address identifies a computer, and whether a port can be reserved
// - what *connection-oriented* means, by seeing what happens without a connection

// %% [markdown] id="what-is-a-socket"
// ## 1.1 The first socket
//
// Your programs cannot reach the network card. They ask the operating system, and the thing that they get to talk through is a
// **socket**: one end of a conversation that may or may not have begun. A program holds it like an open file. Sockets are not a
// middleware, but nearly every middleware, and every web server, stands on them.
//
// The module that we use has the names that Python's module `socket` has, so what you read about one is true of the other. One
// difference runs through all the notebooks: a call that has to wait for the network gives a *promise*, and you write `await`
// before it.

// %% id="import-socket" tags=["no-output"]
import * as socket from 'wirebook/socket';
import { personal, predict, seen } from 'wirebook/lesson';

const mine = personal('1-creating-a-socket'); // numbers of your own: see the index

// %% id="first-socket"
const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
s

// %% [markdown] id="two-parameters"
// The last line of a cell is shown, and a socket shows how it stands. The two parameters have become its *family* and its *type*:
//
// - `AF_INET`, the **address family**, says how partners are addressed: by an address of the Internet Protocol, version 4.
// - `SOCK_STREAM`, the **type**, says how data travels: as one continuous stream of bytes over a connection. The protocol that
//   does this is TCP.
//
// Nothing has been sent to anybody so far. The names are only numbers, from the header files of your operating system:

// %% id="constants"
console.log('AF_INET     =', socket.AF_INET);
console.log('AF_INET6    =', socket.AF_INET6, ' (Internet Protocol, version 6)');
console.log('SOCK_STREAM =', socket.SOCK_STREAM);

// %% [markdown] id="defaults"
// `AF_INET6` has another value on Linux, macOS and Windows; that is why programs use the names. Both parameters may be left out,
// and then the two from above are taken. You will often see `socket.socket()`.

// %% [markdown] id="notes-1-1" tags=["notes"]
// **My notes on 1.1**: what do the two parameters decide?
//
// *(Double-click here and write.)*

// %% [markdown] id="addresses"
// ## 1.2 An address is a pair
//
// A message on the Internet goes to a pair: an **IP address**, which leads to a machine, and a **port**, a number from 0 to 65535
// that leads to the right program there. In TypeScript we write the pair as a tuple.
//
// Giving a socket its own address is called *binding*. Port 0 has a meaning of its own: "any port that is free".

// %% id="bind-any-port"
await s.bind(['127.0.0.1', 0]);
const [address, port] = s.getsockname() as [string, number];
console.log('IP address:', address);
console.log('port:      ', port);

// %% [markdown] id="bind-twice"
// `127.0.0.1` is the address by which every machine calls itself. Can a second socket have the same pair? The next cell is *meant
// to fail* if not. (Read the last lines of what it prints.)

// %% id="same-pair-fails" tags=["raises-exception"]
const second = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
await second.bind([address, port]);

// %% [markdown] id="check-1-2-text"
// A checkpoint: it looks at your work from outside, says what it found, and has hints if something is missing.

// %% id="check-1-2" tags=["check"]
await check("1.2")

// %% [markdown] id="notes-1-2" tags=["notes"]
// **What I saw**: can two sockets of one machine have the same address? What would go wrong if they could?
//
// *(Double-click here and write.)*

// %% [markdown] id="claim-unique"
// ## 1.3 How many addresses has a computer?
//
// > **Claim.** Every computer has an IP address of its own, which no other computer has.

// %% [markdown] id="predict-unique" tags=["prediction"]
// **Predict**: how many IP addresses has the computer that this notebook runs on? Can another computer in the world have
// one of the same?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-unique" tags=["prediction"]
predict('unique', ``);

// %% id="interfaces"
import { interfaces } from 'wirebook/host';

interfaces()

// %% [markdown] id="same-port-elsewhere"
// That is the table which the program `ifconfig` (on Windows `ipconfig`) shows. Count the rows, then look at the column *internal*.
//
// Many systems take not only `127.0.0.1` but every address that begins with `127.` as their own. Above, the pair of `127.0.0.1` and
// our port was taken. And the same port at `127.0.0.2`?

// %% id="second-loopback"
const neighbour = socket.socket();
try {
  await neighbour.bind(['127.0.0.2', port]);
  console.log('bound to', neighbour.getsockname(), 'while the first has', s.getsockname());
} catch (error) {
  console.log('This system does not let us have 127.0.0.2:', error.message);
}
await neighbour.close();
seen('unique', `this computer has ${interfaces().length} addresses`);

// %% [markdown] id="notes-1-3" tags=["notes"]
// **What I saw**: is the claim true? Think of `127.0.0.1` on your computer and on your neighbour's, of a computer with cable and
// Wi-Fi, and of the addresses that begin with `192.168.` or `10.` at your home. What does an IP address identify?
//
// *(Double-click here and write.)*

// %% [markdown] id="claim-reserved"
// ## 1.4 Who owns a port?
//
// > **Claim.** Port 21 belongs to FTP. It is reserved, as are the ports of other well-known services.
//
// An office called IANA keeps a list of which service *should* be found at which port. It knows three ranges:
//
// | ports | called | meant for |
// |---|---|---|
// | 0 – 1023 | system ports | services that everybody knows: 21 FTP, 22 SSH, 53 DNS, 80 HTTP, 443 HTTPS |
// | 1024 – 49151 | user ports | services that somebody has registered: 8080, for example, for web servers |
// | 49152 – 65535 | dynamic ports | whoever needs one for a moment |
//
// Does anything in your computer *enforce* that list? Let's take some ports that are not ours.

// %% [markdown] id="predict-reserved" tags=["prediction"]
// **Predict**: we try port 21, port 8080, and one of the dynamic ports. Which of them can we bind, and who would stop us?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-reserved" tags=["prediction"]
predict('reserved', ``);

// %% id="take-ports"
const dynamic: number = mine.integer('dynamic port', 49_152, 65_535); // yours alone
const ours: number[] = [];
for (const wanted of [21, 8080, dynamic]) {
  const taker = socket.socket();
  try {
    await taker.bind(['127.0.0.1', wanted]);
    console.log(wanted, 'is ours now, and we do not speak its protocol');
    ours.push(wanted);
  } catch (error) {
    console.log(wanted, 'was refused:', error.name, error.message);
  }
  await taker.close();
}
seen('reserved', `of 21, 8080 and ${dynamic} we could bind ${ours.join(', ') || 'none'}`);

// %% [markdown] id="explain-reserved"
// What you see depends on your system and on who you are. Linux lets you read two of its rules: from which port on everybody may bind, and from which
// ports it takes those that it gives away by itself, when you bind port 0 or connect. Compare them with the table of IANA.

// %% id="port-rules"
import { readFileSync } from 'node:fs';

for (const rule of ['ip_unprivileged_port_start', 'ip_local_port_range']) {
  try {
    console.log(`${rule}:`, readFileSync(`/proc/sys/net/ipv4/${rule}`, 'utf8').trim().replace(/\s+/, ' to '));
  } catch {
    console.log(`${rule}: this system does not tell`);
  }
}

// %% [markdown] id="reserved-elsewhere"
// Other systems, other rules. Windows has no privileged ports, but sets whole ranges aside for programs of its own, and says "permission denied" there. macOS lets everybody
// bind port 80 at the empty address, and nobody but root at `127.0.0.1`; its port 5000 is in use by a service of its own.

// %% [markdown] id="notes-1-4" tags=["notes"]
// **What I saw**: what is the difference between a port that is *assigned*, one that is *protected* and one that is *in use*?
//
// *(Double-click here and write.)*

// %% [markdown] id="connection-oriented"
// ## 1.5 What "connection-oriented" means
//
// `SOCK_STREAM` promises a **connection**: before any data flows, both sides agree to talk; at the end they say goodbye. The other
// common type, `SOCK_DGRAM`, sends **datagrams**, single messages, without asking first. Its protocol is UDP.
//
// We look for a port where surely nobody listens, and try both ways to talk to nobody.

// %% id="nobody"
const finder = socket.socket();
await finder.bind(['127.0.0.1', 0]);
const nobody: number = (finder.getsockname() as [string, number])[1];
await finder.close();
console.log(`Nobody listens at port ${nobody}.`);

// %% [markdown] id="predict-nobody" tags=["prediction"]
// **Predict**: what does the sender notice when it sends a datagram to nobody? And when it asks nobody for a connection?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-nobody" tags=["prediction"]
predict('nobody', ``);

// %% id="datagram-to-nobody"
import * as dgram from 'node:dgram';

const letter = dgram.createSocket('udp4');
await new Promise<void>((resolve, reject) => {
  letter.send('Is anybody there?', nobody, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
});
letter.close();
console.log('datagram: sent, no complaint');

// %% [markdown] id="connect-to-nobody-text"
// Now the connection. This cell is meant to fail.

// %% id="connect-to-nobody" tags=["raises-exception"]
const caller = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
try {
  await caller.connect(['127.0.0.1', nobody]);
} catch (error) {
  seen('nobody', `the datagram: no complaint; the connection: ${error.name}`);
  throw error;
}

// %% [markdown] id="notes-1-5" tags=["notes"]
// **What I saw**: who knew that nobody was there, and how did they know? When would you still choose datagrams?
//
// *(Double-click here and write.)*

// %% [markdown] id="closing"
// ## 1.6 Closing
//
// A socket that you are done with is closed: its port becomes free, and a partner would learn that the conversation is over.
// A closed socket is good for nothing any more; the second cell is meant to fail.

// %% id="close"
await s.close();
s

// %% id="use-after-close" tags=["raises-exception"]
s.getsockname()

// %% [markdown] id="notes-1-6" tags=["notes"]
// **My notes on 1.6**: what could happen to a program that runs for months and forgets to close its sockets?
//
// *(Double-click here and write.)*

// %% [markdown] id="recap"
// ## What you have seen
//
// - `socket.socket(socket.AF_INET, socket.SOCK_STREAM)` asks the operating system for one end of a TCP conversation.
// - An address is a pair of IP address and port; in one machine only one socket can be bound to a pair.
// - One computer has several IP addresses, and some of them every other computer has too.
// - The list of standard ports is an agreement. Protecting low ports is a separate matter, and differs between systems.
// - Setting up a connection tells you whether anybody is there. A datagram does not.
//
// Several cells failed in this notebook. How a program deals with that comes next:
// **[2. Error handling](2-error-handling.ipynb)**.
