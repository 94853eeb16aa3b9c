// One user of a hub: logs in through the page, starts a server, runs cells in kernels there.
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { KernelAPI, KernelConnection, type KernelMessage, ServerConnection } from "@jupyterlab/services";

/** How long a crowded machine may take to start a server, in milliseconds. */
const PATIENCE = 180_000;

export class Student {
  readonly name: string;
  /** Of the student's server, with a slash at its end. */
  readonly url: string;
  readonly #hub: string;
  readonly #token: string;
  readonly #kernels: KernelConnection[] = [];

  private constructor(hub: string, name: string, token: string) {
    this.name = name;
    this.url = `${hub}/user/${name}/`;
    this.#hub = hub;
    this.#token = token;
  }

  /** @throws Error where the hub refuses */
  static async login(hub: string, name: string, password: string): Promise<Student> {
    const cookies = new Map<string, string>();
    await visit("GET", `${hub}/hub/login`, cookies);
    const form = new URLSearchParams({ username: name, password, _xsrf: cookies.get("_xsrf") ?? "" });
    const entered = await visit("POST", `${hub}/hub/login?next=%2Fhub%2Fhome`, cookies, `${form}`);
    if (entered.status !== 302) throw new Error(`${name} cannot log in: ${entered.status}\n${entered.body}`);
    await visit("GET", `${hub}/hub/home`, cookies);
    const asked = await visit(
      "POST",
      `${hub}/hub/api/users/${name}/tokens?_xsrf=${cookies.get("_xsrf")}`,
      cookies,
      "{}",
    );
    if (asked.status !== 201) throw new Error(`${name} gets no token: ${asked.status} ${asked.body}`);
    return new Student(hub, name, JSON.parse(asked.body).token);
  }

  /** Asks the hub (`/hub/…`) or a server of its (`/user/…`). */
  ask(path: string, method = "GET"): Promise<Response> {
    return fetch(this.#hub + path, {
      method,
      headers: { Authorization: `Bearer ${this.#token}` },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
  }

  /** Is the student's server up? */
  async running(): Promise<boolean> {
    const { servers } = (await (await this.ask(`/hub/api/users/${this.name}`)).json()) as {
      servers: Record<string, { ready: boolean }>;
    };
    return servers[""]?.ready ?? false;
  }

  /** @throws Error where it is refused, or not there within three minutes */
  async start(): Promise<void> {
    const answer = await this.ask(`/hub/api/users/${this.name}/server`, "POST");
    if (!answer.ok) throw new Error(`${this.name} gets no server: ${answer.status} ${await answer.text()}`);
    // The hub tells how far it is, and ends when there is no more to tell.
    const told = await this.ask(`/hub/api/users/${this.name}/server/progress`);
    const last = (await told.text()).trim().split("\n").at(-1);
    if (!(await this.running())) throw new Error(`The server of ${this.name} did not start: ${last}`);
  }

  /** Starts a kernel; resolves once it answers. */
  async kernel(): Promise<HubKernel> {
    const authorization = { Authorization: `Bearer ${this.#token}` };
    const serverSettings = ServerConnection.makeSettings({
      baseUrl: this.url,
      wsUrl: this.url.replace("http", "ws"),
      token: this.#token,
      // A hub takes no token from an address.
      appendToken: false,
      WebSocket: class extends WebSocket {
        constructor(url: string | URL, protocols?: ConstructorParameters<typeof WebSocket>[1]) {
          const wanted = typeof protocols === "object" && "length" in protocols ? protocols : [];
          super(url, { protocols: wanted, headers: authorization });
        }
      },
    });
    const model = await KernelAPI.startNew({ name: "wirebook" }, serverSettings);
    const kernel = new KernelConnection({ model, serverSettings });
    this.#kernels.push(kernel);
    await kernel.info;
    return new HubKernel(kernel);
  }

  [Symbol.dispose](): void {
    for (const kernel of this.#kernels) kernel.dispose();
  }
}

class HubKernel {
  readonly #kernel: KernelConnection;

  constructor(kernel: KernelConnection) {
    this.#kernel = kernel;
  }

  /**
   * Runs a cell.
   * @returns what it printed
   * @throws Error where the cell fails
   */
  async run(code: string): Promise<string> {
    let printed = "";
    const future = this.#kernel.requestExecute({ code });
    future.onIOPub = ({ content }: KernelMessage.IIOPubMessage) => {
      if ("text" in content) printed += content.text;
    };
    const { content } = await future.done;
    if (content.status !== "ok") throw new Error(`${printed}\n${JSON.stringify(content)}`);
    return printed;
  }
}

/** As a browser does it: cookies are kept, and the page says that somebody went there. */
async function visit(
  method: string,
  url: string,
  cookies: Map<string, string>,
  body = "",
): Promise<{ status: number | undefined; body: string }> {
  const headers = {
    Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    "Sec-Fetch-Mode": "navigate",
    ...(body && { "Content-Type": body === "{}" ? "application/json" : "application/x-www-form-urlencoded" }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, headers }, resolve).once("error", reject).end(body);
  });
  for (const line of response.headers["set-cookie"] ?? []) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, value);
  }
  return { status: response.statusCode, body: await text(response) };
}
