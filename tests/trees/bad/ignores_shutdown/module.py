"""Neither shutdown() nor SIGTERM ends it."""

import signal
import threading

from mgr_module import MgrModule


class Module(MgrModule):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def serve(self):
        threading.Event().wait()

    def shutdown(self):
        threading.Event().wait()
