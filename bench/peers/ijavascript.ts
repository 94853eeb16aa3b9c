// ijavascript's zeromq 5 brings no program for a Node newer than 18. So it is built for the Node that runs this, against
// Debian's libzmq, with a newer `nan` (the macros that it is written in) than it asks for: the old one does not know this V8.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { nodeFolder, npm, npmFolder, type Prepared, prepared, run } from "./prepare.js";

export const ijavascriptVersion = "5.2.1";
/** The newest that it works with. */
export const zeromqVersion = "5.3.1";
const manifest = {
  dependencies: { ijavascript: ijavascriptVersion },
  overrides: { zeromq: zeromqVersion, nan: "2.30.0" },
};

export function ijavascript(): Prepared {
  return prepared(`ijavascript-${ijavascriptVersion}-node-${process.versions.modules}`, (folder) => {
    if (process.platform !== "linux")
      throw new Error("its zeromq 5 has no program for this Node, and is built here on Linux only");
    npm(folder, manifest);
    const env = { ...libzmq(join(folder, "libzmq")), PATH: `${join(nodeFolder, "bin")}:${process.env.PATH}` };
    run(process.execPath, [join(npmFolder, "node_modules", "node-gyp", "bin", "node-gyp.js"), "rebuild"], {
      cwd: join(folder, "node_modules", "zeromq"),
      // Beside arguments, whatever npm itself was started with would win.
      env: { ...env, npm_config_nodedir: nodeFolder, npm_config_zmq_external: "true" },
    });
    run(process.execPath, ["-e", 'require("zeromq")'], { cwd: folder });
  });
}

/** Where the compiler and the linker find libzmq: the system's, or Debian's packages unpacked, which takes no rights. */
function libzmq(folder: string): NodeJS.ProcessEnv {
  if (existsSync("/usr/include/zmq.h")) return {};
  mkdirSync(folder);
  run("apt-get", ["download", "libzmq3-dev", "libzmq5", "libnorm1", "libpgm-5.3-0", "libsodium23"], {
    cwd: folder,
  });
  for (const name of readdirSync(folder)) run("dpkg-deb", ["-x", name, "."], { cwd: folder });
  const libraries = readdirSync(join(folder, "usr", "lib")).map((name) => join(folder, "usr", "lib", name));
  return {
    CXXFLAGS: `-I${join(folder, "usr", "include")}`,
    // The old kind of path is looked through for what libzmq needs in turn, too.
    LDFLAGS: libraries
      .map((path) => `-L${path} -Wl,-rpath,${path}`)
      .concat("-Wl,--disable-new-dtags")
      .join(" "),
  };
}
