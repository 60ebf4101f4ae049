"""Logging: which records go where, at which level."""

import re

import pytest

from tests.conditions import poll_for
from tests.conformance.test_options import config


LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[[^\]]+\] \[(?P<level>\w+)\] \[(?P<name>[^\]]+)\] (?P<text>.*)"
)


@pytest.fixture(autouse=True)
def filed(subject):
    """The probe logs to a file of its own while a test runs."""
    if not subject.here:
        with config(subject, "log_to_file", "true"):
            yield
    else:
        yield


def logged(subject, source, mark):
    """The line of probe's log file that has `mark`, after `source` ran in the module."""
    subject.eval(source)

    def found():
        return [LINE.fullmatch(line) for line in subject.log("probe").splitlines() if mark in line]

    return poll_for(found, 10, f"{mark} in the log")[0]


def silent(subject, source, mark):
    """Whether nothing of `mark` is in the log before a later line that is."""
    subject.eval(source)
    logged(subject, f"mgr.log.critical('end of {mark}')", f"end of {mark}")
    return not [
        line
        for line in subject.log("probe").splitlines()
        if mark in line and f"end of {mark}" not in line
    ]


def test_line(subject):
    """A line of the module's file has the time, the thread, the level, the logger and the message."""
    line = logged(subject, "mgr.log.error('the mark %s', 'one')", "the mark one")
    assert subject.shows(line.groupdict()) == {
        "level": "ERROR",
        "name": "root",
        "text": "the mark one",
    }


def test_named_logger(subject):
    """getLogger(name) gives a logger whose name stands in the line."""
    line = logged(subject, "mgr.getLogger('part').error('mark two')", "mark two")
    assert subject.shows(line["name"]) == "part"


def test_get_logger_without_name(subject):
    """getLogger() without a name is the root logger."""
    assert subject.eval("mgr.getLogger().name, mgr.getLogger() is mgr.log") == ("root", True)


def test_standard_logging(subject):
    """Records of Python's own logging module go where the module's go."""
    line = logged(
        subject, "import logging\nlogging.getLogger('library').error('mark three')", "mark three"
    )
    assert subject.shows(line["name"]) == "library"


def test_root_level(subject):
    """The root logger takes everything; the handlers filter."""
    assert subject.eval("import logging\nlogging.getLogger().level") == 0


@pytest.mark.parametrize(
    ("level", "passes", "stops"),
    [
        ("debug", "debug", None),
        ("info", "info", "debug"),
        ("warning", "warning", "info"),
        ("error", "error", "warning"),
        ("critical", "critical", "error"),
    ],
)
def test_log_level(subject, level, passes, stops):
    """log_level is the least level that reaches the file, while the module runs."""
    with config(subject, "log_level", level):
        mark = f"level {level}"
        logged(subject, f"mgr.log.{passes}('{mark} passes')", f"{mark} passes")
        if stops:
            assert silent(subject, f"mgr.log.{stops}('{mark} stopped')", f"{mark} stopped")
    subject.shows(f"{passes} passes" + (f", {stops} does not" if stops else ""))


def test_log_level_refused(subject):
    """A level that is none is refused."""
    answered = subject.run("config set mgr mgr/probe/log_level loud")
    assert subject.shows(answered.code) == 22


@pytest.mark.parametrize(
    ("debug", "level"),
    [("0/5", "CRITICAL"), ("1/5", "WARNING"), ("2/5", "INFO"), ("4/4", "INFO"), ("5/5", "DEBUG"),
     ("20", "DEBUG")],
)  # fmt: skip
def test_debug_mgr(subject, debug, level):
    """An empty log_level follows debug_mgr: to 0 critical, 1 warning, 2 to 4 info, above debug."""
    found = subject.eval(f"mgr._ceph_log_level_to_python({debug!r})")
    assert found == level


def test_log_to_cluster(subject):
    """With log_to_cluster, records go to the cluster log, in a channel named like the module."""
    with config(subject, "log_to_cluster", "true"):
        subject.eval("mgr.log.error('mark for the cluster')")

        def found():
            entries = subject.json("log last 50 debug *")
            return [e for e in entries if e["message"] == "mark for the cluster"]

        entry = poll_for(found, 15, "the line in the cluster log")[0]
    assert subject.shows((entry["channel"], entry["priority"])) == ("probe", "[ERR]")


def test_log_to_cluster_level(subject):
    """log_to_cluster_level is the least level that goes to the cluster log; info by default."""
    with config(subject, "log_level", "debug"), config(subject, "log_to_cluster", "true"):
        subject.eval("mgr.log.debug('cluster no'); mgr.log.info('cluster yes')")

        def found():
            entries = subject.json("log last 50 debug *")
            return [e["message"] for e in entries if e["message"].startswith("cluster ")]

        messages = poll_for(found, 15, "the line in the cluster log")
    assert subject.shows(messages) == ["cluster yes"]


@pytest.mark.deviates("records when `log_to_file` is on")
def test_both_places(subject):
    """With log_to_file on, records go to the manager's own log as well."""
    logged(subject, "mgr.log.error('mark in both')", "mark in both")
    own = "ceph-mgr.x.log" if subject.here else "mgr.x.log"
    file = subject.log_folder / own
    both = "mark in both" in (file.read_text(errors="replace") if file.exists() else "")
    assert subject.shows(both) is not subject.here


def test_exception(subject):
    """log.exception() writes the traceback after the message."""
    logged(
        subject,
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    mgr.log.exception('mark with trace')",
        "mark with trace",
    )
    assert "ZeroDivisionError: division by zero" in subject.log("probe")
    subject.shows("ZeroDivisionError: division by zero")
