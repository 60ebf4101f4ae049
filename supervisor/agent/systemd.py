"""The engine where systemd runs and is ours to command: daemons are units of the system.

They need no agent to run: they outlive it, and a reboot.
"""

import contextlib
import errno
import logging
import os
import subprocess
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from supervisor import disk
from supervisor.agent import units
from supervisor.agent.course import State
from supervisor.agent.definition import Definition
from supervisor.agent.engine import Engine, Observed
from supervisor.agent.programs import located
from supervisor.agent.reconcile import Step, reconcile
from supervisor.agent.refusal import RefusedError
from supervisor.agent.shelf import Shelf


log = logging.getLogger("systemd")

RUNNING = Path("/run/systemd/system")  # there while systemd is pid 1
UNITS = Path("/etc/systemd/system")
PATIENCE = 30.0  # seconds for systemctl, beside what the unit itself may take


def version() -> int | None:
    """Of the systemd that runs here and obeys us; None: there is none."""
    if not RUNNING.is_dir() or os.geteuid() != 0:
        return None
    try:
        answer = _systemctl("show", "--property=Version", "--value")
    except RefusedError:
        return None
    digits = answer.strip().partition(" ")[0].partition(".")[0].partition("~")[0]
    return int(digits) if digits.isdecimal() else None


class Systemd(Engine):
    """`instance` is part of the units' names, `known` systemd's version."""

    name = "systemd"
    keeps_without_us = True

    def __init__(self, shelf: Shelf, instance: str, known: int) -> None:
        self._shelf = shelf
        self._instance = instance
        self._version = known
        self._reload = threading.Lock()  # two at once would each see half of the other's files

    def adopt(self, definitions: Mapping[str, Definition], wanted: Collection[str]) -> None:
        goals = {name: name in wanted for name in definitions}
        running, ran = self._seen(definitions)
        # What ran since the boot and ended was left so by its policy, or by the operator.
        for name, step in reconcile(goals, running | (ran & set(wanted))).items():
            try:
                if step is Step.KEEP:
                    log.info("%s is systemd's", name)
                    self._write(definitions[name])
                elif step is Step.START:
                    log.info("%s is started", name)
                    self.start(definitions[name])
                else:
                    log.info("%s runs and is not to: it is ended", name)
                    self._end(name, PATIENCE)
                    if name not in definitions:
                        self.forget(name)
            except (RefusedError, OSError) as error:
                log.error("%s: %s", name, error)  # one daemon's trouble is not the others'

    def start(self, definition: Definition) -> None:
        self._write(definition)
        unit = units.unit_name(self._instance, definition.name)
        _systemctl("enable", unit)
        # Its last failure, and the delays that grew from it, are over.
        with contextlib.suppress(RefusedError):
            _systemctl("reset-failed", unit)
        try:
            _systemctl("start", unit)
        except RefusedError:
            # A program that ends at once fails the job, or not: it is a race. It ran all the same.
            if not units.was_executed(self._show(unit).get(unit, {})):
                raise

    def stop(self, definition: Definition) -> None:
        self._end(definition.name, definition.stop_seconds + PATIENCE)

    def forget(self, name: str) -> None:
        unit = units.unit_name(self._instance, name)
        file = UNITS / unit
        if file.exists():
            file.unlink()
            disk.sync(UNITS)
            with self._reload:
                _systemctl("daemon-reload")
        with contextlib.suppress(RefusedError):  # it had not failed
            _systemctl("reset-failed", unit)

    def observe(self, names: Collection[str]) -> dict[str, Observed]:
        if not names:
            return {}
        wanted = {units.unit_name(self._instance, name): name for name in names}
        return {
            wanted[unit]: self._observed(wanted[unit], properties)
            for unit, properties in self._show(*wanted).items()
            if unit in wanted
        }

    def leave(self) -> None:
        """Units are systemd's."""

    def _observed(self, name: str, properties: Mapping[str, str]) -> Observed:
        pid = int(properties.get("MainPID", "0"))
        why, since = "", int(properties.get(units.STARTED, "0"))
        started = time.time() - time.monotonic() + since / 1e6 if since else 0.0
        with contextlib.suppress(OSError):
            end = units.end_of(self._ended(name).read_text(encoding="utf-8", errors="replace"))
            if end is not None:
                at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(end[1]))
                why = f"{end[0]}, at {at} UTC"
        restarts = int(properties.get("NRestarts", "0"))
        return Observed(units.state_of(properties), pid, started, restarts, why)

    def _seen(self, defined: Collection[str]) -> tuple[set[str], set[str]]:
        """Daemons whose units are not at rest, and those that ran since the boot; with a definition
        or without.
        """
        running, ran = set(), set()
        pattern = units.unit_name(self._instance, "*")  # matches those only that are not at rest
        names = [units.unit_name(self._instance, name) for name in defined]
        for unit, properties in self._show(pattern, *names).items():
            name = units.daemon_name(self._instance, unit)
            if name is not None and units.state_of(properties) is not State.STOPPED:
                running.add(name)
            if name is not None and units.was_executed(properties):
                ran.add(name)
        return running, ran

    def _show(self, *names: str) -> dict[str, dict[str, str]]:
        """Properties by unit; a name may be a pattern."""
        asked = f"--property={','.join(units.PROPERTIES)}"
        return units.shown(_systemctl("show", asked, *names))

    def _write(self, definition: Definition) -> None:
        """Have the unit file as the definition says."""
        file = UNITS / units.unit_name(self._instance, definition.name)
        text = units.unit_text(
            definition,
            located(definition.command[0], definition.environment),
            str(self._shelf.own_folder(definition.name)),
            str(self._ended(definition.name)),
            self._version,
        ).encode()
        with contextlib.suppress(OSError):
            if file.read_bytes() == text:
                return
        disk.write(file, text, 0o600)  # variables may be secrets
        with self._reload:
            _systemctl("daemon-reload")

    def _end(self, name: str, patience: float) -> None:
        unit = units.unit_name(self._instance, name)
        if not (UNITS / unit).exists():
            return
        _systemctl("disable", unit)
        _systemctl("stop", unit, patience=patience)
        with contextlib.suppress(RefusedError):  # an end that was asked for is no failure
            _systemctl("reset-failed", unit)

    def _ended(self, name: str) -> Path:
        return self._shelf.own_folder(name).parent / "ended"


def _systemctl(*words: str, patience: float = PATIENCE) -> str:
    """What it prints. Raises RefusedError."""
    said = f"systemctl {' '.join(words[:2])}"
    try:
        done = subprocess.run(
            ["systemctl", "--no-pager", "--no-ask-password", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience,
            check=False,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "SYSTEMD_COLORS": "0"},
        )
    except subprocess.TimeoutExpired:
        raise RefusedError(errno.ETIMEDOUT, f"{said} took more than {patience:g} s") from None
    except OSError as error:
        raise RefusedError(errno.EIO, f"{said}: {error.strerror}") from None
    if done.returncode != 0:
        why = done.stderr.decode(errors="replace").strip()
        raise RefusedError(errno.EIO, f"{said} failed: {why}")
    return done.stdout.decode(errors="replace")
