"""Its serve() raises."""

from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    @CLICommand("dying hello")
    def hello(self):
        """Say hello"""
        return 0, "hello", ""

    @CLICommand("dying self-test")
    def tested(self):
        """Answer although serve() has ended"""
        return 0, "tested", ""

    def method(self):
        return "here"

    def serve(self):
        raise ValueError("no more")
