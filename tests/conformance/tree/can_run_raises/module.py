from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    @staticmethod
    def can_run():
        raise KeyError("spoon")

    @CLICommand("can_run_raises hello")
    def hello(self):
        """Say hello"""
        return 0, "hello", ""
