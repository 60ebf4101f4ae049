"""Declares an argument of a type that nobody knows."""

from mgr_module import MgrModule


class Module(MgrModule):
    COMMANDS = [{"cmd": "broken name=x,type=CephNonsense", "desc": "d", "perm": "r"}]
