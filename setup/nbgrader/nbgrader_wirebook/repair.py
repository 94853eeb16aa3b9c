"""Before a submission is graded: what copying, deleting and other editors did to its graded cells is put right, and told.

nbgrader knows from the release which cells there are. So their metadata is not believed but written anew, and no cell that is
there twice, missing or of another kind keeps this submission, or the ones behind it, from being graded.
"""

import os
import pathlib

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum
from traitlets import Unicode


class Repair(NbGraderPreprocessor):
    course = Unicode("", help="Its id, as releases say it").tag(config=True)
    source_directory = Unicode("source", help="Where the order of cells is looked up").tag(config=True)

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        # The student's own numbers are made of these, in the kernel that is started next. What the notebook says of its course is not asked.
        os.environ["WIREBOOK_STUDENT"] = about["student"]
        if self.course:
            os.environ["WIREBOOK_COURSE"] = self.course
        self.notes = []
        with Gradebook(about["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(about["notebook"], about["assignment"])
            known = {cell.name: metadata_of(cell, notebook) for cell in notebook.source_cells}
            sources = {cell.name: (cell.source or "", cell.cell_type) for cell in notebook.source_cells}
        claims = self.claims(nb, known)
        for cell in nb.cells:
            cell.metadata.pop("nbgrader", None)
        for name, claimed in claims.items():
            chosen = self.choose(name, claimed, known[name])
            chosen.metadata["nbgrader"] = NotebookNode(known[name])
        path = pathlib.Path(self.source_directory) / about["assignment"] / f"{about['notebook']}.ipynb"
        self.add_missing(nb, order_of(path, list(known)), known, sources)
        for note in self.notes:
            self.log.warning("%s of %s: %s", about["notebook"], about["student"], note)
        said = nb.metadata.get("wirebook")
        nb.metadata["wirebook"] = {**(said if isinstance(said, dict) else {}), "repaired": self.notes}
        return nb, resources

    def claims(self, nb, known):
        """By grade_id: the cells that say they are it. One that lost its metadata is known by its own id."""
        claims = {}
        for cell in nb.cells:
            meta = cell.metadata.get("nbgrader")
            name = meta.get("grade_id") if isinstance(meta, dict) else None
            if name in known:
                claims.setdefault(name, []).append(cell)
            elif name is not None:
                self.notes.append(f'a cell says that it is "{name}", which is not part of the assignment')
        for cell in nb.cells:
            if cell.get("id") in known and cell.id not in claims:
                self.notes.append(f'"{cell.id}" had lost its metadata')
                claims[cell.id] = [cell]
        return claims

    def choose(self, name, claimed, meta):
        """Of several copies the last one that was written in counts; nbgrader takes the last one, too."""
        if len(claimed) == 1:
            return claimed[0]
        written = [cell for cell in claimed if not is_untouched(cell, meta)]
        self.notes.append(f'"{name}" was there {len(claimed)} times; the last one that was written in counts')
        return (written or claimed)[-1]

    def add_missing(self, nb, order, known, sources):
        for position, name in enumerate(order):
            if name not in known or any(grade_id(cell) == name for cell in nb.cells):
                continue
            source, kind = sources[name]
            make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
            cell = make(source, metadata={"nbgrader": known[name]})
            if (nb.nbformat, nb.nbformat_minor) < (4, 5):
                cell.pop("id", None)
            before = set(order[:position])
            places = [index for index, one in enumerate(nb.cells) if grade_id(one) in before or one.get("id") in before]
            nb.cells.insert(places[-1] + 1 if places else 0, cell)
            self.notes.append(f'"{name}" was missing, and was put back as it was handed out')


def metadata_of(cell, notebook) -> dict:
    grades = {one.name: one.max_score for one in notebook.grade_cells}
    tasks = {one.name: one.max_score for one in notebook.task_cells}
    meta = {
        "schema_version": 3,
        "grade_id": cell.name,
        "grade": cell.name in grades,
        "solution": cell.name in {one.name for one in notebook.solution_cells},
        "locked": cell.locked,
        "task": cell.name in tasks,
        "checksum": cell.checksum,
    }
    points = {**grades, **tasks}.get(cell.name)
    return meta if points is None else {**meta, "points": points}


def order_of(path: pathlib.Path, names: list[str]) -> list[str]:
    """Ids of the source's cells in order, and grade_ids where these are other ones."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (OSError, ValueError):
        return names
    order = [grade_id(cell) or cell.get("id", "") for cell in cells]
    return order + [name for name in names if name not in order]


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_untouched(cell, meta) -> bool:
    copy = NotebookNode(cell_type=cell.cell_type, source=cell.source, metadata=NotebookNode(nbgrader=NotebookNode(meta)))
    return compute_checksum(copy) == meta["checksum"]
