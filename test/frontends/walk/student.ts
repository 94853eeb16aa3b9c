// What one student knows and thinks: the words that the pages ask for, by the ids of their cells. What to do with them the pages say.

/** As the course names the student. */
export const id = "ada";

/** A line that has this text in it, and the lines that come in its place: of the first, only that text is replaced. */
export type Change = readonly [old: string, ...lines: string[]];

/** Between the two marks of a prediction. */
export const predictions: Readonly<Record<string, string>> = {
  "lock-unique": "one, and nobody else in the world has it",
  "lock-reserved": "only 50000; the system protects the others",
  "lock-nobody": "the datagram is lost without a word, the connection fails",
  "lock-gallery": "ConnectionRefusedError, a gaierror, and for port 70000 some OSError",
  "lock-handler": "it prints the code and the text of the error",
  "lock-subscript": "the code and the text",
  "lock-which-call": "a few creations, and all 200 connections",
  "lock-status": "1",
  "lock-names": "localhost has one, the other as many as there are countries",
  "lock-ends": "80 as well; a second connection gets another one",
  "lock-fail": "it waits for 3 seconds",
  "lock-crlf": "both get 200 OK",
  "lock-recv": "always 4096, and less in the last one",
  "lock-messages": "5",
  "lock-end": "nothing more comes, so recv returns empty",
  "lock-sent": "connect fails",
  "lock-bind": "yes",
  "lock-reach": "the first only at 127.0.0.1, the second at each",
  "lock-backlog": "five wait, four are refused",
  "lock-queue-node": "six, as before",
  "lock-accept": "the client has to wait for accept",
  "lock-margin": "it waits for ever in an empty loop",
  "lock-where": "below the client's cell, because that one runs",
  "lock-serial": "800 ms and 200 ms",
  "lock-close": "it goes on; nobody else can come; when the client has gone",
  "lock-reuse": "only with it",
  "lock-telnet": "127.0.0.1, and I end it",
  "lock-data": "Thank you for connecting",
  "lock-elsewhere": "yes, and it prints 127.0.0.1",
  "lock-alice": "alice's; at 127.0.0.1 nobody answers",
  "lock-cut": "a timeout: silence. A closed server would refuse",
  "q1-lock": "ConnectionRefusedError, within a millisecond",
  "q2-lock": "(a) remote is slower (b) a text (c) right (d) refused (e) done once (f) two different sums",
  "q3-lock": "an error, and the work was done; they fail; less than 10",
  "q3-ours-lock": "failure: nobody knows whether a lost answer means that the work was done",
  "q4-lock": "refused",
};

/** In the place of "(Double-click here and write.)". */
export const notes: Readonly<Record<string, string>> = {
  "notes-1-1": "AF_INET says how addresses look, SOCK_STREAM that bytes come in order over a connection.",
  "notes-1-2": "No: EADDRINUSE. Otherwise nobody would know to whom of the two a client's bytes belong.",
  "notes-1-3":
    "Not true. 127.0.0.1 is on every computer; an address stands for an interface within a network.",
  "notes-1-4": "Assigned is an entry in a list, protected is a rule of the system, in use is a fact.",
  "notes-1-5":
    "The operating system over there knew. Datagrams are for what is old when it comes late, like speech.",
  "notes-1-6": "It would have no descriptors left.",
  "notes-2-1": "The last one what, the arrow where.",
  "notes-2-2": "The words differ from system to system.",
  "notes-2-3": "ConnectionRefusedError, and OverflowError not.",
  "notes-2-4": "The name and the port came before anything was sent.",
  "notes-2-5": "It reported a NameError and hid the OSError. The author never tried the sad way.",
  "notes-2-6": "connect needs the other side, socket() does not.",
  "notes-2-7": "sys.exit() without a number says success.",
  "notes-3-1": "The stand-in, at home.",
  "notes-3-2": "Many addresses; near ones are faster, and broken ones can be left out.",
  "notes-3-3": "At once.",
  "notes-3-4": "By all four: both addresses and both ports.",
  "notes-3-5": "The DNS, the computer over there, and nobody at all.",
  "notes-3-6": "finally would close it too early here.",
  "notes-4-1": "The stand-in.",
  "notes-4-2": "£ takes two bytes. The receiver should have been told the encoding.",
  "notes-4-3": "400 with LF, 200 with CR LF. One generous server does not make it correct.",
  "notes-4-4": "A maximum. Nothing, with length 0, at the end.",
  "notes-4-5": "The order is kept, the borders are lost. A length, or a mark at the end.",
  "notes-4-6": "Not true: keep-alive, to save handshakes. Content-Length tells.",
  "notes-4-7": "In the system's buffers. It must wait for an answer.",
  "notes-5-1": "A client speaks first, so nobody has to find it.",
  "notes-5-2": "All addresses of this machine. 127.0.0.1 for the database.",
  "notes-5-3": "One more than I said. None was refused; they heard nothing, which is worse.",
  "notes-5-4": "Not true: the system did it before. accept takes one that is ready.",
  "notes-5-5": "Under the server's cell, because it is the server who prints. Never.",
  "notes-5-6": "In the queue. When they write the same file.",
  "notes-5-7": "To start again at once. A conversation has four numbers, a server two.",
  "notes-5-8": "Got connection from 127.0.0.1, with other ports each time.",
  "notes-6-1": "That of notebook 5.",
  "notes-6-2": "It tried 127.0.0.1, and the server ended it.",
  "notes-6-3": "Address, port, who speaks first, when it ends, and UTF-8.",
  "notes-6-4": "The narrow one only at 127.0.0.1. The system chose my address.",
  "notes-6-5": "The address. 127.0.0.1 is alice herself.",
  "notes-6-6": "The address, from interfaces(). The same line again.",
  "q3-break-notes": "Failure I expected, concurrency not.",
  "q3-notes":
    "It asks a registry first, and keeps what it has done. Networks would have to tell loss from delay.",
  "q4-trap-notes": "It would report a port that nobody listens at.",
};

