from mgr_module import MgrModule


class Module(MgrModule):
    COMMANDS = None

    @classmethod
    def _register_commands(cls, name):
        pass
