"""Programs of daemons: where they are on this machine, and which package has them."""

import os
import shutil

from orchestrator import OrchestratorValidationError


# A module's own search path may be short, and daemons live in the administrator's folders.
FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


def find(program: str) -> str:
    """Absolute path of a program, empty where it is not installed."""
    return shutil.which(program, path=os.pathsep.join(FOLDERS)) or ""


def needed(kind: str, program: str, package: str) -> str:
    """Absolute path of a program; raises OrchestratorValidationError naming the Debian package."""
    path = find(program)
    if not path:
        raise OrchestratorValidationError(
            f"{kind} needs the program {program}, which is not installed: its Debian package is"
            f" {package}"
        )
    return path
