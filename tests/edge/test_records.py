"""The daemon's own log: in the journal's form, and when it cannot be written."""

import contextlib
import logging
import shutil
from pathlib import Path

import pytest
import structlog

from supervisor.edge import records


@pytest.fixture
def screen(capsys):
    """Reads standard error of a configured daemon; the process's own logging comes back."""
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    for handler in handlers:
        root.removeHandler(handler)
    yield lambda: capsys.readouterr().err
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        with contextlib.suppress(OSError):  # of /dev/full
            handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    logging.raiseExceptions = raising
    structlog.reset_defaults()


def test_a_log_folder_that_is_gone_stops_nobody(screen, tmp_path):
    """Nothing is raised; the record is on standard error, and the file is back with its folder."""
    folder = tmp_path / "log"
    folder.mkdir()
    records.configure(folder / "daemon.log", "info", "console")
    log = structlog.get_logger("test")
    shutil.rmtree(folder)
    log.info("lost")
    folder.mkdir()
    log.info("kept")
    shown = screen()
    assert "lost" in shown
    assert "Traceback" not in shown
    assert "kept" in (folder / "daemon.log").read_text()


def test_a_full_log_disk_stops_nobody(screen):
    """/dev/full refuses each write; the operator reads the record, not a traceback."""
    records.configure(Path("/dev/full"), "info", "console")
    structlog.get_logger("test").info("said")
    shown = screen()
    assert "said" in shown
    assert "Traceback" not in shown


def test_each_line_for_the_journal_has_its_priority(screen, tmp_path):
    """Also those of a stack, and those that a module's text brings with a priority of their own."""
    records.configure(tmp_path / "daemon.log", "info", "journal")
    log = structlog.get_logger("test")
    log.warning("said\n<0>forged", pid=3)
    try:
        raise ValueError("wrong")
    except ValueError:
        log.exception("failed")
    first, second, failed, *stack = screen().splitlines()
    assert (first, second) == ("<4>test: said", "<4><0>forged pid=3")
    assert failed == "<3>test: failed"
    assert all(line.startswith("<3>") for line in stack)
    assert stack[-1] == "<3>ValueError: wrong"
