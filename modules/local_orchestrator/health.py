"""What went wrong: health checks, and when to try again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from local_orchestrator.daemons import Daemon


FIRST_DELAY, LONGEST_DELAY = 5.0, 300.0  # seconds between two tries


@dataclass
class Trouble:
    """Of one subject: a service, or a part of the background work."""

    text: str
    delay: float
    again: float  # when to try again, on the caller's clock


class Troubles:
    """What failed last, by subject; what has not failed is well."""

    def __init__(self) -> None:
        self._known: dict[str, Trouble] = {}

    def due(self, subject: str, now: float) -> bool:
        """Whether `subject` may be tried."""
        return subject not in self._known or now >= self._known[subject].again

    def failed(self, subject: str, text: str, now: float) -> None:
        """It failed once more."""
        delay = FIRST_DELAY
        if subject in self._known:
            delay = min(self._known[subject].delay * 2, LONGEST_DELAY)
        self._known[subject] = Trouble(text, delay, now + delay)

    def well(self, subject: str) -> None:
        """It worked, or is to be tried at once since it is another one now."""
        self._known.pop(subject, None)

    def keep(self, subjects: Iterable[str]) -> None:
        """Forget all others, which are no longer wanted."""
        kept = set(subjects)
        self._known = {name: known for name, known in self._known.items() if name in kept}

    @property
    def lines(self) -> list[str]:
        """One for each, for people."""
        return [f"{name}: {known.text}" for name, known in sorted(self._known.items())]


def checks(
    daemons: Iterable[Daemon], failures: list[str], absent: str = "", paused: bool = False
) -> dict[str, dict[str, Any]]:
    """Health checks as the manager takes them."""
    failed = [
        f"daemon {daemon.name} on {daemon.host} is in error state"
        + (f": {daemon.why}" if daemon.why else "")
        for daemon in daemons
        if daemon.state == "error"
    ]
    found: dict[str, dict[str, Any]] = {}
    if absent:
        found["ORCH_AGENT_ABSENT"] = _check("the host agent does not answer", [absent])
    if failed:
        found["ORCH_FAILED_DAEMON"] = _check(f"{len(failed)} failed daemon(s)", failed)
    if failures:
        found["ORCH_APPLY_FAIL"] = _check(
            f"Failed to apply {len(failures)} part(s) of what is wanted", failures
        )
    if paused:
        found["ORCH_PAUSED"] = _check("orchestration is paused", ["'ceph orch resume' to resume"])
    return found


def _check(summary: str, detail: list[str]) -> dict[str, Any]:
    return {"severity": "warning", "summary": summary, "count": len(detail), "detail": detail}
