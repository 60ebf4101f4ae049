"""Stands for upstream's module of this name, which selftest calls and which needs a package more."""

from mgr_module import MgrModule


class Module(MgrModule):
    NOTIFY_TYPES = []
    COMMANDS = [{"cmd": "influx self-test", "desc": "say that it works", "perm": "r"}]

    def handle_command(self, inbuf, cmd):
        return 0, "it works", ""

    def self_test(self):
        return self.handle_command("", {"prefix": "influx self-test"})[1]
