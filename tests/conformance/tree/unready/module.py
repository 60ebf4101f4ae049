"""Cannot be constructed."""

from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        raise ValueError("not today")

    @CLICommand("unready hello")
    def hello(self):
        """Say hello"""
        return 0, "hello", ""
