// ---
// jupyter:
//   kernelspec:
//     display_name: TypeScript (Wirebook)
//     language: typescript
//     name: wirebook
// ---

// %% [markdown] id="title"
// # 2. Error handling
//
// **Time**: about 20 minutes. **You need**: this notebook. No network. Python runs three times; it is there wherever JupyterLab is.
//
// **What you will learn**
//
// - to read an error of a socket: its class, its code, its number, its words
// - which errors really happen, by making them happen
// - why a handler that is never tested is worse than none
// - which call deserves the handler, and what to clean up

// %% id="imports" tags=["no-output"]
import * as socket from 'wirebook/socket';
import { personal, predict, seen } from 'wirebook/lesson';

const mine = personal('2-error-handling'); // numbers of your own: see the index

// %% [markdown] id="uncaught"
// ## 2.1 An error, uncaught
//
// First we need a port at which nobody listens (you know this trick from notebook 1). Then we try to connect to it. The second
// cell is meant to fail: read what it prints, from the bottom up.

// %% id="nobody"
const finder = socket.socket();
await finder.bind(['127.0.0.1', 0]);
const nobody: number = (finder.getsockname() as [string, number])[1];
await finder.close();
nobody

// %% id="uncaught-refusal" tags=["raises-exception"]
const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
await s.connect(['127.0.0.1', nobody]);
console.log('This line is never reached.');

// %% [markdown] id="notes-2-1" tags=["notes"]
// **My notes on 2.1**: which line of the red box tells what happened, and which where?
//
// *(Double-click here and write.)*

// %% [markdown] id="anatomy"
// ## 2.2 An error, caught
//
// `try` runs the lines that may fail; `catch` gets the error if they do. Such an error is an object with several faces: some for
// programs, one for people.

// %% id="caught-refusal"
const t = socket.socket();
try {
  await t.connect(['127.0.0.1', nobody]);
} catch (error) {
  console.log('name:    ', error.name, '      the class of the error');
  console.log('code:    ', error.code, '             the same, as C programs write it');
  console.log('errno:   ', error.errno, '                      its number on this operating system');
  console.log('strerror:', error.strerror, '       the words of the operating system');
  console.log('message: ', error.message, ' for people');
}
await t.close();

// %% [markdown] id="which-face"
// Which of these should a program compare? The number is another one on another system (a refused connection is 111 on Linux,
// 61 on macOS), and words get rewritten. The **class** and the **code** stay the same.

// %% [markdown] id="notes-2-2" tags=["notes"]
// **My notes on 2.2**: what would break if a program compared `error.message`?
//
// *(Double-click here and write.)*

// %% [markdown] id="family"
// ## 2.3 A family of errors
//
// In Python, `socket.error` was once a class of its own. Today it is only another name for `OSError`, the class of everything that
// the operating system refuses, and the frequent cases have subclasses. Ours are the same. Who is who?

// %% id="same-class"
console.log('socket.error and socket.OSError are one class:', socket.error === socket.OSError);
console.log('socket.timeout and socket.TimeoutError too:   ', socket.timeout === socket.TimeoutError);

// %% id="family-tree"
const members = [socket.ConnectionRefusedError, socket.ConnectionResetError, socket.BrokenPipeError,
  socket.PermissionError, socket.TimeoutError, socket.gaierror, socket.OverflowError];
for (const member of members) {
  const isOne: boolean = member.prototype instanceof socket.error;
  console.log(member.name.padEnd(24), isOne ? 'is a socket.error' : 'is no socket.error');
}

// %% [markdown] id="consequence"
// A handler for `socket.error` therefore catches the whole family, except the relatives that are not of it. Keep the last line
// of that list in mind for the next part.

// %% [markdown] id="notes-2-3" tags=["notes"]
// **My notes on 2.3**: name an error that a handler for `socket.error` catches, and one that it does not.
//
// *(Double-click here and write.)*

// %% [markdown] id="gallery"
// ## 2.4 Errors that really happen
//
// We write a function that tries something and tells which error came, in one line. It does not swallow errors that it does not
// know: those it passes on with `throw`.

// %% id="attempt" tags=["no-output"]
const came: string[] = [];

