"""Makes notebooks/*.ipynb from notebooks/source/*.ts (Jupytext's percent format).

Each cell's marker line carries its id (`id="listen"`), which becomes the notebook's stable cell id.

    python build.py           writes the notebooks
    python build.py --check   exit code 1 where one is not what its source makes
"""

import re
import sys
from pathlib import Path

import jupytext
import nbformat

SOURCE = Path(__file__).parent
TARGET = SOURCE.parent
METADATA = {
    "kernelspec": {"display_name": "TypeScript (Wirebook)", "language": "typescript", "name": "wirebook"},
    "language_info": {
        "codemirror_mode": "typescript",
        "file_extension": ".ts",
        "mimetype": "text/typescript",
        "name": "typescript",
        "pygments_lexer": "typescript",
    },
}


def build(source: Path) -> str:
    notebook = jupytext.read(source, fmt={"extension": ".ts", "format_name": "percent"})
    seen = set()
    for number, cell in enumerate(notebook.cells, 1):
        where = f"{source.name}, cell {number}"
        id_ = cell.metadata.pop("id", None)
        if not id_ or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id_):
            sys.exit(f"{where}: no id, or one with other characters than letters, digits, - and _")
        if id_ in seen:
            sys.exit(f"{where}: the id {id_} is there twice")
        seen.add(id_)
        cell["id"] = id_
        cell.metadata = nbformat.from_dict({key: value for key, value in cell.metadata.items() if key == "tags"})
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4) + "\n"


def main() -> int:
    stale = []
    for source in sorted(SOURCE.glob("*.ts")):
        target = TARGET / f"{source.stem}.ipynb"
        text = build(source)
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        stale.append(target.name)
        if "--check" not in sys.argv:
            target.write_text(text, encoding="utf-8", newline="\n")
            print(f"made {target.name}")
    if stale and "--check" in sys.argv:
        print(f"not what the sources make: {', '.join(stale)}. To make them: npm run notebooks")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
