from mgr_module import MgrModule


class Module(MgrModule):
    COMMANDS = {"cmd": "broken_commands_dict x"}

    @classmethod
    def _register_commands(cls, name):
        pass