async function attempt(what: string, action: () => unknown): Promise<void> {
  try {
    await action();
    console.log(what, '→ worked');
  } catch (error) {
    if (!(error instanceof socket.error)) throw error;
    console.log(what, '→', error.name, error.code ?? '', '|', error.message);
    came.push(`${what}: ${error.name}`);
  }
}

// %% [markdown] id="predict-gallery" tags=["prediction"]
// **Predict**: what kind of error comes
// - when the name of the host does not exist?
// - when nobody listens at the port?
// - when another socket has the address?
// - when we wait for a client that does not come, with a time limit?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-gallery" tags=["prediction"]
predict('gallery', ``);

// %% id="unknown-name"
await attempt('a name that does not exist', () => socket.gethostbyname('no-such-computer.invalid'));

// %% id="refused"
const u = socket.socket();
await attempt('a port where nobody listens', () => u.connect(['127.0.0.1', nobody]));

// %% id="in-use"
const first = socket.socket();
const other = socket.socket();
await first.bind(['127.0.0.1', 0]);
await attempt('an address that is in use', () => other.bind(first.getsockname()));

// %% id="not-mine"
const stranger = socket.socket();
await attempt("somebody else's address", () => stranger.bind(['198.51.100.1', 0]));

// %% id="nobody-comes"
const patient = socket.socket();
await patient.bind(['127.0.0.1', 0]);
await patient.listen();
patient.settimeout(0.5); // seconds
await attempt('waiting half a second for a client', () => patient.accept());

// %% id="not-connected"
const lonely = socket.socket();
await attempt('sending without a connection', () => lonely.send('hello?'));
seen('gallery', came.join('; '));

// %% [markdown] id="bad-port-text"
// And the last one: a port that cannot be. Ports are numbers of 16 bits. This cell is meant to fail. Look at which *kind* of error
// got past our function, and why.

// %% id="bad-port" tags=["raises-exception"]
const wrong = socket.socket();
await attempt('port 70000', () => wrong.connect(['127.0.0.1', 70000]));

// %% [markdown] id="notes-2-4" tags=["notes"]
// **What I saw**: sort the errors above into (a) mistakes in the program, (b) things that just happen in a network and that a
// program must expect. Which of them would you try again after a while?
//
// *(Double-click here and write.)*

// %% [markdown] id="the-handler"
// ## 2.5 A handler that nobody has tested
//
// Here is how one text for beginners guards the creation of a socket, in Python:
//
// ```python
// try:
//     s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
// except (socket.error, msg):
//     print('No socket! Code ' + str(msg[0]) + ', that is: ' + msg[1])
//     sys.exit()
// ```
//
// > **Claim.** If there is no socket to be had, this prints a code and a text that say why.
//
// Let's hand these lines to Python itself. It runs in a process of its own; what it prints appears here.

// %% [markdown] id="predict-handler" tags=["prediction"]
// **Predict**: what happens if all goes well? And what if `socket.socket` fails?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-handler" tags=["prediction"]
predict('handler', ``);

// %% id="handler-happy"
import { python } from 'wirebook/lesson';

const guard = (family: string): string => `
import socket, sys
try:
    s = socket.socket(${family}, socket.SOCK_STREAM)
except (socket.error, msg):
    print('No socket! Code ' + str(msg[0]) + ', that is: ' + msg[1])
    sys.exit()
print('There is a socket')
`;
const happy = await python(guard('socket.AF_INET'));
console.log('exit status:', happy.status);

// %% [markdown] id="handler-sad-text"
// So far, so good. Now with an address family that does not exist, so that the call *does* fail:

// %% id="handler-sad"
const sad = await python(guard('99'));
console.log('exit status:', sad.status);
seen('handler', `status ${happy.status} when all went well; then ${sad.output.trim().split('\n').at(-1)}`);

// %% [markdown] id="handler-subscript-text"
// Suppose the first mistake were repaired: `except socket.error as msg`. Would the line below it, with `msg[0]` and `msg[1]`, then tell the code and the text?

// %% [markdown] id="predict-subscript" tags=["prediction"]
// **Predict**: what does the repaired handler print?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-subscript" tags=["prediction"]
predict('subscript', ``);

// %% id="handler-subscript"
const half = await python(guard('99').replace('except (socket.error, msg)', 'except socket.error as msg'));
console.log('exit status:', half.status);
seen('subscript', half.output.trim().split('\n').at(-1));

