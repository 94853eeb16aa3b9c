// What every socket has, whatever goes through it: a family, how long calls may take, and the options of its descriptor.
import type { Backend } from "./backends/backend.js";
import { checkInteger } from "./checks.js";
import { OSError, osError } from "./errors.js";
import { Options, type OptionValue, type Settable } from "./options.js";
import { checkTimeout, getdefaulttimeout } from "./timeouts.js";

/** The first half of {@link Socket}. */
export abstract class Handle {
  /** Address family: `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  readonly family: number;
  /** Socket type: `SOCK_STREAM` or `SOCK_DGRAM`. */
  readonly type: number;
  /** Protocol number; 0 means the family's own. */
  readonly proto: number;
  /** @internal */
  protected readonly ways: Backend;
  /** @internal */
  protected readonly options: Options;
  /** @internal Seconds, `null` for ever. */
  protected seconds: number | null = getdefaulttimeout();
  /** @internal */
  protected closed: boolean = false;

  /** @internal */
  constructor(ways: Backend, family: number, type: number, proto: number) {
    this.ways = ways;
    this.options = new Options(ways, type);
    this.family = family;
    this.type = type;
    this.proto = proto;
    for (const name of ["ways", "options", "seconds", "closed"])
      Object.defineProperty(this, name, { enumerable: false });
  }

  /** @internal The descriptor, where there is one. */
  protected abstract descriptor(): number | undefined;
  /** @internal Something of Node's own that options are set on, where there is no descriptor. */
  protected abstract settable(): Settable | undefined;

  /** @internal @throws OSError EBADF */
  protected check(): void {
    if (this.closed) throw osError("EBADF");
  }

  /** Which way of accepting serves this socket: `koffi`, `doorman` or `eager`. */
  get backend(): Backend["name"] {
    return this.ways.name;
  }

  /** Number of the descriptor; -1 where the socket is closed or the back-end has none. @see Python `socket.fileno` */
  fileno(): number {
    return this.descriptor() ?? -1;
  }

  /** What {@link settimeout} set, in seconds; `null` is for ever. */
  get timeout(): number | null {
    return this.seconds;
  }

  /**
   * How long each later call may take.
   * @param seconds `null`: for ever; 0: not at all (a call that would wait throws BlockingIOError)
   * @throws TypeError; ValueError where it is negative; OverflowError where it is longer than a clock can count
   * @see Python `socket.settimeout`
   */
  settimeout(seconds: number | null): void {
    if (seconds === undefined)
      throw new TypeError("socket.settimeout() takes exactly one argument (0 given)");
    const limit = checkTimeout(seconds);
    this.check();
    this.seconds = limit;
  }

  /** What {@link settimeout} set, in seconds; `null` is for ever. @see Python `socket.gettimeout` */
  gettimeout(): number | null {
    return this.seconds;
  }

  /** `false` is `settimeout(0)`, `true` is `settimeout(null)`. @see Python `socket.setblocking` */
  setblocking(flag: boolean): void {
    if (flag === undefined) throw new TypeError("socket.setblocking() takes exactly one argument (0 given)");
    checkInteger(flag);
    this.check();
    this.seconds = flag ? null : 0;
  }

  /** Would a call wait? @see Python `socket.getblocking` */
  getblocking(): boolean {
    return this.seconds !== 0;
  }

  /**
   * Sets an option.
   * @param level `SOL_SOCKET`, `IPPROTO_TCP` …
   * @param value a number, or bytes laid out as the system wants them; `SO_LINGER` also takes `[onoff, seconds]`
   * @throws TypeError; OSError ENOPROTOOPT, EINVAL; NotSupported where this back-end has no way
   * @see Python `socket.setsockopt`, setsockopt(2), socket(7), tcp(7)
   */
  setsockopt(level: number, option: number, value: OptionValue): void {
    if (value === undefined)
      throw new TypeError(`setsockopt() takes exactly 3 arguments (${given(level, option)} given)`);
    checkInteger(level);
    checkInteger(option);
    if (typeof value === "string") throw new TypeError("a bytes-like object is required, not 'str'");
    this.check();
    this.options.set(level, option, value, this.descriptor(), this.settable());
  }

  /**
   * Reads an option from the system.
   * @param length bytes to read, where the option is no number; then the result is a Buffer
   * @throws TypeError; OSError ENOPROTOOPT; NotSupported where this back-end has no way: nothing is made up
   * @see Python `socket.getsockopt`, getsockopt(2)
   */
  getsockopt(level: number, option: number): number;
  getsockopt(level: number, option: number, length: number): Buffer;
  getsockopt(level: number, option: number, length?: number): number | Buffer {
    if (option === undefined)
      throw new TypeError(`getsockopt() takes at least 2 arguments (${given(level)} given)`);
    checkInteger(level);
    checkInteger(option);
    if (length !== undefined && (length < 0 || length > 1024))
      throw new OSError("getsockopt buflen out of range");
    this.check();
    return this.options.get(level, option, length || undefined, this.descriptor(), this.type);
  }

  /**
   * Do programs that this one starts get the socket, too? Never, unless {@link setInheritable} said so (PEP 446).
   * @see Python `socket.get_inheritable`
   */
  getInheritable(): boolean {
    this.check();
    const fd = this.descriptor();
    return fd === undefined || !this.ways.descriptors ? false : this.ways.descriptors.inheritable(fd);
  }

  /** Python's name for {@link getInheritable}. */
  get_inheritable(): boolean {
    return this.getInheritable();
  }

  /** @throws NotSupported where the back-end has no descriptor @see Python `socket.set_inheritable` */
  setInheritable(inheritable: boolean): void {
    this.check();
    const fd = this.descriptor();
    if (fd !== undefined && this.ways.descriptors) this.ways.descriptors.setInheritable(fd, inheritable);
    else if (inheritable) throw this.options.needsDescriptor("setInheritable(true)");
  }

  /** Python's name for {@link setInheritable}. */
  set_inheritable(inheritable: boolean): void {
    this.setInheritable(inheritable);
  }
}

function given(...args: unknown[]): number {
  return args.filter((one) => one !== undefined).length;
}