/** Behind each thing that an answer asks for, and in empty rows. */
export const answers: Readonly<Record<string, readonly (readonly [asked: string, answer: string])[]>> = {
  "q1-answer": [
    ["What happens:", "connect fails with ConnectionRefusedError, see the cell of 7.1."],
    ["Why", "the host is there, and its system answers with a reset."],
    ["Which of the failures", "Refused, silent and unknown; a busy one and a dead one not."],
    ["What would you have liked", "That somebody asks again for me."],
  ],
  "q2-answer": [
    ["Distribution transparency is", "that users and programmers do not notice that parts are apart."],
    ["Why WebSockets", "I take WebSockets."],
    ["| | | |", "| location | where it is | (d): the port is in the URL |"],
    ["| | | |", "| failure | that parts fail | (e): closed, and the work was done |"],
    ["| | | |", "| access | local or remote | (b): a Date came back as text |"],
    ["| | | |", "| replication | copies | (f): 1, 1, 2, 2, 3 |"],
    ["What does a WebSocket add", "Messages, and a URL; no."],
  ],
  "q3-answer": [
    ["What an application writes:", "connect('tally'), and call('add', 2)."],
    ["The parts", "A directory from names to addresses, and plain WebSockets below."],
    ["Which kinds", "Location, by the directory."],
    ["What happens when", "The caller gets an error, and does not know."],
    ["What stays visible", "Failure: whether to ask again depends on the application."],
  ],
  "q4-answer": [
    ["How your scanner tells", "Open: connected to another port than its own. All else is not open."],
    ["The open ports", "See the table above."],
    ["How long a scan", "About 20 s; the number of sockets at once limits it."],
  ],
};

/** In the place of lines of code. */
export const changes: Readonly<Record<string, readonly Change[]>> = {
  "q1-answer-code": [
    [
      "throw new NotAnswered('7.1');",
      "for (let i = 0; i < 40; i++) {",
      "try {",
      "return await visit(port);",
      "} catch (error) {",
      "if (error.name !== 'ConnectionRefusedError') throw error;",
      "}",
      "await new Promise((done) => setTimeout(done, 100));",
      "}",
      "throw new Error('nobody came back within four seconds');",
    ],
  ],
  "q2-answer-code": [
    [
      "throw new NotAnswered('7.2');",
      "const mortal = await startCounter(0);",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a student's code
      "console.log('before:', await add(`ws://127.0.0.1:${mortal.port}`, 5));",
      "await mortal.close();",
      "const reborn = await startCounter(mortal.port);",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a student's code
      "console.log('after: ', await add(`ws://127.0.0.1:${mortal.port}`, 0));",
      "await reborn.close();",
    ],
  ],
  // A directory from names to addresses, before plain WebSockets.
  "q3-answer-code": [
    [
      "class Mine implements Design {",
      "class Mine implements Design {",
      "#plain = plain();",
      "#where = new Map<string, string>();",
      "close = () => this.#plain.close?.();",
    ],
    [
      "throw new NotAnswered('7.3');",
      "const host = await this.#plain.startHost();",
      "const offer = host.offer;",
      "host.offer = async (name, make) => {",
      "await offer(name, make);",
      "this.#where.set(name, host.address ?? '');",
      "};",
      "return host;",
    ],
    ["throw new NotAnswered('7.3');", "return await this.#plain.connect(name, this.#where.get(name) ?? '');"],
  ],
  "q4-answer-code": [
    [
      "throw new NotAnswered('7.4');",
      "if (host !== '127.0.0.1') throw new Error('my own machine only');",
      "const open: number[] = [];",
      "for (let begin = from; begin <= to; begin += 50) {",
      "const some = Array.from({ length: Math.min(50, to - begin + 1) }, (_, i) => begin + i);",
      "await Promise.all(some.map(async (port) => {",
      "const knocker = socket.socket();",
      "knocker.settimeout(0.5);",
      "const errno = await knocker.connectEx([host, port]).catch(() => -1);",
      "if (errno === 0 && (knocker.getsockname() as [string, number])[1] !== port) open.push(port);",
      "await knocker.close();",
      "}));",
      "}",
      "return open.sort((a, b) => a - b);",
    ],
  ],
};
