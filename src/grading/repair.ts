// The notebook that is run for marks: the student's, with the instructor's copy of every cell that was locked. Whatever was copied,
// deleted, edited or renamed is put right and noted, so that the marks are of the same cells for everyone.

import { type Cell, type Notebook, sourceOf } from "../client/notebook.js";
import { type Graded, gradedOf, isLocked } from "../submission/graded-cells.js";

export interface Repaired {
  notebook: Notebook;
  /** The cells that marks are given for, and what was wrong with them. */
  graded: { cell: Cell; meta: Graded; note?: string }[];
  notes: string[];
}

/**
 * @param given the instructor's
 * @param handedIn the student's; left out: nothing was handed in
 */
export function repair(given: Notebook, handedIn: Notebook | undefined): Repaired {
  const notes: string[] = [];
  const known = new Map<string, { cell: Cell; meta: Graded }>();
  const byCellId = new Map<string, string>();
  for (const cell of given.cells) {
    const meta = gradedOf(cell);
    if (!meta) continue;
    known.set(meta.grade_id, { cell, meta });
    if (cell.id !== undefined) byCellId.set(cell.id, meta.grade_id);
  }
  const chosen = choose(handedIn?.cells ?? [], known, byCellId);
  const trouble = new Map<string, string>();
  const found = new Map<string, Cell>();
  const cells: { cell: Cell; id?: string }[] = [];
  for (const theirs of handedIn?.cells ?? []) {
    const { id, counts, copies = 0 } = chosen.get(theirs) ?? {};
    const own = id === undefined ? undefined : known.get(id);
    if (id === undefined || !own) {
      cells.push({ cell: plain(theirs) });
      continue;
    }
    if (!counts) {
      // What is locked is the same text again; an answer's other version is code like any other.
      if (!isLocked(own.meta)) cells.push({ cell: plain(theirs) });
      continue;
    }
    const { cell, note } = isLocked(own.meta) ? restored(own.cell, theirs) : answered(own.cell, theirs);
    const twice = copies > 1 ? `it was there ${copies} times; the last one that was written in counts` : "";
    if (twice !== "" || note !== undefined) trouble.set(id, [twice, note].filter(Boolean).join("; "));
    found.set(id, cell);
    cells.push({ cell, id });
  }
  let at = -1;
  for (const [id, { cell, meta }] of known) {
    const there = cells.findIndex((one) => one.id === id);
    if (there >= 0) {
      at = there;
      continue;
    }
    // Behind the one that stands before it in the instructor's.
    const back = isLocked(meta) ? copy(cell) : { ...copy(cell), source: "" };
    if (handedIn) trouble.set(id, "it was missing, and was put back");
    cells.splice(++at, 0, { cell: back, id });
    found.set(id, back);
  }
  for (const [id, note] of trouble) notes.push(`cell ${id}: ${note}`);
  const graded = [...known].flatMap(([id, { meta }]) => {
    const note = handedIn ? trouble.get(id) : "its notebook was not handed in";
    return meta.grade ? [{ cell: found.get(id) as Cell, meta, ...(note !== undefined && { note }) }] : [];
  });
  return {
    notebook: { ...given, cells: withOwnIds(cells.map(({ cell }) => cell)) },
    graded,
    notes,
  };
}

/**
 * Which of the instructor's cells each one is. Of several copies the last one that was written in counts, as where nbgrader grades
 * (setup/nbgrader/nbgrader_wirebook/repair.py). A cell that lost its metadata is known by its own id.
 */
function choose(
  cells: readonly Cell[],
  known: ReadonlyMap<string, { cell: Cell; meta: Graded }>,
  byCellId: ReadonlyMap<string, string>,
): Map<Cell, { id: string; counts: boolean; copies: number }> {
  const claims = new Map<string, Cell[]>();
  for (const cell of cells) {
    const id = gradedOf(cell)?.grade_id;
    if (id === undefined || !known.has(id)) continue;
    const others = claims.get(id);
    if (others) others.push(cell);
    else claims.set(id, [cell]);
  }
  const claiming = new Set([...claims.values()].flat());
  for (const cell of cells) {
    const id = cell.id === undefined || claiming.has(cell) ? undefined : byCellId.get(cell.id);
    if (id !== undefined && !claims.has(id)) claims.set(id, [cell]);
  }
  const all = [...claims].flatMap(([id, copies]) => {
    const { cell: own, meta } = known.get(id) as { cell: Cell; meta: Graded };
    const written = isLocked(meta)
      ? []
      : copies.filter((one) => sourceOf(one).trim() !== sourceOf(own).trim());
    const counting = (written.length > 0 ? written : copies).at(-1);
    return copies.map((one) => [one, { id, counts: one === counting, copies: copies.length }] as const);
  });
  return new Map(all);
}

function copy(cell: Cell): Cell {
  return structuredClone({
    ...cell,
    ...(cell.cell_type === "code" && { outputs: [], execution_count: null }),
  });
}

function restored(own: Cell, theirs: Cell): { cell: Cell; note?: string } {
  const same = own.cell_type === theirs.cell_type && sourceOf(own) === sourceOf(theirs);
  return { cell: copy(own), ...(!same && { note: "it was edited, and was put back" }) };
}

function answered(own: Cell, theirs: Cell): { cell: Cell; note?: string } {
  const same = own.cell_type === theirs.cell_type;
  return {
    cell: { ...copy(own), source: sourceOf(theirs) },
    ...(!same && { note: `its kind was ${theirs.cell_type}, and was put back` }),
  };
}

/** A cell without marks: of its metadata only the tags mean something to us. */
function plain(cell: Cell): Cell {
  const { cell_type, id } = cell;
  const kind = cell_type === "code" || cell_type === "markdown" ? cell_type : "raw";
  const tags = Array.isArray(cell.metadata.tags)
    ? cell.metadata.tags.filter((tag) => typeof tag === "string")
    : [];
  return {
    cell_type: kind,
    ...(typeof id === "string" && { id }),
    source: sourceOf(cell),
    metadata: tags.length > 0 ? { tags } : {},
    ...(kind === "code" && { outputs: [], execution_count: null }),
  };
}

/** An id that comes twice would make one cell close what the other opened. */
function withOwnIds(cells: Cell[]): Cell[] {
  const taken = new Set<string>();
  for (const [index, cell] of cells.entries()) {
    if (cell.id === undefined || taken.has(cell.id) || !/^[\w-]{1,64}$/.test(cell.id))
      cell.id = `cell-${index + 1}`;
    while (taken.has(cell.id)) cell.id += "-";
    taken.add(cell.id);
  }
  return cells;
}
