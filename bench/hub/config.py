"""The hub of deploy/ without the system's users: for tests and measurements on any machine, and for nothing else. Everybody is the user who starts it."""

import os
import pathlib

c = get_config()  # noqa: F821
deploy = pathlib.Path(os.environ["WIREBOOK_HUB_DEPLOY"])
load_subconfig(str(deploy / "jupyterhub_config.py"))  # noqa: F821

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["WIREBOOK_HUB_PASSWORD"]
c.SharedPasswordAuthenticator.admin_password = os.environ["WIREBOOK_HUB_ADMIN_PASSWORD"]
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"teacher"}

c.JupyterHub.spawner_class = "simple"
homes = pathlib.Path(os.environ["WIREBOOK_HUB_DIR"], "homes")
c.SimpleLocalProcessSpawner.home_dir_template = str(homes / "{username}")
if os.geteuid() == 0:
    c.Spawner.args = ["--allow-root"]

port, hub_port, proxy_port = os.environ["WIREBOOK_HUB_PORTS"].split(",")
c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{proxy_port}"

# No notebook asks the network.
c.Spawner.environment["WIREBOOK_TARGET"] = "stand-in"

# Whoever starts this hub may end its idle servers at once, with the culler's own rights.
c.JupyterHub.services[0]["api_token"] = os.environ["WIREBOOK_HUB_CULLER_TOKEN"]
