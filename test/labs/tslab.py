"""Executes notebooks with the stock tslab kernel, and prints as JSON what came of each code cell.

    python tslab.py NOTEBOOK...

tslab aborts whatever arrives within 200 ms after a failing cell, so there is a pause after each failure. And what something in the background prints,
it shows with whichever cell runs when it arrives; a short pause after each cell keeps it from the next one.
"""

import asyncio
import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


async def executed(cell, cell_index, execute_reply):
    replies[cell.id] = execute_reply["content"]["status"]
    await asyncio.sleep(0.05 if replies[cell.id] == "ok" else 0.5)


seen = []
for path in map(Path, sys.argv[1:]):
    replies: dict[str, str] = {}
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=60,
        kernel_name="tslab",
        allow_errors=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_executed=executed,
    )
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            outputs = cell.outputs
            text = "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
            seen.append(
                {
                    "notebook": path.name,
                    "id": cell.id,
                    "tags": cell.metadata.get("tags", []),
                    "status": replies.get(cell.id),
                    "text": text,
                }
            )
json.dump(seen, sys.stdout)
