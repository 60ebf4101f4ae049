"""Something that a module tries from behind its walls, and what comes of it."""

OUTCOME = """
import ctypes, errno
def attempt(work):
    try:
        work()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
"""


def attempt(standin, host, work: str, **names) -> str:
    """What comes of `work` in the host: "done", or the name of an errno."""
    return standin.call(host, "execute", f"{OUTCOME}\nresult = attempt(lambda: {work})", **names)
