"""Declares commands that are none."""

from mgr_module import MgrModule


class Module(MgrModule):
    COMMANDS = [{"desc": "no cmd at all"}]
