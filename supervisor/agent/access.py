"""Who may ask the agent: the tokens in `<folder>/access.json`, which the supervisor writes.

{"socket": path, "tokens": {module: token}}. The file is read again whenever it is another one.
"""

import hmac
import json
import logging
import os
from pathlib import Path
from typing import Any


log = logging.getLogger("access")

SHORTEST = 32  # characters of a token


class Access:
    """The file as it is now. One thread."""

    def __init__(self, file: Path, socket: Path) -> None:
        self._file = file
        self._default = socket
        self._seen: tuple[int, ...] = ()
        self._tokens: dict[str, str] = {}
        self.socket = socket  # where to listen

    def refresh(self) -> None:
        """Read the file if it has changed; one that others could write counts for nothing."""
        try:
            status = self._file.stat()
        except OSError:
            self._tokens, self._seen = {}, ()
            return
        seen = (status.st_ino, status.st_ctime_ns)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            if status.st_uid != os.geteuid() or status.st_mode & 0o077:
                raise ValueError("it is open to others than its owner")
            content = json.loads(self._file.read_bytes())
            self._tokens = _tokens(content)
            self.socket = Path(content.get("socket") or self._default)
        except (OSError, ValueError, TypeError) as error:
            log.error("nobody gets in: %s: %s", self._file, error)
            self._tokens = {}

    def who(self, token: Any) -> str | None:
        """The module that has this token."""
        if not isinstance(token, str):
            return None
        given = token.encode(errors="replace")
        found = None
        for module, known in self._tokens.items():  # all of them: the time taken tells nothing
            if hmac.compare_digest(given, known.encode()):
                found = module
        return found


def _tokens(content: Any) -> dict[str, str]:
    tokens = content.get("tokens") if isinstance(content, dict) else None
    if not isinstance(tokens, dict):
        raise ValueError("it has no tokens")  # noqa: TRY004  one kind of damage among others
    # A short one could be guessed.
    return {name: t for name, t in tokens.items() if isinstance(t, str) and len(t) >= SHORTEST}
