"""What every test gets: a check that it left nothing behind, and loud words about what was skipped."""

import gc
import os
import shutil
import signal
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import psutil
import pytest
from zmq.utils import garbage

from tests.conditions import poll_for
from tests.daemon import SHARED
from tests.views import refusal


REQUIRE_ALL = os.environ.get("MGR_TEST_REQUIRE_ALL") == "1"
NEEDED = {
    "ceph": ("ceph", "ceph-mon", "ceph-mgr", "ceph-osd", "ceph-mds"),
    "logrotate": ("logrotate",),
    "systemd": ("systemd-nspawn", "systemctl", "dbus-daemon", "nsenter"),
}  # by marker
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
_missing: list[str] = []


def _descriptors() -> set[str]:
    kept = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            kept.add(f"{link.name} -> {link.readlink()}")
        except FileNotFoundError:
            continue
    return kept


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if not thread.name.startswith("pytest")}


def _children(besides: frozenset[int] = frozenset()) -> set[int]:
    """Processes below this one, less those below `besides`: a shared daemon replaces its own."""
    below = {child.pid: child for child in psutil.Process().children(recursive=True)}
    return {pid for pid, child in below.items() if not besides & _ancestry(child)}


def _ancestry(process: psutil.Process) -> set[int]:
    try:
        return {process.pid, *(parent.pid for parent in process.parents())}
    except psutil.NoSuchProcess:
        return set()


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> None:
    """Of a shell that starts the tests in the background, or with nohup, they inherit signals that
    are ignored, and so would their children.
    """
    ordinary = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    for number, handler in ordinary.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session", autouse=True)
def _zero_copy_thread() -> None:
    """What pyzmq keeps for all zero-copy sends, a thread and a socket: there before tests count."""
    garbage.gc.start()
    assert garbage.gc._push_socket is not None


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """A test that starts threads or processes or opens files ends them all."""
    descriptors, threads = _descriptors(), _threads()
    children = frozenset(_children())
    yield
    gc.collect()
    _await_none(lambda: _threads() - threads, "threads of this test to end")
    _await_none(lambda: _children(besides=children | SHARED), "processes of this test to end")
    _await_none(lambda: _descriptors() - descriptors, "files of this test to be closed")


def _await_none(left: Callable[[], Collection[object]], what: str) -> None:
    """Wait until nothing is left; what is says which."""
    try:
        poll_for(lambda: not left(), 5, what)
    except AssertionError as error:
        raise AssertionError(f"{error}: {list(left())}") from None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run; where everything is required, let it fail instead."""
    absent = {
        marker: [program for program in programs if shutil.which(program, path=PATH) is None]
        for marker, programs in NEEDED.items()
    }
    for item in items:
        lacking = [
            p for marker in NEEDED if item.get_closest_marker(marker) for p in absent[marker]
        ]
        if item.get_closest_marker("views") and refusal():
            lacking.append(f"namespaces ({refusal()})")
        if lacking:
            _missing.append(item.nodeid)
            if not REQUIRE_ALL:
                item.add_marker(pytest.mark.skip(reason=f"not here: {', '.join(lacking)}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was not tested."""
    if _missing and not REQUIRE_ALL:
        terminalreporter.write_line("")
        terminalreporter.write_line(
            f"NOT TESTED: {len(_missing)} tests need what is not here: Debian's Ceph packages, logrotate, systemd-container, or namespaces",
            red=True,
            bold=True,
        )
