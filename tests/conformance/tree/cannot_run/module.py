from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    @staticmethod
    def can_run():
        return False, "the spoon is missing"

    @CLICommand("cannot_run hello")
    def hello(self):
        """Say hello"""
        return 0, "hello", ""
