// What students write of NATS: types only, and none of its client's, which their checker would have to read.

/** Who may come in, and how a new namespace is kept. */
export interface NatsOptions {
  token?: string;
  user?: string;
  password?: string;
  /** Certificates in PEM, for `tls:`. For `wss:` Node's own apply (`NODE_EXTRA_CA_CERTS`). */
  tls?: { ca?: string; cert?: string; key?: string };
  /** How many servers of a cluster have what is kept: 1, 3 or 5 (default 1). Applies where the namespace is new. */
  replicas?: number;
}
