"""Replaces os._exit, as upstream's prometheus and dashboard do."""

import os

from mgr_module import MgrModule


os._exit = lambda status: None


class Module(MgrModule):
    pass