// %% [markdown] id="handler-typescript"
// The right way in Python is `except OSError as e`. In TypeScript a `catch` takes every error whatsoever, so the question "is it
// one that I can deal with?" is asked inside:

// %% id="handler-right"
try {
  const odd = socket.socket(99, socket.SOCK_STREAM);
  console.log('created', odd);
} catch (error) {
  if (!(error instanceof socket.error)) throw error;
  console.log('No socket!', error.code, error.message);
}

// %% [markdown] id="notes-2-5" tags=["notes"]
// **What I saw**: is the claim true? Which error did the handler report, and which one did it hide? When would the author have
// noticed?
//
// *(Double-click here and write.)*

// %% [markdown] id="which-call"
// ## 2.6 Which call deserves the handler?
//
// That text guards `socket()`, and later calls `connect()` without any guard.
//
// > **Claim.** The creation of the socket is where errors have to be caught.

// %% [markdown] id="predict-which-call" tags=["prediction"]
// **Predict**: we create some two hundred sockets (your own number), and connect each to nobody. How many creations fail, and how many connections?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-which-call" tags=["prediction"]
predict('which-call', ``);

// %% id="count-failures"
const tries: number = mine.integer('tries', 150, 250); // yours alone
let failedCreations = 0;
let failedConnections = 0;
for (let i = 0; i < tries; i++) {
  try {
    const one = socket.socket();
    if ((await one.connectEx(['127.0.0.1', nobody])) !== 0) failedConnections++;
    await one.close();
  } catch {
    failedCreations++;
  }
}
console.log('failed creations:  ', failedCreations);
console.log('failed connections:', failedConnections);
seen('which-call', `of ${tries}, ${failedCreations} creations and ${failedConnections} connections failed`);

// %% [markdown] id="connect-ex"
// (`connectEx` is `connect` for those who prefer a number to an error: 0 for success, the `errno` otherwise. Python calls it
// `connect_ex`.)

// %% [markdown] id="notes-2-6" tags=["notes"]
// **What I saw**: which calls need the other side, and which only this machine? Which can fail at any time?
//
// *(Double-click here and write.)*

// %% [markdown] id="giving-up"
// ## 2.7 Giving up in good order
//
// When a program cannot go on, two things are left to do: **tell** its caller, and **close** what is open. The handler above calls
// `sys.exit()`. What does the caller of that program learn?

// %% [markdown] id="predict-status" tags=["prediction"]
// **Predict**: a program ends with a status, a number that tells its caller how it went: 0 for success, another one for failure. Which one comes here?
//
// *(Write what you expect between the two marks, and run the cell before you go on.)*

// %% id="lock-status" tags=["prediction"]
predict('status', ``);

// %% id="exit-status"
const gaveUp = await python(`
import sys
print('Failed to connect')
sys.exit()
`);
console.log('exit status:', gaveUp.status, gaveUp.status === 0 ? '(that is: success!)' : '(that is: failure)');
seen('status', String(gaveUp.status));

// %% [markdown] id="finally-text"
// A function tells its caller by letting the error through, and `finally` closes the socket in any case, error or not. The call
// in the second cell is meant to fail: the failure reaches you, and yet the socket is closed.

// %% id="finally" tags=["no-output"]
async function ask(port: number): Promise<string> {
  const line = socket.socket();
  try {
    line.settimeout(2);
    await line.connect(['127.0.0.1', port]);
    return (await line.recv(1024)).toString();
  } finally {
    await line.close();
    console.log('closed:', line);
  }
}

// %% id="finally-fails" tags=["raises-exception"]
await ask(nobody);

// %% [markdown] id="notes-2-7" tags=["notes"]
// **What I saw**: what would a script that starts this program believe? What should the program do instead?
//
// *(Double-click here and write.)*

// %% [markdown] id="recap"
// ## What you have seen
//
// - An error of a socket has a class, a code, a number and words. Compare the class or the code.
// - `socket.error` is the whole family `OSError`. A mistake of the program, like port 70000, is not of that family.
// - "No such name", "refused", "in use" and "nothing came" are different failures with different remedies.
// - Handlers contain mistakes like any other code. One that has never run has never been tested.
// - `socket()` hardly ever fails; whatever needs the other side fails every day. `finally` closes in any case.
//
// Next, a partner who does answer: **[3. Connecting to a server](3-connecting-to-a-server.ipynb)**.
