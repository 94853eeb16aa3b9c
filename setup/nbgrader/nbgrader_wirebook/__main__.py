"""What Wirebook's commands ask for: python -m nbgrader_wirebook lint NOTEBOOK…, or import COURSE ZIP…"""

import sys

from . import collect, lint

COMMANDS = {"lint": lint.main, "import": collect.main}
sys.exit(COMMANDS[sys.argv[1]](sys.argv[2:]))
