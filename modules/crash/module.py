"""Keeps crash reports of daemons, and warns of those that nobody has looked at."""

import errno
import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from mgr_module import (
    CLICommand,
    CLIReadCommand,
    CLIWriteCommand,
    HandleCommandResult,
    MgrModule,
    Option,
)
from prettytable import PrettyTable

from crash import reports
from crash.reports import Report


PREFIX = "crash/"  # of the keys: crash/<crash id> holds the report as JSON
DETAIL_LINES = 30
SHORTEST_PAUSE, LONGEST_PAUSE = 60.0, 600.0
DAY = 86400


class Module(MgrModule):
    """Commands run on one thread, serve() on another; `_lock` guards what both read and write."""

    MODULE_OPTIONS = [
        Option(
            "warn_recent_interval",
            type="secs",
            default=14 * DAY,
            desc="time interval in which to warn about recent crashes",
            runtime=True,
        ),
        Option(
            "retain_interval",
            type="secs",
            default=365 * DAY,
            desc="how long to retain crashes before pruning them",
            runtime=True,
        ),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False

    def serve(self) -> None:
        """Drop what is too old and keep the warning true."""
        while not self._stopping:
            with self._lock:
                self._prune(float(self.get_module_option("retain_interval")))
                self._warn()
            recent = float(self.get_module_option("warn_recent_interval"))
            self._wake.wait(min(LONGEST_PAUSE, max(recent / 100, SHORTEST_PAUSE)))
            self._wake.clear()

    def config_notify(self) -> None:
        """Look again: an interval may have changed."""
        self._wake.set()

    def shutdown(self) -> None:
        """Make serve() return."""
        self._stopping = True
        self._wake.set()
        super().shutdown()

    @CLICommand("crash post")
    def post(self, inbuf: str = "") -> HandleCommandResult:
        """Add a crash dump (use -i <jsonfile>)"""
        try:
            report = reports.parse(inbuf)
        except (ValueError, TypeError, AttributeError) as error:
            return self._invalid(f"malformed crash metadata: {error}")
        with self._lock:
            if self._load(report["crash_id"]) is None:
                self._save(report)
                self._warn()
        return HandleCommandResult()

    @CLIReadCommand("crash ls")
    def list_all(self, format: str = "plain") -> HandleCommandResult:
        """Show new and archived crash dumps"""
        return self._listing(format, self._all())

    @CLIReadCommand("crash ls-new")
    def list_new(self, format: str = "plain") -> HandleCommandResult:
        """Show new crash dumps"""
        return self._listing(format, [report for report in self._all() if _is_new(report)])

    @CLIReadCommand("crash info")
    def info(self, id: str) -> HandleCommandResult:
        """Show crash dump metadata"""
        report = self._load(id)
        if report is None:
            return self._invalid(f"crash info: {id} not found")
        return HandleCommandResult(stdout=json.dumps(report, indent=4, sort_keys=True))

    @CLIReadCommand("crash stat")
    def stat(self) -> HandleCommandResult:
        """Summarize recorded crashes"""
        everything = self._all()
        lines = [f"{len(everything)} crashes recorded"]
        for days in (1, 3, 7):
            older = [report["crash_id"] for report in everything if _age(report) >= days * DAY]
            if older:
                lines += [f"{len(older)} older than {days} days old:", *older]
        return HandleCommandResult(stdout="\n".join(lines))

    @CLICommand("crash rm")
    def remove(self, id: str) -> HandleCommandResult:
        """Remove a saved crash <id>"""
        with self._lock:
            self.set_store(PREFIX + id, None)
            self._warn()
        return HandleCommandResult()

    @CLICommand("crash prune")
    def prune(self, keep: str) -> HandleCommandResult:
        """Remove crashes older than <keep> days"""
        if not keep.isascii() or not keep.isdigit():
            return self._invalid("keep argument must be integer")
        with self._lock:
            self._prune(int(keep) * DAY)
            self._warn()
        return HandleCommandResult()

    @CLIWriteCommand("crash archive")
    def archive(self, id: str) -> HandleCommandResult:
        """Acknowledge a crash and silence health warning(s)"""
        with self._lock:
            report = self._load(id)
            if report is None:
                return self._invalid(f"crash info: {id} not found")
            self._archive(report)
            self._warn()
        return HandleCommandResult()

    @CLIWriteCommand("crash archive-all")
    def archive_all(self) -> HandleCommandResult:
        """Acknowledge all new crashes and silence health warning(s)"""
        with self._lock:
            for report in self._all():
                self._archive(report)
            self._warn()
        return HandleCommandResult()

    @CLIReadCommand("crash json_report")
    def json_report(self, hours: str) -> HandleCommandResult:
        """Crashes in the last <hours> hours"""
        if not hours.isascii() or not hours.isdigit():
            return self._invalid("<hours> argument must be integer")
        recent = [report for report in self._all() if _age(report) <= int(hours) * 3600]
        counts = Counter(report.get("process_name") or "unknown" for report in recent)
        # On stderr, where the tools that read it look for it.
        return HandleCommandResult(stderr=json.dumps(counts, sort_keys=True))

    # What upstream's telemetry and insights call from their processes.

    def ls(self) -> HandleCommandResult:
        """The table of `crash ls`."""
        return self.list_all()

    def do_info(self, cmd: dict[str, Any], inbuf: str) -> HandleCommandResult:
        """Answer `crash info`."""
        return self.info(cmd["id"])

    def handle_command(self, inbuf: str, cmd: dict[str, Any]) -> HandleCommandResult:
        """Answer a command as if it came from the command line."""
        command = CLICommand.COMMANDS.get(cmd["prefix"])
        if command is None:
            return self._invalid(f"unknown command {cmd['prefix']}")
        return command.call(self, cmd, inbuf)

    def self_test(self) -> None:
        """Raise where the two formats of timestamps are not read alike."""
        stamps = ("2018-06-22T20:35:38.058818Z", "2018-06-22 20:35:38.058818Z")
        moments = {reports.moment({"timestamp": stamp}) for stamp in stamps}
        if moments != {datetime(2018, 6, 22, 20, 35, 38, 58818, UTC)}:
            raise RuntimeError(f"timestamps were read as {moments}")

    def _all(self) -> list[Report]:
        """Every report, by id. The store is a local replica: reading costs no call."""
        kept = self.get_store_prefix(PREFIX)
        return [json.loads(text) for _, text in sorted(kept.items())]

    def _load(self, crash_id: str) -> Report | None:
        text = self.get_store(PREFIX + crash_id)
        report: Report | None = None if text is None else json.loads(text)
        return report

    def _save(self, report: Report) -> None:
        self.set_store(PREFIX + report["crash_id"], json.dumps(report))

    def _archive(self, report: Report) -> None:
        if _is_new(report):
            # A blank and no zone, as upstream writes it.
            report["archived"] = str(datetime.now(UTC).replace(tzinfo=None))
            self._save(report)

    def _prune(self, seconds: float) -> None:
        for report in self._all():
            if _age(report) >= seconds:
                self.set_store(PREFIX + report["crash_id"], None)

    def _warn(self) -> None:
        """Raise RECENT_CRASH and RECENT_MGR_MODULE_CRASH for new crashes of the last days, or take
        them back. As in newer releases, what a module did is not counted as a daemon's crash.
        """
        limit = float(self.get_module_option("warn_recent_interval"))
        recent = [report for report in self._all() if _is_new(report) and _age(report) < limit]
        of_modules = [report for report in recent if "mgr_module" in report]
        of_daemons = [report for report in recent if "mgr_module" not in report]
        checks = {}
        if of_daemons:
            checks["RECENT_CRASH"] = _check("daemons", of_daemons)
        if of_modules:
            checks["RECENT_MGR_MODULE_CRASH"] = _check("mgr modules", of_modules)
        self.set_health_checks(checks)

    def _listing(self, format: str, listed: list[Report]) -> HandleCommandResult:
        if format in ("json", "json-pretty"):
            return HandleCommandResult(stdout=json.dumps(listed, indent=4, sort_keys=True))
        table = PrettyTable(["ID", "ENTITY", "NEW"], border=False)
        table.left_padding_width, table.right_padding_width = 0, 2
        table.align.update({"ID": "l", "ENTITY": "l"})
        for report in listed:
            entity = report.get("entity_name", "unknown")
            table.add_row([report["crash_id"], entity, "*" if _is_new(report) else ""])
        return HandleCommandResult(stdout=table.get_string())

    @staticmethod
    def _invalid(sentence: str) -> HandleCommandResult:
        return HandleCommandResult(-errno.EINVAL, "", sentence)


def _check(whose: str, recent: list[Report]) -> dict[str, Any]:
    lines = [_line(report) for report in recent[:DETAIL_LINES]]
    if len(recent) > DETAIL_LINES:
        lines.append(f"and {len(recent) - DETAIL_LINES} more")
    return {
        "severity": "warning",
        "summary": f"{len(recent)} {whose} have recently crashed",
        "count": len(recent),
        "detail": lines,
    }


def _line(report: Report) -> str:
    where = f"on host {report.get('utsname_hostname', '(unknown)')} at {report['timestamp']}"
    daemon = report.get("entity_name", "unidentified daemon")
    if "mgr_module" in report:
        return f"mgr module {report['mgr_module']} crashed in daemon {daemon} {where}"
    return f"{daemon} crashed {where}"


def _is_new(report: Report) -> bool:
    return "archived" not in report


def _age(report: Report) -> float:
    """Seconds since it happened."""
    return (datetime.now(UTC) - reports.moment(report)) / timedelta(seconds=1)
