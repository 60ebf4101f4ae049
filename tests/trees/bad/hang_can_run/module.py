"""Never says whether it can run."""

import threading

from mgr_module import MgrModule


class Module(MgrModule):
    @staticmethod
    def can_run():
        threading.Event().wait()
        return True, ""
