"""How a module host ends: its exit codes (docs/architecture.md), and the way there."""

import os
from enum import IntEnum


# Bound before any module is loaded: upstream's prometheus and dashboard replace os._exit by a
# function that does nothing, to keep cherrypy from ending the manager.
leave_now = os._exit


class ExitCode(IntEnum):
    """Codes of a host that ended by itself."""

    ASKED = 0
    UNEXPECTED = 1  # an exception that nothing provides for, as from any Python program
    BAD_LAUNCH = 64
    CANNOT_RUN = 65
    INIT_RAISED = 70
    REFUSED = 71
    SUPERVISOR_GONE = 72
    NO_SANDBOX = 73


class EndOfHost(Exception):  # noqa: N818  not an error of the code: the way out
    """Ends the process with `code`; the text is for the module's log."""

    def __init__(self, code: ExitCode, why: str) -> None:
        super().__init__(why)
        self.code = code
