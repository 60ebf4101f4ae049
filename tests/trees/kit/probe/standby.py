"""The same on a manager that waits."""

import threading

from mgr_module import MgrStandbyModule, Option


class Standby(MgrStandbyModule):
    MODULE_OPTIONS = [Option("port", type="int", default=80)]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stop = threading.Event()

    def serve(self):
        self.stop.wait()

    def shutdown(self):
        self.stop.set()
