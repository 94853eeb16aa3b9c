"""nbgrader on the hub: where assignments are exchanged, and where the course is for whoever has it."""

import os
import pathlib

c = get_config()  # noqa: F821
c.Exchange.root = os.environ["WIREBOOK_EXCHANGE"]
c.CourseDirectory.course_id = os.environ["WIREBOOK_COURSE"]
# Formgrader begins with this file, wherever it is opened; what the course says of itself counts there, too.
course = pathlib.Path.home() / os.environ["WIREBOOK_COURSE"]
if (course / "nbgrader_config.py").is_file():
    load_subconfig(str(course / "nbgrader_config.py"))  # noqa: F821
    c.CourseDirectory.root = str(course)
