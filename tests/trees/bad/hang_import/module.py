"""Never finishes its import."""

import threading

from mgr_module import MgrModule


def wait_for_ever():
    threading.Event().wait()


wait_for_ever()


class Module(MgrModule):
    pass
