"""Line editing for one console, with a history that outlives it."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self


LINES = 1000


class History:
    """Edits lines inside `with`; a history that cannot be read or written is done without."""

    def __init__(self, name: str) -> None:
        """`name`: the file in mgrctl's folder below the user's state folder."""
        self.file = _state_folder() / "mgrctl" / name
        self._known = 0

    def __enter__(self) -> Self:
        # Only here: on some terminals the import itself prints.
        import readline

        self._readline = readline
        self._completer = readline.get_completer()
        readline.set_completer(None)
        readline.parse_and_bind("tab: tab-insert")  # indentation, not the names of files
        readline.clear_history()
        try:
            readline.read_history_file(self.file)
        except OSError:
            pass
        self._known = readline.get_current_history_length()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        readline = self._readline
        added = readline.get_current_history_length() - self._known
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file.touch(mode=0o600)  # what is typed there may be secret
            readline.set_history_length(LINES)
            readline.append_history_file(added, self.file)  # other consoles may have written
        except OSError:
            pass
        readline.clear_history()
        readline.set_completer(self._completer)
        readline.parse_and_bind("tab: complete")


def _state_folder() -> Path:
    named = Path(os.environ.get("XDG_STATE_HOME", ""))
    # Without a home the path begins with "~", which no folder is called.
    return named if named.is_absolute() else Path(os.path.expanduser("~"), ".local", "state")  # noqa: PTH111  Path.expanduser() raises
