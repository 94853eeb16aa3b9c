"""Writes marks, as JSON on standard input, into nbgrader's gradebook. Marks that people gave by hand stay."""

import json
import sys
from datetime import datetime, timezone

from nbgrader.api import Gradebook

# A commit waits for the disk; whoever is killed in between begins anew.
AT_ONCE = 50

grades = json.load(sys.stdin)
with Gradebook(sys.argv[1]) as book:
    known = {}
    for at, grade in enumerate(grades, start=1):
        assignment, student = grade["assignment"], grade["student"]
        book.update_or_create_student(student)
        if assignment not in known:
            book.update_or_create_assignment(assignment)
            known[assignment] = {}
        cells = known[assignment]
        for cell in grade["cells"]:
            notebook, name = cell["notebook"].removesuffix(".ipynb"), cell["grade_id"]
            if notebook not in cells:
                book.update_or_create_notebook(notebook, assignment)
                cells[notebook] = {one.name for one in book.find_notebook(notebook, assignment).grade_cells}
            if name not in cells[notebook]:
                book.add_grade_cell(name, notebook, assignment, max_score=cell["max"], cell_type="code")
                cells[notebook].add(name)
        created = datetime.fromisoformat(grade["created"].replace("Z", "+00:00"))
        submission = book.update_or_create_submission(assignment, student)
        submission.timestamp = created.astimezone(timezone.utc).replace(tzinfo=None)
        marks = {(one.name, mark.name): mark for one in submission.notebooks for mark in one.grades}
        for cell in grade["cells"]:
            notebook, name = cell["notebook"].removesuffix(".ipynb"), cell["grade_id"]
            # One that was handed in before the cell came to the assignment has no place for it.
            mark = marks.get((notebook, name)) or book.find_grade(name, notebook, assignment, student)
            mark.auto_score = cell["points"]
            mark.needs_manual_grade = cell["points"] is None and mark.manual_score is None
        if at % AT_ONCE == 0:
            book.db.commit()
    book.db.commit()
print(f"{len(grades)} submissions are in {sys.argv[1]}.")
