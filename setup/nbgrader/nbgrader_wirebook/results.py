"""After a submission ran: what the tests' cells show becomes something that nbgrader reads as the points that were meant.

nbgrader fails the whole submission where a result is above the maximum or has no text, gives full marks for a coloured 0, and
none where anything was printed to stderr before the result.
"""

import math
import re

from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor

ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


class PlainResults(NbGraderPreprocessor):
    def preprocess_cell(self, cell, resources, cell_index):
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
        if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
            points = float(cell.metadata.nbgrader["points"])
            cell.outputs = [one for one in map(lambda output: plain(output, points), cell.outputs) if one is not None]
        return cell, resources


def joined(outputs) -> list:
    """One piece of what was printed in one go, however many messages it came in."""
    whole = []
    for output in outputs:
        last = whole[-1] if whole else None
        if last and last.output_type == output.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            whole.append(output)
    return whole


def plain(output, most: float):
    """The output as nbgrader should see it; None: it says nothing about points."""
    if output.output_type == "stream":
        output.name = "stdout"
        return output
    if output.output_type != "execute_result":
        return output
    text = ANSI.sub("", output.data.get("text/plain") or "").strip()
    try:
        number = float(text)
    except ValueError:
        return None
    within = 0.0 if math.isnan(number) else min(max(number, 0.0), most)
    output.data["text/plain"] = f"{within:g}"
    return output
