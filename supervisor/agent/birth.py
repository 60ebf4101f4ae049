"""From a fresh fork of the monitor to the program of a daemon."""

import os
import signal
from collections.abc import Mapping
from typing import NoReturn

from supervisor.linux import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, prctl


NOT_STARTED = 127  # exit code; the sentence why is the last line of the output
_OPENER = 3


def become(
    parent: int,
    opener: int,
    command: list[str],
    environment: Mapping[str, str],
    folder: str,
    output: str,
) -> NoReturn:
    """Turn this process into `command`, in a session of its own. It dies with its `parent`, and is
    itself the parent of every orphan below it, so that none of them is lost when it ends. `opener`
    is closed by the exec, or the end.
    """
    try:
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above: no signal will come
            os._exit(NOT_STARTED)
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        null = os.open(os.devnull, os.O_RDONLY)
        log = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        for new, old in ((null, 0), (log, 1), (log, 2)):
            os.dup2(new, old)
        os.dup2(opener, _OPENER, inheritable=False)
        os.closerange(_OPENER + 1, os.sysconf("SC_OPEN_MAX"))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them
            signal.signal(number, signal.SIG_DFL)
        os.umask(0o027)
        os.chdir(folder)
        os.execvpe(command[0], command, environment)  # noqa: S606  that is the point
    except OSError as error:
        os.write(
            2, f"cannot be started: {error.filename or command[0]}: {error.strerror}\n".encode()
        )
    finally:
        # Nothing of the child may ever run on into the monitor's loop.
        os._exit(NOT_STARTED)
