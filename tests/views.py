"""Views of one's own (namespaces), and what tests do where this machine lets nobody have them."""

import functools
import subprocess
import sys


LAYERS = ("processes", "ipc", "paths")
_ASK = "from module_host import namespaces; print(namespaces.enter()[1])"


@functools.cache
def refusal() -> str:
    """Why an ordinary user gets none here, as in a chroot or most containers; "" where it does."""
    done = subprocess.run([sys.executable, "-c", _ASK], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def absent() -> list[str]:
    """The layers that cannot be had here."""
    return list(LAYERS) if refusal() else []


def required() -> str:
    """Lines of `[sandbox]`: every layer that this machine has is required."""
    return f'mode = "require"\nwithout = {absent()}\n'
