"""Says that it cannot run."""

from mgr_module import MgrModule


class Module(MgrModule):
    @staticmethod
    def can_run():
        return False, "the flux capacitor is missing"
