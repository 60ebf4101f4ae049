"""A module that nobody enables."""

from mgr_module import CLICommand, MgrModule, Option


class Module(MgrModule):
    MODULE_OPTIONS = [
        Option(
            name="limit",
            type="int",
            default=5,
            desc="the most",
            long_desc="the most that there may be",
            min=1,
            max=9,
            tags=["b", "a"],
            see_also=["other"],
            runtime=True,
        ),
        {"name": "bare"},
    ]

    @CLICommand("dormant hello")
    def hello(self, name: str = "you"):
        """Say hello"""
        return 0, "hello " + name, ""

    def method(self):
        return "here"
