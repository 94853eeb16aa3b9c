// xeus-python, a kernel for Python in C++. It runs on the same Python and the same IPython as ipykernel does here.
import { type Prepared, pip, prepared } from "./prepare.js";

export const xeusPythonVersion = "0.19.0";

export function xeusPython(): Prepared {
  return prepared(`xeus-python-${xeusPythonVersion}`, (folder) =>
    pip(folder, `xeus-python==${xeusPythonVersion}`, "xeus-python-shell==0.8.1"),
  );
}
