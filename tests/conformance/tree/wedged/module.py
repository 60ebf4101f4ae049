"""Returns what is no text: a thing that one must not do."""

from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    @CLICommand("wedged bytes")
    def give_bytes(self):
        """Return bytes as standard output"""
        return 0, b"bytes", ""

    @CLICommand("wedged text")
    def give_text(self):
        """Return text"""
        return 0, "text", ""
