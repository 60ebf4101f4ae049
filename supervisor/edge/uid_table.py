"""The users of the modules, in `<data_dir>/uids.json`: {module: uid}.

A module keeps its own for good. Where the numbers run out, those of modules that have no data any
more are given away. Supervisors that share the folder share the table; a lock is around each look.
"""

import contextlib
import errno
import fcntl
import grp
import os
import pwd
from collections.abc import Iterator
from pathlib import Path

from supervisor import disk
from supervisor.core.uids import choose


class UidTable:
    """One thread at a time."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / "uids.json"
        self._lock = data_dir / "uids.lock"
        self._folders = data_dir / "modules"
        self._place = str(data_dir)

    def known(self, owner: str) -> int | None:
        """The number that `owner` has. Raises OSError."""
        return self._read().get(owner)

    def number(self, owner: str, allowed: range) -> int:
        """The number of `owner`, now and later. Raises OSError, also where there is none left."""
        with self._locked():
            table = self._read()
            if table.get(owner, -1) in allowed:
                return table[owner]
            taken = {*table.values(), *_of_the_machine()}
            number = choose(owner, self._place, allowed, taken)
            if number is None:
                table = {name: uid for name, uid in table.items() if self._has_data(name)}
                taken = {*table.values(), *_of_the_machine()}
                number = choose(owner, self._place, allowed, taken)
            if number is None:
                raise OSError(
                    errno.EUSERS, "no uid is left: [sandbox] uids is too small", str(self._file)
                )
            disk.write_json(self._file, {**table, owner: number})
            return number

    def _has_data(self, name: str) -> bool:
        # What is no module's name stands for something else, which stays.
        return not name.isidentifier() or os.path.lexists(self._folders / name)

    def _read(self) -> dict[str, int]:
        try:
            table = disk.read_json(self._file)
        except FileNotFoundError:
            return {}
        except ValueError:
            table = None
        if isinstance(table, dict) and all(type(uid) is int for uid in table.values()):
            return table
        raise OSError(errno.EINVAL, "it is damaged: restore it, or remove it", str(self._file))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        fd = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)


def _of_the_machine() -> set[int]:
    """Numbers that the databases of users and groups know."""
    return {user.pw_uid for user in pwd.getpwall()} | {group.gr_gid for group in grp.getgrall()}
