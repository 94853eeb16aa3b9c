// ---
// jupyter:
//   kernelspec:
//     display_name: TypeScript (Wirebook)
//     language: typescript
//     name: wirebook
// ---

// %% [markdown] id="title"
// # 4. Sending and receiving
//
// **Time**: about 20 minutes. **You need**: this notebook. A network, or the stand-in for one that the notebook brings along.
//
// **What you will learn**
//
// - that sockets carry bytes, and that text has to be turned into bytes and back
// - to speak HTTP by hand, down to the ends of the lines
// - that a stream has no messages: how much `recv` gives, and how to know the end
// - what it means that sending "succeeded"

// %% id="imports" tags=["no-output"]
import * as socket from 'wirebook/socket';
import { explain, webTarget } from 'wirebook/host';
import { personal, predict, seen } from 'wirebook/lesson';

const mine = personal('4-sending-and-receiving'); // numbers of your own: see the index

// %% [markdown] id="choose"
// ## 4.1 A line to a web server
//
// As in notebook 3: choose whom to talk to, `'internet'` or `'stand-in'` (a web server in your own computer).

// %% id="target"
const target: 'internet' | 'stand-in' = 'internet'; // ← your choice

const web = await webTarget(target);
const { host, port } = web;
console.log(`We shall talk to ${host}, port ${port} (${web.kind}).`);

// %% [markdown] id="open-text"
// Every experiment below wants a fresh connection, so we keep the way to get one in a function. The time limit of 5 seconds holds for
// each call: waiting longer than that ends with a `TimeoutError`.

// %% id="open"
async function open(): Promise<socket.Socket> {
  const line = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  line.settimeout(5);
  try {
    await line.connect([await web.gethostbyname(host), port]);
    return line;
  } catch (error) {
    console.log(explain(error, web));
    await line.close();
    throw error;
  }
}

const test = await open();
console.log('It works:', test.getsockname(), '→', test.getpeername());
await test.close();

// %% [markdown] id="notes-4-1" tags=["notes"]
// **My notes on 4.1**: which target did I choose?
//
// *(Double-click here and write.)*

// %% [markdown] id="bytes"
// ## 4.2 Bytes, not text
//
// A socket carries **bytes**: numbers from 0 to 255. A letter has to become bytes before it travels, and both sides must agree on how. The
// usual agreement is called UTF-8. In Node.js bytes come as a `Buffer`.

// %% id="encode"
const price: string = 'Tea: £2';
const encoded: Buffer = Buffer.from(price, 'utf8');
console.log('letters:', price.length, ' bytes:', encoded.length);
encoded

// %% id="decode"
console.log('as UTF-8:  ', encoded.toString('utf8'));
console.log('as Latin-1:', encoded.toString('latin1'));

// %% [markdown] id="notes-4-2" tags=["notes"]
// **My notes on 4.2**: why are there more bytes than letters? What did the second decoding get wrong, and how could the receiver have
// known better?
//
// *(Double-click here and write.)*

// %% [markdown] id="http"
// ## 4.3 Speaking HTTP by hand
//
// HTTP, the protocol of the web, is text that people can read. A request has a first line with what is wanted, some header lines, and
// an **empty line** that says "that was all":
//
// ```
// GET / HTTP/1.1
// Host: www.google.co.uk
// (an empty line)
// ```
//
// How does a line end? In TypeScript and in Python we would write `"\n"`. The same lab text that you met before does so too:
//
// > **Claim.** `"GET / HTTP/1.1\nHost: " + host + "\n\n"` is an HTTP request.
//
// The standard for HTTP/1.1, RFC 9112 in its section 2.2, has an opinion: a line ends with **CR LF**, two characters, `"\r\n"`; a server
// *may* be generous and take a single LF as well. So the standard leaves it to the server. Let's ask ours.

// %% id="first-line-function" tags=["no-output"]
async function firstLineOfReply(request: string): Promise<string> {
  const line = await open();
  try {
    await line.sendall(request);
    const reply = await line.recv(4096);
    return reply.toString('latin1').split('\r\n')[0] ?? '';
  } finally {
    await line.close();
  }
}

// %% [markdown] id="predict-crlf" tags=["prediction"]
// **Predict**: what does the server answer to the request with LF? And with CR LF?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-crlf" tags=["prediction"]
predict('crlf', ``);

// %% id="lf-request"
const sloppy: string = await firstLineOfReply('GET / HTTP/1.1\nHost: ' + host + '\n\n');
console.log('LF:   ', sloppy);

