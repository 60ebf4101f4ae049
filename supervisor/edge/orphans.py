"""Processes that lose their parent when the zygote is killed: they come to the supervisor and end.

Hosts die with the zygote (PR_SET_PDEATHSIG); what they had started does not. As the nearest
subreaper the supervisor becomes its parent.
"""

import contextlib
import os
import signal
from collections.abc import Iterator

from supervisor.linux import PR_SET_CHILD_SUBREAPER, children, prctl


def adopt_orphans() -> None:
    """Make this process the parent of every orphan below it. Raises OSError."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


@contextlib.contextmanager
def orphans_may_leave() -> Iterator[None]:
    """Let who becomes an orphan meanwhile go to init: the way out for the one process that is to
    outlive this one. Kept short: what a zygote leaves behind that is killed meanwhile goes too.
    """
    prctl(PR_SET_CHILD_SUBREAPER, 0)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_orphans() -> None:
    """Kill and reap every child of this process; to be called while no zygote runs. The killing is
    repeated since the children of an orphan become orphans in turn.
    """
    while found := children(os.getpid()):
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
