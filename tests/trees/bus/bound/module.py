"""The configuration says what it may do: next to nothing."""

import threading

from mgr_module import MgrModule

from module_host.evaluation import EvalMixin


class Module(EvalMixin, MgrModule):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._free = threading.Event()

    def hold(self):
        return "held until let go" if self._free.wait(60) else "held for too long"

    def let_go(self):
        self._free.set()
        return "gone"
