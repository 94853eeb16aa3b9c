"""What students are shown of hidden tests: that they are there, and their points. Neither their source nor what they expected.

Mark schemes are the marker's, too, as they are taken out of the release; and where the course lies concerns no student.
"""

import pathlib
import re

from nbgrader import utils
from traitlets import Bool

from .pages import PagePreprocessor

REGION = re.compile(r"^.*BEGIN HIDDEN TESTS.*\n(?:.*\n)*?.*END HIDDEN TESTS.*$", re.MULTILINE)
SCHEME = re.compile(r"^.*BEGIN MARK SCHEME.*\n(?:.*\n)*?.*END MARK SCHEME.*$", re.MULTILINE)


class KeepSecrets(PagePreprocessor):
    mark_schemes = Bool(False, help="Show students the mark schemes of tasks").tag(config=True)

    def preprocess_cell(self, cell, resources, cell_index):
        cell, resources = self.without_tests(cell, resources)
        if cell.cell_type == "code":
            cell.outputs = [without_places(output) for output in cell.outputs]
        return cell, resources

    def without_tests(self, cell, resources):
        if utils.is_task(cell) and not self.mark_schemes:
            cell.source = SCHEME.sub("", cell.source)
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


def without_places(value):
    """What is shown, without the names of the folders that the course lies in."""
    if isinstance(value, dict):
        return type(value)({key: without_places(one) for key, one in value.items()})
    if isinstance(value, list):
        return [without_places(one) for one in value]
    if isinstance(value, str):
        for place in (pathlib.Path.cwd(), pathlib.Path.home()):
            # A name as short as /root is no secret, and may be part of something else. Windows' separators are doubled where a
            # string is shown as one.
            if len(place.parts) > 2:
                for name in (str(place), str(place).replace("\\", "\\\\")):
                    value = re.sub(re.escape(name) + r"(?![\w-])", "…", value)
    return value