// %% id="crlf-request"
const correct: string = await firstLineOfReply('GET / HTTP/1.1\r\nHost: ' + host + '\r\n\r\n');
console.log('CR LF:', correct);
seen('crlf', `with LF: ${sloppy}; with CR LF: ${correct}`);

// %% [markdown] id="notes-4-3" tags=["notes"]
// **What I saw**: which requests were accepted? The number at the start of a reply tells: 2xx "fine", 3xx "elsewhere", 4xx "your
// mistake". Is a request with LF correct if *one* server takes it? (Try the other target as well.)
//
// *(Double-click here and write.)*

// %% [markdown] id="recv"
// ## 4.4 How much does `recv` give?
//
// > **Claim.** `recv(4096)` receives 4096 bytes.
//
// We send a correct request and call `recv(4096)` a few times, with an eye on how many bytes come. The header
// `Connection: close` asks the server to end the connection after its reply; in a moment you will see what that is good for.

// %% [markdown] id="predict-recv" tags=["prediction"]
// **Predict**: how many bytes does each call bring? How many calls does the whole page take?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-recv" tags=["prediction"]
predict('recv', ``);

// %% id="sizes"
const request: string = ['GET / HTTP/1.1', `Host: ${host}`, 'Connection: close', '', ''].join('\r\n');

const s = await open();
await s.sendall(request);
const sizes: number[] = [];
let total = 0;
for (;;) {
  const piece = await s.recv(4096);
  if (piece.length === 0) break; // nothing more will ever come: this is the end
  sizes.push(piece.length);
  total += piece.length;
}
await s.close();
console.log(`${sizes.length} pieces, ${total} bytes`);
console.log('sizes:', sizes.slice(0, 20).join(', '), sizes.length > 20 ? '…' : '');
seen('recv', `${sizes.length} calls, the smallest gave ${Math.min(...sizes)} bytes, the largest ${Math.max(...sizes)}`);

// %% [markdown] id="check-4-4-text"
// A checkpoint:

// %% id="check-4-4" tags=["check"]
await check("4.4")

// %% [markdown] id="notes-4-4" tags=["notes"]
// **What I saw**: what does the 4096 really mean? Run the cell again, also with other numbers than 4096: are the sizes the same every
// time? What sign does `recv` give at the end?
//
// *(Double-click here and write.)*

// %% [markdown] id="no-messages"
// ## 4.5 A stream has no messages
//
// If a piece can be smaller than what was sent, can it be bigger, too? We need both ends for that, so here is a pair of connected
// sockets within this notebook. (How a listening socket works is the subject of notebook 5.)

// %% id="pair" tags=["no-output"]
async function pair(): Promise<[client: socket.Socket, server: socket.Socket]> {
  const listening = await socket.createServer(['127.0.0.1', 0]);
  const client = socket.socket();
  await client.connect(listening.getsockname());
  const [server] = await listening.accept();
  await listening.close();
  return [client, server];
}

// %% [markdown] id="predict-messages" tags=["prediction"]
// **Predict**: one end calls `sendall` five times. How many calls of `recv(4096)` does the other end need?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-messages" tags=["prediction"]
predict('messages', ``);

// %% id="five-sends"
const words: string[] = ['one ', 'two ', 'three ', 'four ', String(mine.integer('number', 100, 999))]; // the last one is yours alone
const [talker, listener] = await pair();
for (const word of words) await talker.sendall(word);
await talker.close();

let calls = 0;
let heard: string = '';
for (;;) {
  const piece = await listener.recv(4096);
  if (piece.length === 0) break;
  calls++;
  heard += piece.toString();
  console.log(`recv number ${calls}: "${piece.toString()}"`);
}
await listener.close();
seen('messages', `${calls} of recv for five of sendall`);

// %% [markdown] id="check-4-5-text"
// A checkpoint:

// %% id="check-4-5" tags=["check"]
await check("4.5")

// %% [markdown] id="five-sends-text"
// The same once more, drawn: each arrow is one `sendall`, each dot one `recv`. A click on a row shows its bytes.

// %% id="five-sends-drawn"
import { trace } from 'wirebook/trace';

const five = await trace(async () => {
  const [speaking, hearing] = await pair();
  for (const word of words) await speaking.sendall(word);
  await speaking.close();
  while ((await hearing.recv(4096)).length > 0) {}
  await hearing.close();
});

// %% [markdown] id="notes-4-5" tags=["notes"]
// **What I saw**: what is kept on the way, and what is lost? Think of two ways by which a receiver could tell where one message ends
// and the next begins. (HTTP uses both: one for its headers, one for the page.)
//
// *(Double-click here and write.)*

