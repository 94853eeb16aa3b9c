// What `wirebook course init` writes beside the notebooks.

export function nbgraderConfig(course: string): string {
  return `"""nbgrader for this course. Options: https://nbgrader.readthedocs.io/en/stable/configuration/config_options.html"""

from nbgrader_wirebook import configure

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "${course}"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".wirebook", "*.zip"]
configure(c)

# Your own changes go below, as in
# c.Execute.timeout = 60
`;
}

export function courseReadme({
  course,
  assignment,
  cli,
}: {
  course: string;
  assignment: string;
  cli: string;
}): string {
  return `# ${course}

\`source/${assignment}/\` has the lab with its solutions and mark schemes. Students must not get it. In this folder:

\`\`\`sh
alias wirebook='node "${cli}"'

# release/${assignment}/: the student's notebooks. Hand these out
wirebook release ${assignment}

# a folder, or zip files, of what students made with \`wirebook submit\`
wirebook course import DOWNLOADS

# runs the submissions, and marks what can be marked: autograded/
wirebook course nbgrader autograde ${assignment}

# JupyterLab in this folder; choose Nbgrader → Formgrader, and mark the rest by hand
wirebook course lab

# feedback/STUDENT/${assignment}/*.html, and grades.csv
wirebook course nbgrader generate_feedback ${assignment}
wirebook course nbgrader export
\`\`\`

\`checks/\` has the checks that count; students are given those in \`source/${assignment}/checks/\`.

A submission that comes again replaces the older one when it is imported; \`autograde\` then does it anew. All of it, step by step: docs/instructor.md in Wirebook's folder.
`;
}
