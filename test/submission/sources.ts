// Notebooks as an author writes them: cells with nbgrader's metadata.

export interface Cell {
  id: string;
  cell_type: string;
  source: string;
  metadata: { nbgrader?: Record<string, unknown>; deletable?: boolean; editable?: boolean };
  outputs?: unknown[];
}

export interface Notebook {
  cells: Cell[];
  metadata: { wirebook?: { assignment?: Record<string, unknown>; repaired?: string[] } };
}

/** nbgrader's metadata; what is not said is false. */
export const graded = (id: string, more: object): Cell["metadata"] => ({
  nbgrader: { schema_version: 3, grade_id: id, grade: false, solution: false, locked: false, ...more },
});

export const code = (id: string, source: string, metadata: Cell["metadata"] = {}): Cell => ({
  ...{ cell_type: "code", id, source, metadata, outputs: [], execution_count: null },
});

export const markdown = (id: string, source: string, metadata: Cell["metadata"] = {}): Cell => ({
  ...{ cell_type: "markdown", id, source, metadata },
});

export const notebook = (cells: Cell[]): object => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: { name: "wirebook", display_name: "TypeScript (Wirebook)", language: "typescript" },
  },
  cells,
});
