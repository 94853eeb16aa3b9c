"""How `npm run lab` starts JupyterLab. The user's own configuration is not touched."""

import os

c = get_config()  # noqa: F821

c.ServerApp.ip = "127.0.0.1"
# Ctrl-C means stop; nobody is asked twice.
c.ServerApp.answer_yes = True

c.MultiKernelManager.default_kernel_name = "wirebook"
# Other users of this computer could listen to what server and kernel say to each other; kernels that can encrypt it do.
c.KernelManager.transport_encryption = "auto"

# The server throws away what prints faster than 1 MB/s or 1,000 messages/s; the kernel keeps its own measure.
c.ZMQChannelsWebsocketConnection.iopub_msg_rate_limit = 1e9
c.ZMQChannelsWebsocketConnection.iopub_data_rate_limit = 1e12
# A 10 MB string travels in one message.
c.ServerApp.tornado_settings = {"websocket_max_message_size": 256 * 1024 * 1024}

# What notebooks are made of has their answers, and what checks look at tells much: whoever wants to see it has to look for it.
c.ContentsManager.hide_globs = ["__pycache__", "*.pyc", "*.pyo", ".DS_Store", "*~", "source", "checks"]

# Nothing is fetched from outside.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"

# nbgrader is for instructors, in a course's folder (`wirebook course lab`), and for hubs; here it would cost time at the start, and confuse.
NBGRADER = ("formgrader", "validate_assignment", "assignment_list", "course_list")


def without_nbgrader(handler, page):
    page["federated_extensions"] = [one for one in page["federated_extensions"] if one["name"] != "@jupyter/nbgrader"]
    return page


if "JUPYTERHUB_USER" not in os.environ:
    c.ServerApp.jpserver_extensions.update({f"nbgrader.server_extensions.{name}": False for name in NBGRADER})
    c.ServerApp.tornado_settings["page_config_hook"] = without_nbgrader
