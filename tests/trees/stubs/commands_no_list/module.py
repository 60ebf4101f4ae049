"""Declares its commands as text."""

from mgr_module import MgrModule


class Module(MgrModule):
    NOTIFY_TYPES = []
    COMMANDS = "commands_no_list show"
