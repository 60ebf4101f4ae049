"""Has no module.py beside it."""

from mgr_module import MgrModule


class Module(MgrModule):
    pass