// %% [markdown] id="to-the-end"
// ## 4.6 Reading to the end
//
// In 4.4 the page ended where the connection ended. Was that only because we asked for `Connection: close`?
//
// > **Claim.** After the reply the server closes the connection, so a client reads until `recv` returns nothing.

// %% [markdown] id="predict-end" tags=["prediction"]
// **Predict**: what happens if we leave out `Connection: close` and read until nothing comes? (The time limit is set to 2 seconds.)
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-end" tags=["prediction"]
predict('end', ``);

// %% id="keep-alive"
const kept = await open();
kept.settimeout(2);
await kept.sendall(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
let received = 0;
let outcome: string = 'the end';
try {
  for (;;) {
    const piece = await kept.recv(4096);
    if (piece.length === 0) break;
    received += piece.length;
  }
} catch (error) {
  outcome = `${error.name}, ${error.message}`;
}
await kept.close();
seen('end', `${received} bytes came, then: ${outcome}`);

// %% [markdown] id="length-text"
// So a reply must tell by itself where it ends. Its headers do: look at them. You will find either `Content-Length`, the number of bytes
// after the empty line, or `Transfer-Encoding: chunked`, which says that each piece of the page begins with its own length.

// %% id="headers"
const line = await open();
await line.sendall(request);
let bytes: Buffer = Buffer.alloc(0);
for (;;) {
  const piece = await line.recv(4096);
  if (piece.length === 0) break;
  bytes = Buffer.concat([bytes, piece]);
}
await line.close();

const emptyLine: number = bytes.indexOf('\r\n\r\n');
console.log(bytes.subarray(0, emptyLine).toString('latin1'));

// %% id="body"
const body: Buffer = bytes.subarray(emptyLine + 4);
const announced = /^content-length: *(\d+)/im.exec(bytes.subarray(0, emptyLine).toString('latin1'));
console.log('bytes after the empty line:', body.length);
console.log('announced:', announced?.[1] ?? 'no number (chunked, or it ends with the connection)');
console.log(body.toString('utf8').slice(0, 200), '…');

// %% [markdown] id="notes-4-6" tags=["notes"]
// **What I saw**: is the claim true? Why would a server want to keep a connection open? How does a client know that a page is complete
// and was not cut off?
//
// *(Double-click here and write.)*

// %% [markdown] id="sent"
// ## 4.7 What does "sent" mean?
//
// The text from before prints a message of success after `sendall`.
//
// > **Claim.** If `sendall` returns without an error, the message was sent with success: it has got there.
//
// Test: a server that listens but never accepts anybody, never reads, and then goes away. The client tries to send once more, when it has learned of that.

// %% [markdown] id="predict-sent" tags=["prediction"]
// **Predict**: at which of the steps `connect`, `sendall`, `recv`, `sendall` does the client learn that nobody reads?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-sent" tags=["prediction"]
predict('sent', ``);

// %% id="sent-to-nobody"
const deaf = await socket.createServer(['127.0.0.1', 0]);
const hopeful = socket.socket();
hopeful.settimeout(1);

const story: string[] = [];
async function step(what: string, action: () => Promise<unknown>): Promise<void> {
  try {
    const answer = await action();
    story.push(`${what}: ${answer instanceof Buffer && answer.length === 0 ? 'the other side has closed' : 'fine'}`);
  } catch (error) {
    story.push(`${what}: ${error.name}, ${error.message}`);
  }
}

await step('connect', () => hopeful.connect(deaf.getsockname()));
await step('sendall', () => hopeful.sendall(`Please confirm my order of ${mine.integer('tea', 100, 2000)} pounds of tea.`));
await deaf.close();
await step('recv', () => hopeful.recv(1024));
await step('sendall again', () => hopeful.sendall('Did you get my order?'));
await hopeful.close();
console.log(story.join('\n'));
seen('sent', story.join('; '));

// %% [markdown] id="notes-4-7" tags=["notes"]
// **What I saw**: where were the bytes when `sendall` returned? What must an application do if it wants to be *sure* that the order
// has arrived?
//
// *(Double-click here and write.)*

// %% [markdown] id="recap"
// ## What you have seen
//
// - Sockets carry bytes. What the bytes mean is an agreement between the programs.
// - In HTTP a line ends with CR LF. Some servers take less, none has to.
// - `recv(n)` gives at least one byte and at most *n*; nothing at all means that the other side has finished.
// - A stream keeps the bytes and their order. It does not keep the borders between your calls.
// - The end of a message must be in the message: a length, or a mark.
// - `sendall` has handed your bytes to the operating system. Whether anybody read them, only an answer can tell.
//
// You have been the client all the time. Now change sides: **[5. Creating a server](5-creating-a-server.ipynb)**.
