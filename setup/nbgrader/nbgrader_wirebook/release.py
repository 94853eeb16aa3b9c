"""From the source to the student's notebook: nbgrader's own way, with placeholders that say which answer is missing."""

import hashlib
import re

from nbgrader import preprocessors, utils
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from .lint import lint

BEGIN = re.compile(r"^(?P<indent>\s*).*BEGIN SOLUTION(?: instead of:(?P<stub>.*?))?\s*(?:-->)?\s*$")
END = "END SOLUTION"


class SourceFault(Exception):
    """A source that cannot be released."""


class Lint(NbGraderPreprocessor):
    """Stops before anything is released that students should not get, or that could not be graded."""

    def preprocess(self, nb, resources):
        if faults := lint(nb):
            name = resources["nbgrader"]["notebook"]
            raise SourceFault("\n".join(f"{name}: {fault}" for fault in faults))
        return nb, resources


class ClearSolutions(preprocessors.ClearSolutions):
    """What stands behind `BEGIN SOLUTION instead of:` is what the student finds in its place; nothing, where nothing does."""

    def _replace_solution_region(self, cell, language):
        lines, inside, replaced = [], False, False
        for line in cell.source.split("\n"):
            if begin := BEGIN.match(line):
                inside = replaced = True
                stub = begin["stub"]
                if stub is None:
                    stub = self.code_stub[language] if cell.cell_type == "code" else self.text_stub
                lines += [begin["indent"] + one for one in stub.strip().split("\n") if one]
            elif END in line:
                inside = False
            elif not inside:
                lines.append(line)
        cell.source = "\n".join(lines).rstrip("\n") if replaced else cell.source
        return replaced


class Describe(NbGraderPreprocessor):
    """The notebook says what it belongs to, so that a cell that was deleted can be missed before it is handed in."""

    course = Unicode("", help="The course's name").tag(config=True)

    def preprocess(self, nb, resources):
        cells = [cell.metadata.nbgrader["grade_id"] for cell in nb.cells if is_ours(cell)]
        blank = {
            cell.id: hashlib.md5(cell.source.encode()).hexdigest()
            for cell in nb.cells
            if "answer" in cell.metadata.get("tags", []) and not is_ours(cell)
        }
        said = {"course": self.course, "name": resources["nbgrader"]["assignment"], "cells": cells, "blank": blank}
        nb.metadata.setdefault("wirebook", {})["assignment"] = said
        return nb, resources


def is_ours(cell) -> bool:
    return utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell)
