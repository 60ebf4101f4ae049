from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    @staticmethod
    def can_run():
        return [True, ""]

    @CLICommand("can_run_list hello")
    def hello(self):
        """Say hello"""
        return 0, "hello", ""
