from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    @staticmethod
    def can_run():
        return 1, ""

    @CLICommand("can_run_text hello")
    def hello(self):
        """Say hello"""
        return 0, "hello", ""
