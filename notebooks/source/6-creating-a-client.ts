// %% [markdown] id="title"
// # 6 Creating a client
//
// **You will learn** to talk to your server by hand and by program, and what changes when the two are on different computers.

// %% [markdown] id="server-text"
// ## Is the server there?
//
// This notebook has a kernel of its own: it is another program than notebook 5. If the server of notebook 5 still runs, it is used. If not, a server
// like it is started here, so that this notebook works alone, too.

// %% id="server"
import * as socket from 'wirebook/socket';
import { interfaces, labPort, telnet } from 'wirebook/host';
import { serve } from 'wirebook/serve';

const port = labPort(12345);
const knock = socket.socket();
if ((await knock.connectEx(['127.0.0.1', port])) === 0) {
  console.log(`A server answers on port ${port}: notebook 5's.`);
} else {
  await serve(port, async (c, addr) => {
    console.log('Got connection from', addr);
    await c.sendall('Thank you for connecting');
  });
  console.log('Nobody answered, so a server was started here.');
}
await knock.close();

// %% [markdown] id="telnet-text"
// ## By hand
//
// `telnet` is one of the oldest programs of the network: it connects to a port, shows what comes, and sends what you type. Most systems no longer have it,
// so here is one that works in a cell. **Predict:** which lines will the transcript have, and who ends the conversation?

// %% id="telnet"
await telnet('localhost', port);

// %% [markdown] id="telnet-notes"
// *Your notes:* Look at the lines that begin with "Trying". Which addresses does `localhost` have on this machine, and on which of them does the server
// listen?

// %% [markdown] id="client-text"
// ## By program
//
// The whole client: make a socket, connect, receive, close.

// %% id="client"
// create a socket
const s = socket.socket();

// connect to the server on this computer
await s.connect(['127.0.0.1', port]);

// receive data from the server
const data = await s.recv(1024);
console.log(data);
console.log(data.toString());

// close the connection
await s.close();

// %% [markdown] id="bytes-text"
// Twice the same data, shown in two ways. Which of the two travelled through the network? What did both programs have to agree on for the second to
// make sense?

// %% id="twice"
// the same as a function, so that you can change the address below
async function thankYou(address: [string, number]) {
  const s = socket.socket();
  s.settimeout(3);
  try {
    await s.connect(address);
    return (await s.recv(1024)).toString();
  } finally {
    await s.close();
  }
}
await thankYou(['127.0.0.1', port])

// %% [markdown] id="other-text"
// ## Two computers
//
// A first step to another computer is another *address* of this one. These are the addresses that you have; on Linux every address that begins with
// `127.` is this machine too.

// %% id="addresses"
interfaces()

// %% id="other"
const otherAddress =
  process.platform === 'linux' ? '127.0.0.2' : (interfaces().find((i) => i.family === 'IPv4' && !i.internal)?.address ?? '127.0.0.1');
otherAddress

// %% [markdown] id="bound-text"
// Two servers, alike but for one thing: the first is bound to `127.0.0.1`, the second to `''`, every address. Their ports are any that are free.
// **Predict** which of the two you can reach by the other address.

// %% id="two-servers"
const greet = async (c: socket.Socket) => {
  await c.sendall('Thank you for connecting');
};
const narrow = await serve(0, greet, { address: '127.0.0.1', name: 'narrow' });
const wide = await serve(0, greet, { address: '', name: 'wide' });

// %% id="try-two"
for (const server of [narrow, wide]) {
  try {
    console.log(server.name, '→', await thankYou([otherAddress, server.port]));
  } catch (e) {
    console.log(server.name, '→', String(e));
  }
}

// %% id="close-two"
await narrow.close();
await wide.close();

// %% [markdown] id="second-computer"
// ### With a real second computer
//
// 1. On the computer of the **server**: run notebook 5 up to its server's cell (it binds to `''`), and read its address off `interfaces()`: the IPv4 address that is
//    not for "this machine only", such as `192.168.…` or `10.…`.
// 2. On the computer of the **client**: put that address in place of `'127.0.0.1'` in the client above, and run it.
// 3. If nothing comes: are both in the same network? Does the firewall of the server's computer let port 12345 in? (Windows and macOS ask once; say yes for private
//    networks only.) Many Wi-Fi networks of schools and hotels keep their guests apart; a phone's hotspot usually does not.
//
// Compare the error that you get when the firewall drops you with the one when no server runs.

// %% [markdown] id="second-notes"
// *Your notes:* Which line of the client had to change, and what did you have to know to change it? What if the server moves to a third computer tomorrow?

// %% [markdown] id="recap"
// ## What you have seen
//
// - A client needs the server's address and port; the program names them in so many words.
// - What a server is bound to decides who can reach it.
// - Bytes travel, meaning does not: both sides must agree on it beforehand.
//
// *Your notes:*
//
// Next: [7 Questions](7-questions.ipynb)
