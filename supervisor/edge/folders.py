"""The daemon's folders, and the lock that keeps a second daemon out of them."""

import errno
import fcntl
import os
from pathlib import Path

from supervisor.config import Config, ConfigError


class Folders:
    """Creates the data, run and log folders and holds `<run_dir>/lock` for the life of the process.

    The kernel frees the lock when the process ends, however it ends. Raises ConfigError.
    """

    def __init__(self, config: Config) -> None:
        config.check_socket_paths()
        config.check_ceph_files()
        for folder in (config.data_dir, config.run_dir, config.log_dir):
            _create(folder)
        if config.operators.others:
            _let_through(config.run_dir)
        try:
            self._fd = _locked(config.run_dir / "lock")
        except OSError as error:
            raise ConfigError(f"cannot lock {config.run_dir / 'lock'}: {error.strerror}") from None

    def close(self) -> None:
        """Free the lock."""
        os.close(self._fd)


def _locked(path: Path) -> int:
    """The lock as an open descriptor, our pid written into it. Raises ConfigError or OSError."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(fd, 0)
        os.write(fd, str(os.getpid()).encode())
    except OSError as error:
        os.close(fd)
        if error.errno != errno.EWOULDBLOCK:
            raise
        holder = path.read_text(encoding="ascii").strip() or "unknown"
        raise ConfigError(
            f"another mgr-supervisor (process {holder}) runs in {path.parent}: "
            "stop it, or choose other folders"
        ) from None
    return fd


def _let_through(run_dir: Path) -> None:
    """Operators of other users reach the control socket, and nothing else in the folder."""
    for private in (run_dir / "state", run_dir / "state-standby"):
        private.mkdir(exist_ok=True)
        private.chmod(0o750)
    run_dir.chmod(run_dir.stat().st_mode | 0o011)


def _create(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    except OSError as error:
        raise ConfigError(f"cannot create {folder}: {error.strerror}") from None
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        raise ConfigError(f"{folder} is on a read-only file system")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"{folder} is not writable for this user (uid {os.getuid()})")
