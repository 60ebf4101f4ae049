"""A module that calls another one."""

import threading

from mgr_module import MgrModule

from module_host.evaluation import EvalMixin


class Module(EvalMixin, MgrModule):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._end = threading.Event()

    def serve(self):
        self._end.wait()

    def shutdown(self):
        self._end.set()

    def back(self, depth):
        """A call that comes back to whoever called, so many times."""
        return [depth, *self.remote("asked", "back", depth - 1)] if depth else [depth]
