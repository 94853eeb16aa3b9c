// `wirebook course`: a folder in which nbgrader releases, collects and marks the lab.
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { courseReadme, nbgraderConfig } from "./course-files.js";
import { CommandProblem } from "./problem.js";
import { root, runPython } from "./venv.js";

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** `wirebook course init DIR`. @returns the exit code */
export async function courseInitCommand(
  folder: string,
  { course = basename(resolve(folder)), assignment }: { course?: string; assignment: string },
): Promise<number> {
  for (const [what, name] of [
    ["course", course],
    ["assignment", assignment],
  ] as const)
    if (!NAME.test(name))
      throw new CommandProblem(
        `"${name}" cannot be the ${what}'s name, which has letters, digits, - and _ only. To choose: --${what} NAME`,
      );
  const build = join(root, "notebooks", "source", "build.py");
  if (!existsSync(build)) throw new CommandProblem(`The lab's sources are not there: ${build}`);
  const config = join(folder, "nbgrader_config.py");
  if (existsSync(config))
    throw new CommandProblem(`There is a course already: ${config}. It is left as it is.`);
  mkdirSync(folder, { recursive: true });
  const source = join(resolve(folder), "source", assignment);
  if (existsSync(source) && readdirSync(source).length > 0)
    throw new CommandProblem(
      `${source} is not empty. Its notebooks are left as they are: choose another folder.`,
    );
  const code = await runPython([build, "--solutions", source]);
  if (code !== 0) return code;
  // The ones that count, and the ones that students are given.
  for (const place of [join(folder, "checks"), join(source, "checks")])
    cpSync(join(root, "notebooks", "checks"), place, { recursive: true });
  writeFileSync(
    join(folder, "README.md"),
    courseReadme({ course, assignment, cli: join(root, "dist", "cli.js") }),
  );
  // Last, because it is what makes the folder a course.
  writeFileSync(config, nbgraderConfig(course));
  console.log(`The course "${course}" is in ${resolve(folder)}. What to do next stands in its README.md.`);
  return 0;
}

/** `wirebook course import ZIP…`. @returns the exit code: 1 where one was refused */
export async function courseImportCommand(
  zips: string[],
  { dir, assignment, student }: { dir: string; assignment?: string; student?: string },
): Promise<number> {
  return await runPython([
    "-m",
    "nbgrader_wirebook",
    "import",
    ...(assignment === undefined ? [] : [`--assignment=${assignment}`]),
    ...(student === undefined ? [] : [`--student=${student}`]),
    "--",
    courseIn(dir),
    ...zips.map((zip) => resolve(zip)),
  ]);
}

/** `wirebook course nbgrader …`: any command of nbgrader's. @returns its exit code */
export async function nbgraderCommand(args: string[], { dir }: { dir: string }): Promise<number> {
  return await runPython(["-m", "nbgrader", ...args], { cwd: courseIn(dir) });
}

/** `wirebook course lab`: JupyterLab with nbgrader's pages, which `npm run lab` leaves out. @returns its exit code */
export async function courseLabCommand(args: string[], { dir }: { dir: string }): Promise<number> {
  const asRoot = process.getuid?.() === 0 && !args.includes("--allow-root") ? ["--allow-root"] : [];
  // Ctrl-C means stop; nobody is asked twice.
  const plain = ["--ServerApp.answer_yes=True", ...asRoot];
  return await runPython(["-m", "jupyterlab", ...plain, ...args], { cwd: courseIn(dir) });
}

/** `wirebook release ASSIGNMENT`: the student's notebooks, by nbgrader's own generate_assignment. @returns the exit code */
export async function releaseCommand(assignment: string, { dir }: { dir: string }): Promise<number> {
  const course = courseIn(dir);
  const folder = join(course, "source", assignment);
  const notebooks = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ipynb")) : [];
  if (notebooks.length === 0)
    throw new CommandProblem(`There are no notebooks in ${folder}. Sources of an assignment go there.`);
  const lint = ["-m", "nbgrader_wirebook", "lint", ...notebooks.map((name) => join(folder, name))];
  if ((await runPython(lint)) !== 0)
    throw new CommandProblem("Nothing was released. Correct what is listed above, then do it again.");
  const args = ["generate_assignment", assignment, "--force", "--Application.log_level=WARN"];
  const code = await runPython(["-m", "nbgrader", ...args], { cwd: course });
  if (code === 0)
    console.log(`Released: ${join(course, "release", assignment)} (${notebooks.length} notebooks)`);
  return code;
}

function courseIn(dir: string): string {
  const folder = resolve(dir);
  if (!existsSync(join(folder, "nbgrader_config.py")))
    throw new CommandProblem(
      `${folder} is no course: it has no nbgrader_config.py. Change to the course's folder, name it (--dir DIR), or make one: wirebook course init DIR`,
    );
  return folder;
}
