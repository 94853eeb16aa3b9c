"""What is wrong with the metadata of graded cells (nbgrader's schema, version 3), in words for the author."""

import re
import sys

import nbformat

SOLUTION, HIDDEN, SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
KEYS = {"schema_version", "grade", "solution", "locked", "task", "grade_id", "points", "checksum", "cell_type"}
CHECK_CALL = re.compile(r"""\s*await\s+check\(\s*(["'])[^"'\\\n]+\1\s*\)\s*;?\s*""")


def lint(notebook) -> list[str]:
    """Looks through a source notebook. Returns what is wrong, a line each."""
    faults = []
    language = notebook.metadata.get("kernelspec", {}).get("language")
    if language not in ("typescript", "javascript"):
        faults.append(
            f'the kernelspec\'s language is {language!r}; it has to be "typescript", or students get placeholders in Python'
        )
    seen = {}
    for number, cell in enumerate(notebook.cells, 1):
        meta = cell.metadata.get("nbgrader")
        name = (meta or {}).get("grade_id") or cell.get("id") or "no id"
        faults += [f"cell {number} ({name}): {fault}" for fault in cell_faults(cell, meta)]
        if meta and meta.get("grade_id"):
            if meta["grade_id"] in seen:
                faults.append(f'cell {number} ({name}): its grade_id is taken by cell {seen[meta["grade_id"]]}')
            seen.setdefault(meta["grade_id"], number)
    return faults


def cell_faults(cell, meta) -> list[str]:
    faults = region_faults(cell, meta or {})
    if meta is None:
        return faults
    grade, solution, locked, task = (meta.get(key, False) for key in ("grade", "solution", "locked", "task"))
    if extra := sorted(set(meta) - KEYS):
        faults.append(f"its nbgrader metadata has keys that nbgrader does not know: {', '.join(extra)}")
    if meta.get("schema_version") != 3:
        faults.append(f'its schema_version is {meta.get("schema_version")!r}; nbgrader 0.9 reads 3')
    for key in ("grade", "solution", "locked"):
        if not isinstance(meta.get(key), bool):
            faults.append(f'"{key}" has to be true or false')
    if not isinstance(meta.get("grade_id"), str) or not re.fullmatch(r"[A-Za-z0-9_\-]+", meta["grade_id"]):
        faults.append("its grade_id has to be of letters, digits, - and _")
    points = meta.get("points")
    worth = isinstance(points, (int, float)) and not isinstance(points, bool) and 0 <= points < float("inf")
    if (grade or task) and not worth:
        faults.append(f'its "points" have to be a number from 0 on, not {points!r}')
    if points is not None and not (grade or task):
        faults.append('it has "points", but is no test, no task and no answer that is marked by hand')
    if task:
        if cell.cell_type != "markdown" or grade or solution or not locked:
            faults.append("a task is a Markdown cell with task and locked true, grade and solution false")
    elif cell.cell_type == "markdown" and grade != solution:
        faults.append("a Markdown cell that is marked has grade and solution true, or it is a task")
    elif cell.cell_type == "code" and grade and not solution:
        if not locked:
            faults.append("a test has locked true, or students could change it")
        if "check(" in cell.source and not CHECK_CALL.fullmatch(cell.source):
            faults.append('a check stands alone in its cell: await check("7.4")')
    if solution and locked:
        faults.append("an answer cannot be locked")
    return faults


def region_faults(cell, meta) -> list[str]:
    allowed = {
        SOLUTION: (meta.get("solution", False), "an answer (solution true)"),
        HIDDEN: (meta.get("grade", False) and not meta.get("solution", False), "a test (grade and locked true)"),
        SCHEME: (meta.get("task", False), "a task"),
    }
    faults = []
    for region, (fits, where) in allowed.items():
        found = re.findall(rf"\b(BEGIN|END) {region}\b", cell.source)
        if found and not fits:
            faults.append(f"BEGIN {region} stands in a cell that is not {where}: students would see it")
        if found != ["BEGIN", "END"] * (len(found) // 2):
            faults.append(f"BEGIN {region} and END {region} do not come in pairs")
    return faults


def main(paths: list[str]) -> int:
    """Prints what is wrong with these notebooks."""
    faults = []
    for path in paths:
        try:
            faults += [f"{path}, {fault}" for fault in lint(nbformat.read(path, as_version=4))]
        except (OSError, ValueError, AttributeError) as error:
            faults.append(f"{path} is no notebook: {error}")
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0
