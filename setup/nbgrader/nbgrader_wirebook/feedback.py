"""What students are shown of hidden tests: that they are there, and their points. Neither their source nor what they expected."""

import re

from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor

REGION = re.compile(r"^.*BEGIN HIDDEN TESTS.*\n(?:.*\n)*?.*END HIDDEN TESTS.*$", re.MULTILINE)


class KeepSecrets(NbGraderPreprocessor):
    def preprocess_cell(self, cell, resources, cell_index):
        if cell.cell_type != "code" or not utils.is_grade(cell) or "BEGIN HIDDEN TESTS" not in cell.source:
            return cell, resources
        cell.source, count = REGION.subn("// (hidden tests)", cell.source)
        if count == 0 or "HIDDEN TESTS" in cell.source:
            cell.source = "// (hidden tests)"
        score, points = cell.metadata.nbgrader.get("score"), cell.metadata.nbgrader.get("points")
        # A message or a stack would say what was compared with what.
        text = f"{score:g} of {points:g} points" if score is not None else "not marked yet"
        cell.outputs = [type(cell)(output_type="stream", name="stdout", text=f"{text}\n")]
        return cell, resources
