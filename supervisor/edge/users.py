"""A user for each module, where the supervisor is root: who it is, and that its files are its own.

Before each launch, on a thread of its own: the module's data and its log belong to its user, or to
the supervisor's again once the layer `uid` is switched off. What all modules need, the bus and the
published state, is open for a group that is theirs alone; the folders around let others through,
and nothing else in them is open to others.

DIAGNOSTICS
    "stays whose it is": a file in a module's data folder was not given to the module's user.
"""

import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from supervisor.config import Config
from supervisor.edge.log_files import open_log
from supervisor.edge.loop import Loop
from supervisor.edge.ownership import give
from supervisor.edge.uid_table import UidTable
from supervisor.edge.worker import Worker


log = structlog.get_logger("users")

GROUP = "(modules)"  # in the table; no module's name
# What root needs to have its modules be somebody else, and to go on caring for them.
_NEEDED = {0: "CHOWN", 1: "DAC_OVERRIDE", 3: "FOWNER", 5: "KILL", 6: "SETGID", 7: "SETUID"}


@dataclass(frozen=True)
class User:
    """Of a module. `uid` 0: the supervisor's own, for the reason `why`; `status` is the layer's."""

    uid: int = 0
    group: int = 0
    status: str = "off"
    why: str = ""

    @property
    def owner(self) -> tuple[int, int]:
        """Whose the module's files are: uid and gid."""
        return (self.uid, self.uid) if self.uid else (os.geteuid(), os.getegid())


class Users:
    """Loop thread, but for what is marked."""

    def __init__(self, config: Config, loop: Loop, sockets: Sequence[Path]) -> None:
        self._config = config
        self._loop = loop
        self._sockets = sockets  # of modules
        self._table = UidTable(config.data_dir)
        self._known: dict[str, User] = {}
        self._worker: Worker | None = None

    def reconfigure(self, config: Config) -> None:
        """Count from the next launches on."""
        self._config = config

    def of(self, module: str) -> User:
        """Whose the module's last process is, or will be."""
        return self._known.get(module, User())

    def settle(
        self,
        module: str,
        state_dir: Path,
        then: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Find the module's user, give it what is its own, and call `then`."""
        none = _none(self._config)
        if os.geteuid():
            self._known[module] = none or User()
            then()
            return

        def settled(user: User) -> None:
            self._known[module] = user
            then()

        if self._worker is None:
            self._worker = Worker(self._loop, "users")
        self._worker.submit(
            partial(self._settle, module, self._config, none, state_dir), settled, failed
        )

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()

    # On the thread. Raises OSError.

    def _settle(self, module: str, config: Config, none: User | None, state_dir: Path) -> User:
        if none is not None:
            if self._table.known(module) is not None:
                self._give(module, config, none)
            return none
        user = User(self._table.number(module, config.uids), self._table.number(GROUP, config.uids))
        self._let_modules_in(config, state_dir, user.group)
        self._give(module, config, user)
        return user

    def _give(self, module: str, config: Config, user: User) -> None:
        folder = config.data_dir / "modules" / module
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        given = give(folder, *user.owner)
        for kept in given.kept:
            log.warning("a file stays whose it is", module=module, file=kept)
        if given.changed:
            log.info("data was given to its user", module=module, uid=user.owner[0],
                     entries=given.changed)  # fmt: skip
        os.close(open_log(config.module_log(module), user.owner[0]))

    def _let_modules_in(self, config: Config, state_dir: Path, group: int) -> None:
        data = config.data_dir / "modules"
        data.mkdir(exist_ok=True)
        open_for_all = [(data, 0o710), (state_dir, 0o750)]
        open_for_all += [(socket, 0o660) for socket in self._sockets]
        for path, mode in open_for_all:
            os.chown(path, -1, group)
            path.chmod(mode)
        for folder in (config.run_dir, config.data_dir, config.log_dir):
            if not folder.stat().st_mode & stat.S_IXOTH:
                _close_to_others(folder)
                folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)


def _close_to_others(folder: Path) -> None:
    """What is in a folder that kept others out needs to do so itself."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                mode = stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode)
                if mode & stat.S_IRWXO and not entry.is_symlink():
                    Path(entry.path).chmod(mode & ~stat.S_IRWXO)


def _none(config: Config) -> User | None:
    """The answer where modules have no users of their own."""
    if config.sandbox == "off":
        return User(why="sandbox mode is off")
    if "uid" in config.without:
        return User(why="switched off by [sandbox] without")
    if os.geteuid():
        return User(why="the supervisor is not root")
    if not config.uids:
        return User(why="[sandbox] uids names none")
    missing = [name for number, name in _NEEDED.items() if not _capabilities() & 1 << number]
    if missing:
        return User(status="absent", why=f"root has no CAP_{missing[0]} here")
    return None


def _capabilities() -> int:
    """Those that this process can use, as a mask."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("CapEff:")[2].split()[0], 16)
