"""Never finishes its construction."""

import threading

from mgr_module import MgrModule


class Module(MgrModule):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        threading.Event().wait()
