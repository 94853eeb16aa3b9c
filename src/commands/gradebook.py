"""Writes marks, as JSON on standard input, into nbgrader's gradebook. Marks that people gave by hand stay."""

import json
import sys
from datetime import datetime, timezone

from nbgrader.api import Gradebook, MissingEntry

grades = json.load(sys.stdin)
with Gradebook(sys.argv[1]) as book:
    for grade in grades:
        assignment, student = grade["assignment"], grade["student"]
        book.update_or_create_assignment(assignment)
        book.update_or_create_student(student)
        notebooks = {}
        for cell in grade["cells"]:
            notebooks.setdefault(cell["notebook"].removesuffix(".ipynb"), []).append(cell)
        for notebook, cells in notebooks.items():
            book.update_or_create_notebook(notebook, assignment)
            for cell in cells:
                try:
                    book.find_grade_cell(cell["grade_id"], notebook, assignment)
                except MissingEntry:
                    book.add_grade_cell(
                        cell["grade_id"], notebook, assignment, max_score=cell["max"], cell_type="code"
                    )
        created = datetime.fromisoformat(grade["created"].replace("Z", "+00:00"))
        submission = book.update_or_create_submission(assignment, student)
        submission.timestamp = created.astimezone(timezone.utc).replace(tzinfo=None)
        for notebook, cells in notebooks.items():
            for cell in cells:
                mark = book.find_grade(cell["grade_id"], notebook, assignment, student)
                mark.auto_score = cell["points"]
                mark.needs_manual_grade = cell["points"] is None and mark.manual_score is None
        book.db.commit()
print(f"{len(grades)} submissions are in {sys.argv[1]}.")
