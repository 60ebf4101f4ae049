"""A user of the module's own, and nobody else's: what belongs to others is closed by its mode bits.

Capabilities survive it for the moment; module_host.sandbox.capabilities says which are to stay.
"""

import errno
import os
import signal

from module_host import linux
from module_host.ends import ExitCode, leave_now
from module_host.sandbox import capabilities


def become(uid: int, modules_gid: int) -> None:
    """Be user and group `uid` for good, and in the group of all modules. Raises OSError, and
    nothing has changed, where the caller may not.
    """
    held = capabilities.held()
    for number, name in ((capabilities.SETGID, "SETGID"), (capabilities.SETUID, "SETUID")):
        if not held & 1 << number:
            raise OSError(errno.EPERM, f"root has no CAP_{name} here")
    parent = os.getppid()
    linux.prctl(linux.PR_SET_KEEPCAPS, 1)
    os.setgroups([modules_gid])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    linux.prctl(linux.PR_SET_KEEPCAPS, 0)
    # The kernel takes both from who becomes somebody else: /proc/self would be root's, and the end
    # of the parent no business of ours.
    linux.prctl(linux.PR_SET_DUMPABLE, 1)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above: no signal will come
        leave_now(ExitCode.SUPERVISOR_GONE)
