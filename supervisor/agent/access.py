"""Who may ask the agent: the tokens in `<folder>/access.json`, which the supervisor writes.

{"socket": path, "tokens": {module: token}, "uids": {module: uid}}. Who is not in "uids" runs as the
agent's own user. The file is read again whenever it is another one.
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
        self._uids: dict[str, int] = {}
        self.socket = socket  # where to listen

    def refresh(self) -> None:
        """Read the file if it has changed; one that others could write counts for nothing."""
        try:
            status = self._file.stat()
        except OSError:
            self._tokens, self._uids, self._seen = {}, {}, ()
            return
        seen = (status.st_ino, status.st_ctime_ns)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            if status.st_uid != os.geteuid() or status.st_mode & 0o077:
                raise ValueError("it is open to others than its owner")
            content = json.loads(self._file.read_bytes())
            self._tokens, self._uids = _tokens(content), _uids(content)
            self.socket = Path(content.get("socket") or self._default)
        except (OSError, ValueError, TypeError) as error:
            log.error("nobody gets in: %s: %s", self._file, error)
            self._tokens, self._uids = {}, {}

    @property
    def others(self) -> bool:
        """Whether somebody of another user may ask."""
        return bool(self._uids)

    def admits(self, uid: int) -> bool:
        """Whether a process of that user may connect: of ours, or of a module that has a token."""
        return uid == os.geteuid() or uid in self._uids.values()

    def who(self, token: Any, uid: int) -> str | None:
        """The module that has this token, where `uid` is its user or the agent's."""
        if not isinstance(token, str):
            return None
        given = token.encode(errors="replace")
        found = None
        for module, known in self._tokens.items():  # all of them: the time taken tells nothing
            if hmac.compare_digest(given, known.encode()):
                found = module
        own = found is not None and uid in (os.geteuid(), self._uids.get(found))
        return found if own else None


def _tokens(content: Any) -> dict[str, str]:
    tokens = content.get("tokens") if isinstance(content, dict) else None
    if not isinstance(tokens, dict):
        raise ValueError("it has no tokens")  # noqa: TRY004  one kind of damage among others
    # A short one could be guessed.
    return {name: t for name, t in tokens.items() if isinstance(t, str) and len(t) >= SHORTEST}


def _uids(content: dict[str, Any]) -> dict[str, int]:
    uids = content.get("uids", {})
    if not isinstance(uids, dict):
        raise ValueError("its uids are none")  # noqa: TRY004  one kind of damage among others
    return {name: uid for name, uid in uids.items() if type(uid) is int and uid > 0}
