// What `ifconfig` and `ip address` show, on every system.
import { networkInterfaces } from "node:os";
import { type TableDisplay, table } from "./table.js";

export interface Interface {
  /** As the system calls it: `lo`, `eth0`, `Wi-Fi`. */
  name: string;
  /** `IPv4` or `IPv6`. */
  family: string;
  /** What `ifconfig` calls `inet`. */
  address: string;
  netmask: string;
  /** Hardware address. */
  mac: string;
  /** Only this machine itself can be reached by it. */
  internal: boolean;
}

/** The addresses of this machine, one row each, shown as a table. Source: getifaddrs(3). */
export function interfaces(): Interface[] & TableDisplay {
  return interfaceTable(networkInterfaces());
}

/** @internal From what `os.networkInterfaces` gives, here or elsewhere. */
export function interfaceTable(found: ReturnType<typeof networkInterfaces>): Interface[] & TableDisplay {
  const rows = Object.entries(found).flatMap(([name, addresses = []]) =>
    addresses.map(
      ({ family, address, netmask, mac, internal }): Interface => ({
        name,
        family,
        address,
        netmask,
        mac,
        internal,
      }),
    ),
  );
  return table(rows, (row) => ({ ...row, internal: row.internal ? "this machine only" : "" }));
}
