"""Is no Python."""

compile("def broken(:", "module.py", "exec")
from mgr_module import MgrModule as Module
