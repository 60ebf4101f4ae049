"""The gate between modules: asks the permission table, counts what is refused, and says it once.

`host` is the module that really speaks, by the kernel's word. Each refusal is in the module's
history (`module events`) and in the log the first time that its sentence comes up. What is no
message at all, or nobody's, is in the log at a bounded rate (`log`).
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from supervisor.config import Config
from supervisor.core.permissions import Missing, Permissions
from supervisor.core.refused import STRANGERS, Kind, Refused
from supervisor.core.shipped_bus import GUARDED, OPEN_OF_DEPLOYERS
from supervisor.edge.discovery import Found
from supervisor.edge.host import Happened, Host
from supervisor.edge.peer import Peer
from supervisor.edge.refusal_log import RefusalLog


log = structlog.get_logger("gate")

REMEMBERED = 256  # sentences a module: what it may make up is without end
REMEMBERED_CALLS = 1024  # that are allowed; the same goes for names of methods
LONGEST_METHOD = 64
LONGEST_SENTENCE = 1024  # characters; it may hold a name that a module made up


class Gate:
    """Loop thread only. `mode` as in the configuration: "warn" says what is missing and lets it
    through.
    """

    def __init__(self, permissions: Permissions, mode: str) -> None:
        self.refused = Refused()
        self.log = RefusalLog(time.monotonic)
        self.adopt(permissions, mode)
        self._said: dict[str, set[str]] = {}

    def adopt(self, permissions: Permissions, mode: str) -> None:
        """Let another table count from now on."""
        self._permissions = permissions
        self._allowed: set[tuple[str, str, str]] = set()  # calls that the table was asked about
        self._enforcing = mode == "enforce"

    def call(self, host: Host, callee: str, method: str) -> str | None:
        """Why the remote() call is refused; None: it goes on."""
        asked = (host.name, callee, method)
        if asked in self._allowed:
            return None
        missing = self._permissions.call(*asked)
        if missing is None and len(method) <= LONGEST_METHOD:
            if len(self._allowed) >= REMEMBERED_CALLS:
                self._allowed.clear()
            self._allowed.add(asked)
        return self._judge(host, Kind.CALL, missing)

    def send(
        self, host: Host, kind: str, command: Mapping[str, Any], permission: str | None
    ) -> str | None:
        """Why the command to a daemon of `kind` is refused; None: it goes on."""
        missing = self._permissions.send(host.name, kind, command, permission)
        return self._judge(host, Kind.COMMAND, missing)

    def write_option(self, host: Host, of: str, key: str) -> str | None:
        """Why option `key` of module `of` may not be set; None: it may."""
        missing = self._permissions.write_option(host.name, of, key)
        return self._judge(host, Kind.OPTION, missing)

    def reads(self, module: str) -> Callable[[str], bool]:
        """Which options ("mgr/<module>/...") are shown to `module`."""
        if not self._enforcing:
            return lambda _key: True
        return lambda key: self._permissions.reads_option(module, key)

    def shown(self, module: str) -> tuple[str, ...]:
        """The same for the module itself to know, as patterns."""
        return self._permissions.shown(module) if self._enforcing else ("*",)

    def spoilt(self, who: str, peer: Peer, why: str) -> None:
        """Count a message of `who`, a module or STRANGERS, that is none."""
        self.refused.count(who, Kind.MALFORMED)
        self.log.say("refused a message", who, pid=peer.pid, why=why)

    def turned_away(self, host: Host, kind: Kind, sentence: str = "") -> None:
        """Count what a module may never do; say it where there is a sentence."""
        self.refused.count(host.name, kind)
        if sentence:
            self.say(host, sentence)

    def stranger(self, kind: Kind = Kind.STRANGER, sentence: str = "") -> None:
        """Count a message of nobody's; a sentence is logged once."""
        self.refused.count(STRANGERS, kind)
        sentence = sentence[:LONGEST_SENTENCE]
        if sentence and self._is_new(STRANGERS, sentence):
            log.warning(sentence)

    def say(self, host: Host, sentence: str) -> None:
        """Enter it into the module's history and the log, once."""
        sentence = sentence[:LONGEST_SENTENCE]
        if self._is_new(host.name, sentence):
            host.history.append(Happened(time.time(), "warning", sentence))
            log.warning(sentence, module=host.name)

    def _judge(self, host: Host, kind: Kind, missing: Missing | None) -> str | None:
        if missing is None:
            return None
        sentence = str(missing)
        self.refused.count(host.name, kind)
        self.say(host, sentence if self._enforcing else f"{sentence} (let through: bus = warn)")
        return sentence if self._enforcing else None

    def _is_new(self, who: str, sentence: str) -> bool:
        said = self._said.setdefault(who, set())
        if sentence in said or len(said) >= REMEMBERED:
            return False
        said.add(sentence)
        return True


def permissions_of(config: Config, found: Mapping[str, Found]) -> Permissions:
    """The table as the configuration wants it, for the modules that there are."""
    grants = {name: config.grants(name, one.tree) for name, one in found.items()}
    deployers = {name: OPEN_OF_DEPLOYERS for name, own in grants.items() if own.deploy}
    return Permissions(lambda name: grants[name], {**deployers, **GUARDED})
