"""The engine where no systemd runs: daemons are processes below the monitor.

One thread follows the monitor's reports and the courses' deadlines; requests come on other threads.
What all of them touch is below one lock.
"""

import contextlib
import errno
import json
import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.agent.course import Act, Course, Launch, Phase, Signal
from supervisor.agent.definition import Definition
from supervisor.agent.engine import Engine, Observed
from supervisor.agent.monitor import PACKET_BYTES
from supervisor.agent.ownership import MARK, boot_id, started_ticks
from supervisor.agent.programs import environment_of
from supervisor.agent.reconcile import Step, reconcile
from supervisor.agent.refusal import RefusedError
from supervisor.agent.shelf import Shelf
from supervisor.core.deaths import killed


log = logging.getLogger("processes")

LAST_WORDS = 200  # characters of the output that tell of an end
STOP_SECONDS = 10.0  # for a process that has no definition any more
PATIENCE = 10.0  # seconds for the monitor to report a launch, or an end by SIGKILL


@dataclass
class _Process:
    """One daemon and its course."""

    name: str
    course: Course
    definition: Definition | None = None  # None: found running, and nobody knows it
    pid: int = 0
    began: float = 0.0  # seconds since the epoch
    ends: int = 0  # how often it ended, for who waits for an end


class Processes(Engine):
    """`link` leads to the monitor (supervisor.agent.monitor); `orphaned`: when that is gone."""

    name = "process"
    keeps_without_us = False

    def __init__(
        self, link: socket.socket, shelf: Shelf, instance: str, orphaned: Callable[[], None]
    ) -> None:
        self._link = link
        self._shelf = shelf
        self._instance = instance
        self._orphaned = orphaned
        self._changed = threading.Condition()
        self._by_name: dict[str, _Process] = {}
        self._found: dict[str, tuple[int, float]] = {}  # what ran before us: pid, began
        self._early: list[dict[str, Any]] | None = []  # ends of it, until it is adopted
        self._complete = False
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        threading.Thread(target=self._follow, name="processes", daemon=True).start()

    def adopt(self, definitions: Mapping[str, Definition], wanted: Collection[str]) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._complete, PATIENCE):
                raise RefusedError(errno.ETIMEDOUT, "the monitor does not say what runs")
            now = time.monotonic()
            at_rest = {name for name in wanted if self._at_rest(name)}
            goals = {name: name in wanted and name not in at_rest for name in definitions}
            for name, step in reconcile(goals, self._found).items():
                process = self._process(name, definitions.get(name))
                if step is Step.START:
                    log.info("%s is started", name)
                    self._do(process, process.course.want(now))
                    continue
                process.pid, process.began = self._found[name]
                log.info("%s, process %d, %s", name, process.pid, _STEPS[step])
                self._do(process, process.course.adopted(now, wanted=step is Step.KEEP))
            for name in at_rest - self._found.keys():
                failed = self._shelf.observed(name).get("failed") is True
                self._process(name, definitions[name]).course.rest(failed)
            early, self._early = self._early, None
            for news in early or []:
                self._hear(news)

    def start(self, definition: Definition) -> None:
        with self._changed:
            process = self._process(definition.name, definition)
            ends = process.ends
            self._do(process, process.course.want(time.monotonic()))
            patience = definition.stop_seconds + PATIENCE  # it may still be ending
            self._changed.wait_for(
                lambda: process.course.phase is not Phase.LAUNCHING or process.ends > ends, patience
            )

    def stop(self, definition: Definition) -> None:
        with self._changed:
            process = self._by_name.get(definition.name)
            if process is None:
                return
            self._do(process, process.course.unwant(time.monotonic()))
            patience = process.course.stop_seconds + PATIENCE
            if not self._changed.wait_for(lambda: process.course.phase is Phase.NONE, patience):
                raise RefusedError(
                    errno.EBUSY,
                    f"{definition.name}, process {process.pid}, does not end, not by SIGKILL",
                )

    def forget(self, name: str) -> None:
        with self._changed:
            self._by_name.pop(name, None)

    def observe(self, names: Collection[str]) -> dict[str, Observed]:
        with self._changed:
            return {
                name: Observed(p.course.state, p.pid, p.began, p.course.restarts, p.course.why)
                for name in names
                if (p := self._by_name.get(name)) is not None
            }

    def leave(self) -> None:
        """End every process, each with its own deadline, all at once."""
        with self._changed:
            for process in self._by_name.values():
                self._do(process, process.course.unwant(time.monotonic()))
            longest = max((p.course.stop_seconds for p in self._by_name.values()), default=0)
            self._changed.wait_for(
                lambda: all(p.course.phase is Phase.NONE for p in self._by_name.values()),
                longest + PATIENCE,
            )

    def _process(self, name: str, definition: Definition | None) -> _Process:
        """The process of that name, from now on by `definition`, where there is one."""
        process = self._by_name.get(name)
        if process is None:
            past = self._shelf.observed(name)
            course = Course(
                "no", STOP_SECONDS, _number(past.get("restarts")), _text(past.get("why"))
            )
            process = self._by_name[name] = _Process(name, course)
        if definition is not None:
            process.definition = definition
            process.course.policy = definition.restart
            process.course.stop_seconds = definition.stop_seconds
        return process

    def _at_rest(self, name: str) -> bool:
        """Whether it ran since the boot, ended, and is not to be started again by its policy."""
        past = self._shelf.observed(name)
        return past.get("done") is True and past.get("boot") == boot_id()

    def _do(self, process: _Process, acts: list[Act]) -> None:
        for act in acts:
            match act:
                case Launch():
                    self._launch(process)
                case Signal(number=number):
                    self._send({"signal": process.name, "number": number})
        os.eventfd_write(self._wake, 1)  # the next deadline may be another one

    def _launch(self, process: _Process) -> None:
        definition = process.definition
        assert definition is not None, "nobody wants what has no definition"
        mark = {MARK: f"{self._instance}:{definition.name}"}
        self._send({
            "launch": definition.name,
            "command": definition.command,
            "environment": environment_of(definition.environment, mark),
            "folder": str(self._shelf.own_folder(definition.name)),
            "output": str(self._shelf.output(definition.name)),
        })  # fmt: skip

    def _send(self, packet: dict[str, Any]) -> None:
        try:
            self._link.send(json.dumps(packet).encode())
        except OSError:
            log.warning("the monitor does not take %s", next(iter(packet)))

    # The thread.

    def _follow(self) -> None:
        poll = select.poll()
        poll.register(self._link, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while True:
            with self._changed:
                now = time.monotonic()
                for process in self._by_name.values():
                    if process.course.due is not None and process.course.due <= now:
                        self._do(process, process.course.tick(now))
                dues = [p.course.due for p in self._by_name.values() if p.course.due is not None]
            wait = min(dues) - now if dues else 3600
            ready = dict(poll.poll(max(0, wait) * 1000 + 1))
            if self._wake in ready:
                os.eventfd_read(self._wake)
            if self._link.fileno() in ready:
                packet = b""
                with contextlib.suppress(ConnectionError):
                    packet = self._link.recv(PACKET_BYTES)
                if not packet:
                    self._orphaned()
                    return
                with self._changed:
                    self._hear(json.loads(packet))
                    self._changed.notify_all()

    def _hear(self, news: dict[str, Any]) -> None:
        now = time.monotonic()
        if "complete" in news:
            self._complete = True
        elif "mishap" in news:
            log.error("%s", news["mishap"])
        elif "running" in news:
            self._found[news["running"]] = news["pid"], news["began"]
        elif "launched" in news:
            launched = self._by_name.get(news["launched"])
            if launched is not None:
                launched.pid, launched.began = news["pid"], news["began"]
                self._do(launched, launched.course.launched(now))
                self._note(launched)
        elif "ended" in news:
            if self._early is not None:  # it ran when it was to, so it is adopted first
                self._found.setdefault(news["ended"], (news["pid"], 0.0))
                self._early.append(news)
                return
            ended = self._by_name.get(news["ended"])
            if ended is not None and news["pid"] in (ended.pid, 0):
                self._end(ended, news, now)

    def _end(self, process: _Process, news: dict[str, Any], now: float) -> None:
        why, failed = self._told(process, news)
        log.info("%s, process %d, %s", process.name, process.pid, why)
        process.pid = 0
        process.ends += 1
        self._do(process, process.course.ended(now, failed, why))
        self._note(process)
        self._send({"heard": news["pid"]})

    def _told(self, process: _Process, news: dict[str, Any]) -> tuple[str, bool]:
        """The end in a sentence, and whether it was a failure."""
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(news["at"]))
        if not news["pid"]:
            return f"{news['why']}, at {at} UTC", True
        status = news["status"]
        if status < 0:
            return f"{killed(status, news['core'], news['rss'])}, at {at} UTC", True
        words = _last_words(self._shelf.output(process.name)) if status else ""
        said = f"; it had said: {words}" if words else ""
        return f"exited with code {status}, at {at} UTC{said}", status != 0

    def _note(self, process: _Process) -> None:
        """What the next agent, and the operator, can read."""
        if process.definition is None:
            return
        observed = {
            "pid": process.pid,
            "start": started_ticks(process.pid) if process.pid else 0,
            "began": process.began,
            "restarts": process.course.restarts,
            "why": process.course.why,
            "done": process.course.done,
            "failed": process.course.failed,
            "boot": boot_id(),
        }
        try:
            self._shelf.observe(process.name, observed)
        except OSError as error:
            log.warning("%s: what runs is not on disk: %s", process.name, error.strerror)


_STEPS = {Step.KEEP: "runs and is taken over", Step.END: "runs and is not to: it is ended"}


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _last_words(output: Path) -> str:
    """The last line that is not empty."""
    try:
        with output.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 4096))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    words = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return words if len(words) <= LAST_WORDS else f"{words[:LAST_WORDS]}..."
