from mgr_module import MgrModule


class Module(MgrModule):
    @staticmethod
    def can_run():
        return False, "it lacks the library frobnicate"
