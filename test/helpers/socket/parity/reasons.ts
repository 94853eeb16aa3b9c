// Why something differs from CPython, where it does on purpose or cannot be otherwise.

const ENUM = "an enumeration of Python's; here the constants are numbers";
const ANCILLARY = "ancillary data needs sendmsg(2) and recvmsg(2), which Node has no name for";

const MISSING: Readonly<Record<string, string>> = {
  AddressFamily: ENUM,
  AddressInfo: ENUM,
  MsgFlag: ENUM,
  SocketKind: ENUM,
  CAPI: "pointers for extensions of CPython",
  CMSG_LEN: ANCILLARY,
  CMSG_SPACE: ANCILLARY,
  recv_fds: ANCILLARY,
  send_fds: ANCILLARY,
  SocketIO: "the raw layer below makefile; here a file is one layer, SocketFile",
  sethostname: "only an administrator may; Node has no name for it",
  "socket.sendmsg_afalg": "the kernel's own ciphers (AF_ALG), which no back-end opens",
};

const DIFFERENT: Readonly<Record<string, string>> = {
  "c.sendfile(FILE('/etc/hosts'))":
    "Python asks poll(2) first; here it fails as every call on a closed socket does",
};

export function whyMissing(name: string): string | undefined {
  return MISSING[name];
}

export function whyDifferent(question: string): string | undefined {
  return DIFFERENT[question];
}
