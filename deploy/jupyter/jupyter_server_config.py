"""Everybody's Jupyter server on the hub: as `npm run lab` starts it, with this kernel only, and kernels that nobody uses are ended."""

import pathlib

c = get_config()  # noqa: F821
load_subconfig(str(pathlib.Path(__file__).resolve().parents[2] / "setup" / "lab_config.py"))  # noqa: F821

c.KernelSpecManager.allowed_kernelspecs = {"wirebook"}
c.KernelSpecManager.ensure_native_kernel = False

# One whose notebook is open somewhere counts as used.
c.MappingKernelManager.cull_idle_timeout = 3600
c.MappingKernelManager.cull_interval = 300
