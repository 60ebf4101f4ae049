"""A module that others call."""

import os
import threading

from mgr_module import MgrModule, Option


class Module(MgrModule):
    MODULE_OPTIONS = [Option(name="colour", default="none")]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._end = threading.Event()

    def serve(self):
        self._end.wait()

    def shutdown(self):
        self._end.set()

    def same(self, value):
        return value

    def pid(self):
        return os.getpid()

    def colour(self):
        return self.get_module_option("colour")

    def keep(self, key, value):
        self.set_store(key, value)
        return self.get_store(key)

    def rest(self):
        self._end.wait()

    def back(self, depth):
        """A call that comes back to whoever called, so many times."""
        return [depth, *self.remote("asker", "back", depth - 1)] if depth else [depth]
