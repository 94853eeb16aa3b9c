"""Makes the student's notebooks from the sources beside this file, and the instructor's from instructor/source.

    python notebooks/source/build.py            write notebooks/*.ipynb and instructor/*.ipynb
    python notebooks/source/build.py --check    write nothing; exit with 1 if a notebook is not what its source says
    python notebooks/source/build.py --solutions DIR    write the student's notebooks with their solutions, as a course's source

A source is TypeScript in Jupytext's percent format. Every cell's marker names the cell (`// %% id="first-socket"`): the name
becomes the cell's id, so that it stays the same when cells are added, moved or edited, and a student's copy can be compared
with a newer release. The notebooks hold no outputs. A marker with `from="path"` puts the text of that module of the repository behind the
cell's own, without its imports: code that a helper has, and that students may change.

A marker with `nbgrader={"task": true, "points": 4}` makes a cell one that is marked; what nbgrader wants to know besides is filled in. Solutions stand between
`// BEGIN SOLUTION instead of: throw new NotAnswered('7.1');` and `// END SOLUTION`, mark schemes between BEGIN and END MARK SCHEME in tasks. The
student's notebook is then made by nbgrader itself, as a course would make it.
"""

import argparse
import pathlib
import re
import sys
import tempfile

import jupytext
import nbformat

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The student's are handed out, the instructor's are not.
FOLDERS = [pathlib.Path(__file__).resolve().parents[1], ROOT / "instructor"]
COURSE, ASSIGNMENT = "sockets", "lab"
KERNELSPEC = {"display_name": "TypeScript (Wirebook)", "language": "typescript", "name": "wirebook"}
LANGUAGE = {
    "codemirror_mode": "typescript",
    "file_extension": ".ts",
    "mimetype": "text/typescript",
    "name": "typescript",
    "pygments_lexer": "typescript",
}
# What a student's name for an assignment cell may hold as well (nbgrader), of the 64 characters that nbformat 4.5 allows.
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Fault(Exception):
    """What is wrong with a source, in words for its author."""


def without_imports(module: pathlib.Path) -> str:
    """The text of a module behind its imports, as a cell has it: with nothing exported."""
    text = module.read_text(encoding="utf-8")
    return re.sub(r"^export ", "", re.split(r"^import .*\n", text, flags=re.MULTILINE)[-1].strip(), flags=re.MULTILINE)


def graded(name: str, given: dict) -> dict:
    """All of a marked cell's metadata, from what its marker says."""
    task, grade, solution = (given.get(key, False) for key in ("task", "grade", "solution"))
    return {
        "schema_version": 3,
        "grade_id": name,
        "task": task,
        "grade": grade,
        "solution": solution,
        "locked": task or (grade and not solution),
        **given,
    }


def build(source: pathlib.Path) -> nbformat.NotebookNode:
    """The notebook that a source describes, with its solutions."""
    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="ts:percent")
    seen = set()
    for number, cell in enumerate(notebook.cells, 1):
        name = cell.metadata.get("id")
        first_line = cell.source.strip().partition("\n")[0] or "empty"
        place = f"{source.name}, cell {number} ({first_line})"
        if not name or not CELL_ID.fullmatch(name):
            raise Fault(f'{place}: its marker needs id="some-name" of letters, digits, - and _')
        if name in seen:
            raise Fault(f'{place}: the id "{name}" is taken by an earlier cell')
        seen.add(name)
        cell.id = name
        if module := cell.metadata.get("from"):
            cell.source = f"{cell.source}\n\n{without_imports(ROOT / module)}".strip()
        kept = {key: value for key, value in cell.metadata.items() if key == "tags"}
        if "nbgrader" in cell.metadata:
            kept["nbgrader"] = graded(name, cell.metadata["nbgrader"])
        cell.metadata = nbformat.from_dict(kept)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": LANGUAGE})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    if is_marked(notebook):
        from nbgrader_wirebook.lint import lint

        if faults := lint(notebook):
            raise Fault("\n".join(f"{source.name}, {fault}" for fault in faults))
    return notebook


def is_marked(notebook: nbformat.NotebookNode) -> bool:
    return any("nbgrader" in cell.metadata for cell in notebook.cells)


def released(name: str, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The student's notebook, made by nbgrader."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from nbgrader_wirebook import configure
    from traitlets.config import Config

    with tempfile.TemporaryDirectory() as root:
        source = pathlib.Path(root, "source", ASSIGNMENT, f"{name}.ipynb")
        source.parent.mkdir(parents=True)
        nbformat.write(notebook, source)
        config = Config()
        config.CourseDirectory.root = root
        config.CourseDirectory.course_id = COURSE
        config.CourseDirectory.assignment_id = ASSIGNMENT
        configure(config)
        config.SaveCells.enabled = False
        config.GenerateAssignment.no_database = True
        GenerateAssignment(coursedir=CourseDirectory(config=config), config=config).start()
        return nbformat.read(pathlib.Path(root, "release", ASSIGNMENT, f"{name}.ipynb"), as_version=4)


def unmarked(notebook: nbformat.NotebookNode, source: pathlib.Path) -> nbformat.NotebookNode:
    """A notebook without marks says what it belongs to, too: it is handed in with the others. The index is not."""
    if source.parent == FOLDERS[0] / "source" and not source.stem.startswith("0-"):
        notebook.metadata["wirebook"] = {"assignment": {"course": COURSE, "name": ASSIGNMENT}}
    return notebook


def text_of(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def write_solutions(folder: pathlib.Path) -> None:
    """What a course has in source/: the student's notebooks, with their solutions."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted((FOLDERS[0] / "source").glob("*.ts")):
        (folder / f"{source.stem}.ipynb").write_text(text_of(build(source)), encoding="utf-8", newline="\n")


def make(folder: pathlib.Path, check: bool) -> list[str]:
    """The notebooks of one folder. Returns what is wrong."""
    sources = sorted((folder / "source").glob("*.ts"))
    orphans = {notebook.name for notebook in folder.glob("*.ipynb")} - {f"{source.stem}.ipynb" for source in sources}
    faults = [f"{name} has no source in {folder.name}/source" for name in sorted(orphans)] if check else []
    for source in sources:
        target = folder / f"{source.stem}.ipynb"
        try:
            notebook = build(source)
            text = text_of(released(source.stem, notebook) if is_marked(notebook) else unmarked(notebook, source))
        except Fault as fault:
            faults.append(str(fault))
            continue
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        if check:
            faults.append(f"{target.name} is not what {source.name} says. To make it: npm run notebooks")
        else:
            target.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {target.name}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the student's notebooks from their sources.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a notebook is out of date")
    parser.add_argument("--solutions", type=pathlib.Path, metavar="DIR", help="write them with their solutions")
    options = parser.parse_args()
    faults = []
    if options.solutions:
        write_solutions(options.solutions)
        return 0
    for folder in FOLDERS:
        faults += make(folder, options.check)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
