"""Read-only eyes on the database that another manager writes."""

import sqlite3
from pathlib import Path

from supervisor.cluster.embedded.schema import VERSION
from supervisor.cluster.embedded.store import DATABASE, Contents, load, read_epoch


class Reader:
    """Sees what is committed and nothing else. Every method raises sqlite3.Error."""

    def __init__(self, folder: Path) -> None:
        path = folder / DATABASE
        self._database = sqlite3.connect(
            f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        self._seen: int | None = None

    def changed(self) -> bool:
        """Whether anything was committed since this was asked last; True at first."""
        (version,) = self._database.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, version
        return bool(before != version)

    def epoch(self) -> int:
        """How often the database was taken over."""
        return read_epoch(self._database)

    def contents(self) -> Contents | None:
        """Everything, as of one commit; None where the database is not set up, or not for us."""
        (schema,) = self._database.execute("PRAGMA user_version").fetchone()
        if schema != VERSION:
            return None
        self._database.execute("BEGIN")
        try:
            return load(self._database)
        finally:
            self._database.execute("ROLLBACK")

    def close(self) -> None:
        """Release the file."""
        self._database.close()
