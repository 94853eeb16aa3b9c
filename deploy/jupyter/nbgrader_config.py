"""nbgrader on the hub: where assignments are exchanged, and where the course is for whoever has it."""

import os
import pathlib

c = get_config()  # noqa: F821
c.Exchange.root = os.environ["WIREBOOK_EXCHANGE"]
c.CourseDirectory.course_id = os.environ["WIREBOOK_COURSE"]
course = pathlib.Path.home() / os.environ["WIREBOOK_COURSE"]
if (course / "nbgrader_config.py").is_file():
    c.CourseDirectory.root = str(course)
