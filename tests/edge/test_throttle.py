"""What waits for a module's rate is bounded in number and in bytes."""

from types import SimpleNamespace

import pytest

from proto.v1.envelope_pb2 import Envelope
from supervisor.core.limits import Limits
from supervisor.edge import throttle as throttle_module
from supervisor.edge.peer import Peer
from supervisor.edge.throttle import Throttle


class Stage:
    """A throttle before one module that may send ten messages a second."""

    def __init__(self):
        self.delivered, self.refused, self.told = [], [], []
        self.host = SimpleNamespace(
            name="m", nonce=b"1", limits=Limits(call_rate=10, queue_depth=100),
            note=lambda report: self.told.append(report.text),
        )  # fmt: skip
        self.peer = Peer(b"route", 0, 0, 1, SimpleNamespace(send=self._answered))
        hosts = SimpleNamespace(get=lambda _name: self.host)
        self.throttle = Throttle(hosts, lambda *message: self.delivered.append(message))

    def _answered(self, _route, answer, _payload):
        self.refused.append(answer.error.message)

    def send(self, size=0):
        call = Envelope()
        call.call.module = "n"
        self.throttle.request(self.host, self.peer, call, b"x" * size)


@pytest.fixture
def stage(monkeypatch):
    monkeypatch.setattr(throttle_module, "WAITING_BYTES", 10_000)
    return Stage()


def test_large_messages_do_not_wait_in_great_numbers(stage):
    """One that is larger than all that may wait is let through all the same, in its turn."""
    for _ in range(10):
        stage.send()
    stage.send(20_000)
    stage.send(100)
    assert len(stage.delivered) == 10
    assert stage.throttle.waiting("m") == 1
    assert "wait" in stage.refused[0]
    assert stage.throttle.clock(1e9) is None
    assert len(stage.delivered) == 11
    stage.send(100)
    assert len(stage.refused) == 1


def test_a_fresh_process_that_floods_is_told_of_at_once(stage):
    """Once a minute for each process, not for each module."""
    for nonce in (b"1", b"2"):
        stage.host.nonce = nonce
        for _ in range(50):
            stage.send()
    assert len(stage.told) == 2
