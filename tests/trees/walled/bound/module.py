"""Has no grants of its own."""

from mgr_module import CLICommand, HandleCommandResult, MgrModule
from reach.module import listen, outcome


class Module(MgrModule):
    NOTIFY_TYPES = []

    @CLICommand("bound listen")
    def listen(self, port: int):
        """Listen on a port"""
        return HandleCommandResult(stdout=outcome(lambda: listen(port)))
