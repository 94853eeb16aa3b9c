"""Executes a notebook with nbclient, and prints as JSON what a page would have seen.

    python execute.py NOTEBOOK [--hold]

nbclient keeps only what comes while a cell runs. A page keeps all that a cell caused, so every message is noted here with the
cell whose request it names: `outputs` is nbclient's view of a cell, `caused` the page's.

With --hold the kernel lives on after the last cell, until standard input ends; `ready` is printed to stderr when that begins.
"""

import asyncio
import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

path = Path(sys.argv[1]).resolve()
hold = "--hold" in sys.argv
notebook = nbformat.read(path, as_version=4)
messages: list[dict] = []
cell_of: dict[str, str] = {}
last = max(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code")


class Recorder(NotebookClient):
    async def async_start_new_kernel_client(self, **options):
        client = await super().async_start_new_kernel_client(**options)
        receive = client.iopub_channel.get_msg

        async def receive_and_note(*args, **kwargs):
            message = await receive(*args, **kwargs)
            messages.append(message)
            return message

        client.iopub_channel.get_msg = receive_and_note
        return client


async def listen_until(done) -> None:
    """Notes what still comes, until `done` says so after a quiet moment."""
    while True:
        try:
            await asyncio.wait_for(client.kc.iopub_channel.get_msg(timeout=None), 0.5)
        except asyncio.TimeoutError:
            if done():
                return


async def executed(cell, cell_index, execute_reply):
    cell_of[execute_reply["parent_header"]["msg_id"]] = cell.id
    if cell_index != last:
        return
    released = lambda: True  # noqa: E731
    if hold:
        print("ready", file=sys.stderr, flush=True)
        released = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read).done
    await listen_until(released)


client = Recorder(
    notebook,
    timeout=60,
    kernel_name="wirebook",
    resources={"metadata": {"path": str(path.parent)}},
    on_cell_executed=executed,
)
failure = None
try:
    client.execute()
except CellExecutionError as error:
    failure = str(error)

caused: dict[str, list] = {}
for message in messages:
    kind, content = message["msg_type"], message["content"]
    cell = cell_of.get(message["parent_header"].get("msg_id"))
    if cell and kind in ("stream", "display_data", "update_display_data", "execute_result", "error"):
        text = content.get("text") or content.get("data", {}).get("text/plain") or ""
        if kind == "error":
            text = f"{content['ename']}: {content['evalue']}"
        caused.setdefault(cell, []).append({"kind": kind, "text": text})

seen = [
    {
        "id": cell.id,
        "code": cell.cell_type == "code",
        "tags": cell.metadata.get("tags", []),
        "outputs": cell.get("outputs", []),
        "caused": caused.get(cell.id, []),
    }
    for cell in notebook.cells
]
json.dump({"failure": failure, "cells": seen}, sys.stdout)
