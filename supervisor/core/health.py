"""Health checks of all modules, merged into one report as ceph-mgr 16.2.15 merges them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SEVERITY = {"warning": "HEALTH_WARN", "error": "HEALTH_ERR"}


CHECKS = 256  # of one module
TEXT = 256 * 1024  # characters of the details of one check
LINE = 4096  # characters of its code, of its summary, and of each detail


@dataclass(frozen=True)
class Check:
    """One check of one module. A severity that is neither warning nor error counts as ok."""

    code: str
    severity: str
    summary: str
    count: int = 0
    detail: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Fault:
    error: str | None = None
    dependency: str | None = None


class HealthBook:
    """What modules say of themselves, and what the framework says of them."""

    def __init__(self) -> None:
        self._checks: dict[str, tuple[Check, ...]] = {}
        self._faults: dict[str, _Fault] = {}
        self._limits: dict[str, str] = {}
        self._stalls: dict[str, str] = {}
        self._changed = False

    @property
    def changed(self) -> bool:
        """Whether merged() may differ from what was last reported."""
        return self._changed

    def reported(self) -> None:
        """The cluster was told what merged() holds now."""
        self._changed = False

    def set_checks(self, module: str, checks: Sequence[Check]) -> None:
        """Replace every check of `module`; of several with one code the last counts. What is more
        than CHECKS, or longer than TEXT, is left out: all of it is in every report to the cluster.
        """
        latest = tuple({check.code: check for check in checks}.values())
        latest = tuple(_bounded(check) for check in latest[:CHECKS])
        self._changed |= latest != self._checks.get(module, ())
        self._checks[module] = latest

    def set_fault(
        self, module: str, error: str | None = None, dependency: str | None = None
    ) -> None:
        """State what the framework holds against `module`; None and None: nothing."""
        fault = _Fault(error, dependency)
        self._changed |= fault != self._faults.get(module, _Fault())
        self._faults[module] = fault

    def set_limit(self, module: str, text: str) -> None:
        """State what `module` is to its limits: "is near ..."; "" : nothing to say."""
        self._changed |= text != self._limits.get(module, "")
        self._limits[module] = text

    def set_stall(self, module: str, text: str) -> None:
        """State that the queue of `module` stands still; "": it does not."""
        self._changed |= text != self._stalls.get(module, "")
        self._stalls[module] = text

    def forget(self, module: str) -> None:
        """Drop the checks and the faults of `module`."""
        self.set_limit(module, "")
        self.set_stall(module, "")
        self.set_checks(module, ())
        self.set_fault(module)
        for book in (self._checks, self._faults, self._limits, self._stalls):
            del book[module]

    def merged(self) -> dict[str, dict[str, Any]]:
        """Every check by code, in the shape of `cluster.interface.Report.health`.

        Modules count in alphabetical order. Where several set one code, the first gives severity
        and message, counts add up and details follow each other.
        """
        merged: dict[str, dict[str, Any]] = {}
        for module in sorted(self._checks):
            _merge(merged, self._checks[module])
        _merge(merged, self._framework())
        return merged

    def _framework(self) -> list[Check]:
        faults = sorted(self._faults.items())
        dependencies = [(m, f.dependency) for m, f in faults if f.dependency is not None]
        errors = [(m, f.error) for m, f in faults if f.error is not None]
        near = [(m, text) for m, text in sorted(self._limits.items()) if text]
        stalled = [(m, text) for m, text in sorted(self._stalls.items()) if text]
        return [
            *_collect(
                "MGR_MODULE_STALLED",
                "warning",
                stalled,
                "Module '{module}': {text}",
                "{count} mgr modules have queues that stand still",
            ),
            *_collect(
                "MGR_MODULE_LIMIT",
                "warning",
                near,
                "Module '{module}' {text}",
                "{count} mgr modules are near their limits or were killed for them",
            ),
            *_collect(
                "MGR_MODULE_DEPENDENCY",
                "warning",
                dependencies,
                "Module '{module}' has failed dependency: {text}",
                "{count} mgr modules have failed dependencies",
            ),
            *_collect(
                "MGR_MODULE_ERROR",
                "error",
                errors,
                "Module '{module}' has failed: {text}",
                "{count} mgr modules have failed",
            ),
        ]


def _bounded(check: Check) -> Check:
    """It, or as much of it as fits; a last detail says how much does not."""
    room = TEXT
    lines: list[str] = []
    for line in check.detail:
        room -= len(line) + 1
        if room < 0:
            lines.append(f"... and {len(check.detail) - len(lines)} more")
            break
        lines.append(line if len(line) <= LINE else f"{line[:LINE]}...")
    return replace(check, code=check.code[:LINE], summary=check.summary[:LINE], detail=tuple(lines))


def _merge(merged: dict[str, dict[str, Any]], checks: Iterable[Check]) -> None:
    for check in checks:
        detail = [{"message": line} for line in check.detail]
        known = merged.get(check.code)
        if known is None:
            merged[check.code] = {
                "severity": _SEVERITY.get(check.severity, "HEALTH_OK"),
                "summary": {"message": check.summary, "count": check.count},
                "detail": detail,
            }
        else:
            known["summary"]["count"] += check.count
            known["detail"].extend(detail)


def _collect(
    code: str, severity: str, said: list[tuple[str, str]], one: str, many: str
) -> list[Check]:
    """One check that tells of all modules: the one by its line, several by their number."""
    if not said:
        return []
    lines = tuple(one.format(module=module, text=text) for module, text in said)
    summary = lines[0] if len(lines) == 1 else many.format(count=len(lines))
    return [Check(code, severity, summary, len(lines), lines)]
