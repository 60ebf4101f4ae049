"""The agent's folder, and the two locks in it.

lock       held by the agent for its life, its pid inside: one agent a folder
present    held, shared, by every supervisor that uses the agent; the kernel frees it at its end
access.json, daemons/, agent.log    see supervisor.agent.access, .shelf, .output
"""

import errno
import fcntl
import os
import time
from pathlib import Path

from supervisor.agent.refusal import RefusedError


ATTEMPTS, PAUSE = 25, 0.02  # a supervisor that looks whether we live holds our lock for a moment


class Place:
    """Creates the folder and takes the lock. Raises RefusedError, with the sentence why not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "agent.log"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._present = os.open(
                folder / "present", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
            self._take()
            os.ftruncate(self._lock, 0)
            os.write(self._lock, f"{os.getpid()}\n".encode())
        except OSError as error:
            raise RefusedError(
                error.errno or errno.EIO, f"cannot use {folder}: {error.strerror}"
            ) from None

    def _take(self) -> None:
        for attempt in range(ATTEMPTS):
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if attempt + 1 < ATTEMPTS:
                    time.sleep(PAUSE)
            else:
                return
        holder = os.pread(self._lock, 32, 0).decode(errors="replace").strip() or "unknown"
        raise RefusedError(errno.EBUSY, f"another agent (process {holder}) keeps {self.folder}")

    def deserted(self) -> bool:
        """Whether no supervisor is there. Then none can come before `open_again` or our end: a
        supervisor comes by taking that lock, and waits for us. Monitor and worker share it.
        """
        try:
            fcntl.flock(self._present, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def open_again(self) -> None:
        """Let supervisors come."""
        fcntl.flock(self._present, fcntl.LOCK_UN)
