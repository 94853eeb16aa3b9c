"""A kernel with CurveZMQ, by Jupyter's own client. Prints one line for each thing that was seen; ends with `done`."""

import os
import queue
import sys
import tempfile

import zmq
from jupyter_client import BlockingKernelClient, KernelManager

transport = sys.argv[1]
folder = tempfile.mkdtemp()
where = {"transport": "ipc", "ip": os.path.join(folder, "k")} if transport == "ipc" else {}
manager = KernelManager(kernel_name="wirebook", transport_encryption="required", **where)
manager.start_kernel()
client = manager.client()
try:
    client.start_channels()
    client.wait_for_ready(timeout=30)
    keys = (manager.curve_publickey, manager.curve_secretkey)
    print("keys", all(len(key) == 40 for key in keys))

    texts = []

    def hear(message):
        content = message["content"]
        text = content.get("text") or content.get("data", {}).get("text/plain")
        if text:
            texts.append(text)

    client.execute_interactive(
        "console.log('printed'); 6 * 7",
        timeout=30,
        output_hook=hear,
    )
    print("outputs", texts)
    client.hb_channel.time_to_dead = 2
    client.hb_channel.unpause()
    print("heartbeat", client.is_alive() and client.hb_channel.is_beating())
    message = client.session.msg("kernel_info_request", {})
    client.control_channel.send(message)
    print("control", client.control_channel.get_msg(timeout=30)["msg_type"])
    client.execute_interactive(
        "console.log(await input('name? '))",
        timeout=30,
        allow_stdin=True,
        stdin_hook=lambda _: client.input("asked"),
        output_hook=hear,
    )
    print("stdin", texts[-1].strip())

    # The same file without the keys: such a client must hear nothing.
    info = {k: v for k, v in manager.get_connection_info().items() if not k.startswith("curve")}
    stranger = BlockingKernelClient()
    stranger.load_connection_info(info)
    stranger.start_channels(hb=False)
    # A socket that was refused by its only peer has nobody to send to, and waits for one.
    stranger.shell_channel.socket.SNDTIMEO = 2000
    try:
        stranger.kernel_info()
        stranger.get_shell_msg(timeout=2)
        print("stranger", "was answered")
    except (queue.Empty, zmq.Again):
        print("stranger", "was not answered")
    stranger.stop_channels()

    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=30)
    print("restart", (manager.curve_publickey, manager.curve_secretkey) == keys)
    print("done")
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
