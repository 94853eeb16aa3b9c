// Random notebooks: cells that declare, redeclare, run again, fail half-way, are interrupted or refused. Each declaration
// carries a number of its own, in its type and in its value, so what the checker believes of a name can be held against
// what the engine has under that name.

/** What a cell does. */
export interface RandomCell {
  code: string;
  id?: string;
  /** Types are not asked for. */
  unchecked?: boolean;
  /** It waits, and is interrupted there. */
  interrupted?: boolean;
  /** It has a type error and must not run. */
  refused?: boolean;
  /** What happens before it. */
  before?: "the engine is restarted" | "the server is killed" | "the server rests";
  /** The type meanings that it declares, and their numbers. */
  types: Map<string, number>;
  /** The types of earlier cells that it takes these numbers from. */
  needs: Map<string, number>;
  /** Names that are to have a value before. */
  redeclares: string[];
  /** Plain values that it declares, in order of their marks; they hide an earlier class of that name. */
  plain: string[];
  /** What is type and value at once. */
  both: string[];
  /** What `declare global` says in it. */
  global?: [name: string, number: number];
}

export const names: string[] = ["a", "b", "c", "d", "e"];
export const ids: string[] = ["one", "two", "three"];

/** The numbers of a seed, between 0 and 1. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Kind = {
  value: "plain" | "both" | "space" | "none";
  redeclares?: true;
  write(name: string, number: number): string;
};

const kinds: Kind[] = [
  { value: "plain", write: (name, n) => `const ${name} = ${n};` },
  { value: "plain", write: (name, n) => `const ${name} = "s${n}";` },
  {
    value: "plain",
    write: (name, n) => `/** ${name} */\nlet ${name}: ${n} | "s${n}" = ${n} as ${n} | "s${n}";`,
  },
  { value: "plain", write: (name, n) => `let ${name} = { id: ${n} as const };` },
  { value: "plain", write: (name, n) => `var ${name} = [${n}] as const;` },
  { value: "plain", write: (name, n) => `if (true) { var ${name} = ${n} as const }` },
  { value: "plain", write: (name, n) => `for (var ${name} of [${n}] as const) ${name};` },
  { value: "plain", write: (name, n) => `for (var ${name} = ${n} as ${n}, i = 0; i < 1; i++) { i }` },
  { value: "plain", write: (name, n) => `var ${name} = ${n} as ${n}; var ${name} = ${n} as ${n};` },
  {
    value: "plain",
    redeclares: true,
    write: (name, n) => `if (Date.now() < 0) { var ${name} = ${n} as const } else { 1 }`,
  },
  { value: "plain", write: (name, n) => `const { deep: [${name}] } = { deep: [${n}] } as const;` },
  { value: "plain", write: (name, n) => `const ${name} = await Promise.resolve(${n} as const);` },
  { value: "plain", write: (name, n) => `const ${name} = <T,>(_?: T) => ${n} as const;` },
  {
    value: "plain",
    write: (name, n) =>
      `function ${name}(a: string): ${n}; function ${name}(): ${n}; function ${name}(): ${n} { return ${n} }`,
  },
  { value: "plain", write: (name, n) => `using ${name} = { id: ${n} as const, [Symbol.dispose]() {} };` },
  { value: "both", write: (name, n) => `class ${name} { static id = ${n} as const; id = ${n} as const }` },
  {
    value: "both",
    write: (name, n) =>
      `abstract class ${name}<T = 1> { static id = ${n} as const; id = ${n} as const; t?: T }`,
  },
  {
    value: "both",
    write: (name, n) =>
      `@((c: any, _: unknown) => c) class ${name} { static id = ${n} as const; accessor id = ${n} as const }`,
  },
  { value: "both", write: (name, n) => `enum ${name} { id = ${n} }` },
  { value: "space", write: (name, n) => `namespace ${name} { export const id = ${n} }` },
  {
    value: "both",
    write: (name, n) =>
      `class ${name} { id = ${n} as const } namespace ${name} { export const id = ${n} as const }`,
  },
  { value: "none", write: (name, n) => `interface ${name} { id: ${n} }` },
  { value: "none", write: (name, n) => `type ${name} = { id: ${n} };` },
  { value: "none", write: (name, n) => `type ${name}<T extends number = ${n}> = { id: T };` },
];

/** Declarations with the number of an earlier type; `isClass` left out: a value. */
const derived: { isClass?: boolean; write(name: string, type: string, number: number): string }[] = [
  { isClass: false, write: (name, type) => `type ${name} = ${type};` },
  { isClass: false, write: (name, type) => `type ${name}<T extends ${type} = ${type}> = T;` },
  { isClass: true, write: (name, type) => `class ${name} extends ${type} { more = 1 }` },
  { write: (name, type, n) => `let ${name}: ${type} = { id: ${n} } as unknown as ${type};` },
  { write: (name, type, n) => `const ${name} = ((value: ${type}) => value)({ id: ${n} } as never);` },
  { write: (name, type, n) => `const ${name} = (value?: ${type}): ${type} => ({ id: ${n} }) as never;` },
];

/** Ways for a cell to end in the middle. */
const failures = [
  "if (Date.now() > 0) throw new Error('mid');",
  "await Promise.reject(new Error('mid'));",
  "JSON.parse('{');",
  "process.exit(1);",
  "((nothing: any) => nothing.foo)(undefined);",
];
const waits = [
  "console.log('in'); await new Promise(() => {});",
  "console.log('in'); for (;;);",
  "console.log('in'); for await (const _ of (async function* () { await new Promise(() => {}); yield 1 })());",
];

/** Makes one cell after another. @param known the names that have a value now */
export function createGenerator(seed: number): { next(known: string[], model: Model): RandomCell } {
  const roll = dice(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)] as T;
  let numbers = 0;
  /** One that dies more often within a minute stays dead. */
  let kills = 2;
  const before: RandomCell[] = [];

  const fresh = (known: string[], model: Model): RandomCell => {
    const cell: RandomCell = {
      code: "",
      types: new Map(),
      needs: new Map(),
      redeclares: [],
      plain: [],
      both: [],
    };
    if (roll() < 0.6) cell.id = pick(ids);
    const free = [...names];
    const count = 1 + Math.floor(roll() * 3);
    const own = Array.from(
      { length: count },
      () => free.splice(Math.floor(roll() * free.length), 1)[0] as string,
    );
    const sources = known.filter((name) => !own.includes(name));
    const typed = [...model.types.keys()].filter((name) => !own.includes(name));
    const lines = own.map((name) => {
      if (typed.length > 0 && roll() < 0.2) {
        const type = pick(typed);
        const number = model.types.get(type)?.number ?? 0;
        cell.needs.set(type, number);
        const { write, isClass } = pick(
          derived.filter((one) => !one.isClass || (model.types.get(type)?.isClass && known.includes(type))),
        );
        if (isClass) cell.both.push(name);
        if (isClass !== undefined) cell.types.set(name, number);
        else cell.plain.push(name);
        return write(name, type, number);
      }
      if (sources.length > 0 && roll() < 0.25) {
        cell.plain.push(name);
        return `${pick(["const", "let", "var"])} ${name} = ${pick(sources)};`;
      }
      const number = ++numbers;
      const { value, write, redeclares } = pick(
        kinds.filter(({ redeclares }) => !redeclares || known.includes(name)),
      );
      if (redeclares) cell.redeclares.push(name);
      if (value === "plain") cell.plain.push(name);
      else if (value !== "none") cell.both.push(name);
      if (value === "both" || value === "none") cell.types.set(name, number);
      return write(name, number);
    });
    const end = roll();
    const middle = Math.floor(roll() * (lines.length + 1));
    if (end < 0.15) lines.splice(middle, 0, pick(failures));
    else if (end < 0.27) {
      lines.splice(middle, 0, pick(waits));
      cell.interrupted = true;
    } else if (end < 0.34) {
      lines.splice(middle, 0, "const wrong: number = 'text';");
      cell.refused = true;
    } else if (end < 0.42) cell.unchecked = true;
    if (cell.id !== undefined && roll() < 0.2) {
      const number = ++numbers;
      cell.global = [`G_${cell.id}`, number];
      lines.push(`declare global { interface G_${cell.id} { id: ${number} } }`);
    }
    cell.code = lines.join("\n");
    return cell;
  };
  return {
    next(living, state) {
      const event = roll();
      const what =
        event < 0.03
          ? "the engine is restarted"
          : event < 0.05
            ? "the server rests"
            : event > 0.97 && kills > 0
              ? "the server is killed"
              : undefined;
      if (what === "the server is killed") kills--;
      const [known, model] = event < 0.03 ? [[], new Model()] : [living, state];
      const again = before.filter(
        ({ needs, redeclares }) =>
          [...needs].every(([type, number]) => model.types.get(type)?.number === number) &&
          redeclares.every((name) => known.includes(name)),
      );
      const cell = again.length > 0 && roll() < 0.2 ? pick(again) : fresh(known, model);
      before.push(cell);
      return { ...cell, ...(what && { before: what }) };
    },
  };
}

/** Types that read the number of a declaration out of its type. */
const readers = `type N<T> = string extends T ? number : T extends number ? (\`\${T}\` extends \`\${infer X extends number}\` ? X : never) : T extends \`s\${infer X extends number}\` ? X : T extends { id: infer X } ? N<X> : T extends readonly [infer X] ? X : T extends (...args: never[]) => infer X ? N<X> : "nothing";`;

/** A cell whose type errors say what the checker believes; and how to read them. */
export function question(): {
  code: string;
  read(problems: { code: number; message: string; start: { line: number } }[]): Belief;
} {
  const lines = [readers];
  for (const name of names) lines.push(`const v_${name}: [N<typeof ${name}>] = "?";`);
  for (const name of names) lines.push(`const t_${name}: [N<${name}>] = "?";`);
  for (const id of ids) lines.push(`const g_${id}: [N<G_${id}>] = "?";`);
  return {
    code: lines.join("\n"),
    read(problems) {
      const said = (line: number): string => {
        const found = problems.filter((one) => one.start.line === line);
        const unknown = found.find(({ code }) => [2304, 2693, 2749, 2709, 2552, 2503].includes(code));
        if (unknown) return "unknown";
        const [first] = found;
        return /to type '\[(.*)\]'/.exec(first?.message ?? "")?.[1] ?? `? ${JSON.stringify(found)}`;
      };
      let line = 1;
      const table = (list: string[]): Map<string, string> =>
        new Map(list.map((name) => [name, said(++line)]));
      return { values: table(names), types: table(names), globals: table(ids) };
    },
  };
}

export interface Belief {
  values: Map<string, string>;
  types: Map<string, string>;
  globals: Map<string, string>;
}

/** Evaluates to the numbers of the values that there are. */
export const reality: string = `((number: (read: () => unknown) => unknown) => ({ ${names
  .map((name) => `${name}: number(() => ${name})`)
  .join(", ")} }))((read) => {
  try {
    const value = read() as any;
    if (value === undefined) return "unknown";
    if (typeof value === "number") return String(value);
    if (typeof value === "string") return value.slice(1);
    if (Array.isArray(value)) return String(value[0]);
    const got = value.id ?? value();
    return String(got.id ?? got);
  } catch { return "unknown" }
})`;

/** What types should mean after these cells, by the rules of the documentation. */
export class Model {
  readonly types: Map<string, { number: number; both: boolean; isClass: boolean }> = new Map();
  readonly globals: Map<string, number> = new Map();

  /** @param reached did it come past this declaration? */
  ran(cell: RandomCell, reached: (name: string) => boolean): void {
    for (const name of cell.plain) if (reached(name) && this.types.get(name)?.both) this.types.delete(name);
    for (const name of cell.both) if (reached(name)) this.types.delete(name);
    for (const [name, number] of cell.types) {
      const both = cell.both.includes(name);
      const isClass = both && !cell.code.includes(`enum ${name}`);
      if (!both || reached(name)) this.types.set(name, { number, both, isClass });
    }
    if (cell.id !== undefined) this.globals.delete(cell.id);
    if (cell.global && cell.id !== undefined) this.globals.set(cell.id, cell.global[1]);
  }

  clear(): void {
    this.types.clear();
    this.globals.clear();
  }
}
