"""nbgrader for notebooks in TypeScript. A course's nbgrader_config.py calls `configure(c)`; all of it can be changed behind that."""

import os
import pathlib

from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
    Execute,
    IgnorePattern,
    IncludeHeaderFooter,
    LimitOutput,
    LockCells,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import GetGrades

from .feedback import KeepSecrets
from .release import ClearSolutions, Describe, Lint
from .repair import Repair
from .results import PlainResults

NOT_ANSWERED = '// YOUR CODE HERE\nthrow new Error("not implemented");'


def configure(c) -> None:
    """Sets nbgrader up. `c.CourseDirectory.course_id` has to be set before."""
    checks = pathlib.Path("checks").resolve()
    # Kernels that nbgrader starts are told where the checks are that count; those beside a submission do not.
    if checks.is_dir():
        os.environ.setdefault("WIREBOOK_CHECKS", str(checks))
    c.ClearSolutions.code_stub = {"typescript": NOT_ANSWERED, "javascript": NOT_ANSWERED}
    c.Describe.course = c.Repair.course = str(c.CourseDirectory.course_id)
    # A loop ends after that; the cells behind it still run. What then comes late is not waited for until all is lost.
    c.Execute.timeout = 30
    c.Execute.startup_timeout = 60
    c.Execute.raise_on_iopub_timeout = False
    # nbgrader would put a line of Python in front of what it adds; Repair adds cells as they are.
    c.OverwriteCells.add_missing_cells = False

    c.GenerateAssignment.preprocessors = [
        Lint,
        IncludeHeaderFooter,
        LockCells,
        ClearSolutions,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        SaveCells,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
        Describe,
    ]
    c.Autograde.sanitize_preprocessors = [ClearOutput, Repair, OverwriteKernelspec, OverwriteCells, CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [
        Execute,
        IgnorePattern,
        LimitOutput,
        PlainResults,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    c.GenerateFeedback.preprocessors = [GetGrades, KeepSecrets, CSSHTMLHeaderPreprocessor]
