"""The module database under a real supervisor: what was acknowledged stays, what is damaged is said."""

import os
import shutil
import signal
import threading

import pytest

from tests.conditions import poll_for
from tests.daemon import ROOT, supervisor


pytestmark = pytest.mark.fault

NEWEST = ROOT / "tests" / "trees" / "newest"
ARGUMENTS = ("--module-path", f"{NEWEST}=main", "--enable", "ledger")


@pytest.fixture(scope="module")
def daemon():
    with supervisor(*ARGUMENTS) as running:
        running.wait_state("ledger", "running")
        yield running


@pytest.fixture
def file(daemon):
    return daemon.state / "data" / "modules" / "ledger" / "main.db"


def items(daemon):
    return {entry["item"] for entry in daemon.mgrctl("ledger list").json}


def kill(daemon):
    """SIGKILL to the module's process, and wait for the next one."""
    pid = daemon.wait_state("ledger", "running")["pid"]
    os.kill(pid, signal.SIGKILL)
    poll_for(lambda: daemon.wait_state("ledger", "running")["pid"] != pid, 20, "a new process")


def test_every_acknowledged_commit_is_there_after_a_kill(daemon):
    """Entries race with SIGKILL of the module, three times over one file."""
    acknowledged = set()
    end = threading.Event()

    def write():
        number = 0
        while not end.is_set():
            number += 1
            if daemon.mgrctl(f"ledger add item{number}").code == 0:
                acknowledged.add(f"item{number}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            before = len(acknowledged)
            poll_for(lambda b=before: len(acknowledged) >= b + 3, 30, "entries")
            kill(daemon)
    finally:
        end.set()
        writer.join()
    assert acknowledged <= items(daemon)


def test_a_transaction_that_fails_leaves_nothing(daemon):
    """Foreign keys are enforced."""
    refused = daemon.mgrctl("ledger borrow loan")
    assert (refused.code, refused.err.strip()) == (
        22,
        "Error EINVAL: FOREIGN KEY constraint failed",
    )
    assert "loan" not in items(daemon)


def spoil(file, harm):
    """What is in `file` from now on."""
    content = file.read_bytes()
    match harm:
        case "overwritten":
            content = b"not a database at all " * 500
        case "emptied":
            content = b""
        case "cut":
            content = content[: len(content) // 2]
        case "pages":  # the header stays, what is behind it does not
            content = content[:100] + b"\xff" * (len(content) - 100)
    file.write_bytes(content)
    return content


@pytest.mark.parametrize("harm", ["overwritten", "emptied", "cut", "pages"])
def test_a_damaged_file_is_reported_and_never_replaced(daemon, file, harm):
    """Each command answers one sentence and touches nothing; with a copy in its place the module
    goes on, in the same process.
    """
    daemon.ok(f"ledger add before-{harm}")
    daemon.ok("mgr module disable ledger")
    daemon.wait_state("ledger", "disabled")
    copy = file.with_suffix(".copy")
    shutil.copy(file, copy)
    content = spoil(file, harm)
    daemon.ok("mgr module enable ledger")
    pid = daemon.wait_state("ledger", "running")["pid"]
    for command in ("ledger list", "ledger add more", "ledger note key value"):
        answered = daemon.mgrctl(command)
        assert answered.code == 5, (command, answered)
        sentence = answered.err.strip()
        assert sentence.startswith(f"Error EIO: the module database {file} is damaged (")
        assert "put a copy in its place, or move it away" in sentence
        assert len(sentence.splitlines()) == 1
    assert file.read_bytes() == content, "a damaged file was changed"
    shutil.copy(copy, file)
    assert f"before-{harm}" in items(daemon)
    assert daemon.ps()["ledger"]["pid"] == pid


def test_a_file_that_is_moved_away_is_made_anew(daemon, file):
    """What the sentence about damage offers; the old file stays where it was put."""
    daemon.ok("ledger note kept in-the-old-file")
    daemon.ok("mgr module disable ledger")
    daemon.wait_state("ledger", "disabled")
    away = file.rename(file.with_suffix(".old"))
    daemon.ok("mgr module enable ledger")
    daemon.wait_state("ledger", "running")
    assert items(daemon) == set()
    assert b"in-the-old-file" in away.read_bytes()
