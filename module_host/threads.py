"""Threads with a name that Python and the kernel both know."""

import contextlib
import threading
from collections.abc import Callable

from module_host import linux


def start(name: str, work: Callable[[], None]) -> threading.Thread:
    """Run `work` on a thread of its own. None is waited for at exit: the host ends by os._exit."""

    def run() -> None:
        with contextlib.suppress(OSError):
            linux.name_thread(name)
        work()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
