"""What systemd is told, and asks for."""

import os
import socket

import pytest

from supervisor.core.state import State
from supervisor.edge.notify import ServiceNotifier, summary


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [("4000000", None, 2.0), ("0", None, None), ("x", None, None), ("4000000", "1", None)],
)
def test_the_watchdog_is_patted_at_half_of_its_time(monkeypatch, usec, pid, seconds):
    """Only where the time is one and meant for this process; zero would be a busy loop."""
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.setenv("WATCHDOG_PID", pid or str(os.getpid()))
    assert ServiceNotifier().watchdog_interval == seconds


def test_who_is_not_well_is_named_in_the_status():
    """Disabled modules are not told of; states are, who is in them only where it matters."""
    modules = [
        ("crash", State.RUNNING),
        ("b", State.BACKOFF),
        ("a", State.BACKOFF),
        ("x", State.DISABLED),
        ("iostat", State.RUNNING),
    ]
    assert summary("active", modules) == "active: 2 running, 2 backoff (a, b)"
    assert summary("standby", []) == "standby: no module enabled"


def test_a_status_is_sent_when_it_is_new(monkeypatch, tmp_path):
    """Not once more for each thing that happens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "n"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "n"))
        notifier = ServiceNotifier()
        for text in ("a", "a", "b"):
            notifier.status(text)
        notifier.close()
        assert [listener.recv(100) for _ in range(2)] == [b"STATUS=a", b"STATUS=b"]
