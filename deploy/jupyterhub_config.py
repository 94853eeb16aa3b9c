"""A JupyterHub for one machine: a lab course of some dozens of students, each with a folder and ports of their own.

`npm run hub` starts it. Change nothing here; a file of your own can load this one and say more (README.md, beside this file).
"""

import os
import pathlib
import stat
import sys

c = get_config()  # noqa: F821

deploy = pathlib.Path(__file__).resolve().parent
root = deploy.parent
programs = pathlib.Path(sys.prefix, "bin")
# All that the hub writes. Nothing secret is in this file: the cookie secret and the proxy's token are made by the hub.
state = pathlib.Path(os.environ.get("WIREBOOK_HUB_DIR", "/srv/wirebook"))
exchange = state / "exchange"
private = state / "hub"
private.mkdir(mode=0o700, parents=True, exist_ok=True)
exchange.mkdir(exist_ok=True)
# nbgrader wants it writable for all; sticky, nobody can move or remove what is somebody else's.
exchange.chmod(0o777 | stat.S_ISVTX)

c.JupyterHub.db_url = f"sqlite:///{private / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(private / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(private / "proxy.pid")
c.ConfigurableHTTPProxy.command = [
    str(programs / "node"),
    str(root / ".cache/hub/proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"),
]

# Other computers are let in only over TLS: with a certificate here, or with a web server in front.
certificate, key = (os.environ.get(f"WIREBOOK_HUB_TLS_{name}") for name in ("CERT", "KEY"))
if certificate and key:
    c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = certificate, key
    c.JupyterHub.bind_url = "https://:443"
else:
    c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# Who logs in: the system's users (PAM), those of two groups. Instructors see all servers, and nbgrader's own pages.
c.JupyterHub.authenticator_class = "pam"
c.LocalAuthenticator.allowed_groups = {"students", "instructors"}
c.LocalAuthenticator.admin_groups = {"instructors"}

# What a student may use. 1 GB is a server with three or four notebooks open at once (docs/scale.md).
c.Spawner.mem_limit = "1G"
c.Spawner.cpu_limit = 2
if pathlib.Path("/run/systemd/system").is_dir() and os.geteuid() == 0:
    c.JupyterHub.spawner_class = "systemd"
    c.SystemdSpawner.isolate_tmp = True
    # A loop of forks ends at the student's own limit.
    c.SystemdSpawner.unit_extra_properties = {"TasksMax": "500"}
else:
    c.JupyterHub.spawner_class = "localprocess"
    print("There is no systemd here: the limits of memory, processor and processes are not enforced.", file=sys.stderr)

# A class comes at the same minute. So many start at once, the others are asked to wait a moment.
cores = os.cpu_count() or 1
memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
c.JupyterHub.concurrent_spawn_limit = max(10, 5 * cores)
# More servers than fit are refused, before all of them begin to fail. 500 MB is what one takes with two notebooks that have been worked
# through (docs/scale.md).
c.JupyterHub.active_server_limit = max(10, int(memory * 0.8 / 500e6))
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120

# A block of ports for each user, from just below those that Linux gives to outgoing connections downwards. Users have numbers, so blocks
# never overlap before there are more users than blocks.
PORTS = 20
FIRST, END = 10_000, 32_768
BLOCKS = (END - FIRST) // PORTS


def port_base(spawner):
    return str(END - (1 + spawner.user.id % BLOCKS) * PORTS)


COURSE = "sockets"


def config_path(spawner):
    folders = ["jupyter"] if spawner.user.admin else ["jupyter", "students"]
    return os.pathsep.join(str(deploy / folder) for folder in folders)


# Copies the notebooks that are missing, as the student, and becomes the student's server.
c.Spawner.cmd = [sys.executable, str(deploy / "singleuser.py")]
c.Spawner.notebook_dir = "~/wirebook"
c.Spawner.default_url = "/lab/tree/0-index.ipynb"
c.Spawner.environment = {
    "WIREBOOK_PORT_BASE": port_base,
    "WIREBOOK_PORT_COUNT": str(PORTS),
    # The limits of the student's Jupyter server are raised in jupyter/; the kernel need not pace itself.
    "WIREBOOK_IOPUB": "unlimited",
    "WIREBOOK_COURSE": COURSE,
    "WIREBOOK_EXCHANGE": str(exchange),
    "JUPYTER_CONFIG_PATH": config_path,
    # The course's side of nbgrader.
    "PYTHONPATH": str(root / "setup" / "nbgrader"),
    "PATH": os.pathsep.join([str(programs), "/usr/local/bin:/usr/bin:/bin"]),
}

# Whoever has done nothing for an hour makes room; files stay, variables go.
c.JupyterHub.services = [
    {
        "name": "culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600", "--cull-every=300"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "services": ["culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
