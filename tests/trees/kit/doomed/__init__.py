from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    @CLICommand("doomed ask")
    def ask(self):
        """Answer while serve() lives"""
        return 0, "alive", ""

    @CLICommand("doomed self-test")
    def test(self):
        """Answer even then"""
        return 0, "tested", ""

    def reach(self):
        return "still reachable"

    def serve(self):
        raise RuntimeError("serve gave up")
