"""The connection: a late answer is never taken for another one, and callers do not wait in line."""

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from module_host.link import Link
from proto.framing import Payload
from proto.v1.envelope_pb2 import Envelope
from supervisor.edge.lanes import Lanes
from supervisor.edge.loop import Loop
from supervisor.edge.peer import Peer
from supervisor.edge.router import Router
from tests.conditions import poll_for


class Echo:
    """Answers every call with its method's name, but for those called "silent". The supervisor's
    own sockets, on a loop in a thread.
    """

    def __init__(self, folder: Path) -> None:
        self._context = zmq.Context()
        self._loop = Loop()
        self.bus = Router(self._context, folder / "bus.sock", 0o600)
        self.lanes = Lanes(self._loop, folder / "lanes.sock", 0o600)
        self.late: list[tuple[Peer, Envelope, Payload]] = []
        self.told: list[int] = []
        self._loop.read(self.bus.socket, lambda: self.bus.receive(self._heard, print))
        self.lanes.start(self._heard, print)
        self._thread = threading.Thread(target=self._loop.run)
        self._thread.start()

    def _heard(self, peer: Peer, envelope: Envelope, payload: Payload) -> None:
        if envelope.WhichOneof("body") == "ping":
            self.told.append(envelope.ping.seq)
            return
        answer = Envelope(id=envelope.id)
        answer.error.message = envelope.call.method
        if envelope.call.method == "silent":
            self.late.append((peer, answer, payload))
            return
        for held, late, data in self.late:
            held.send(late, data)
        self.late.clear()
        peer.send(answer, payload)

    def close(self) -> None:
        self._loop.post(self._loop.stop)
        self._thread.join()
        self.lanes.close()
        self.bus.close()
        self._loop.close()
        self._context.term()


@pytest.fixture(params=["bus", "lanes"])
def link(request) -> Iterator[Link]:
    with tempfile.TemporaryDirectory() as folder:
        echo = Echo(Path(folder))
        lanes = str(echo.lanes.path) if request.param == "lanes" else ""
        link = Link(f"ipc://{echo.bus.path}", lanes)
        link.echo = echo  # type: ignore[attr-defined]
        try:
            yield link
        finally:
            if not link._spoken.closed:
                link.__exit__(None, None, None)
            link._context.destroy(0)
            close_all(link)
            echo.close()


def ask(link: Link, method: str, timeout: float | None = None, payload: bytes = b"") -> str:
    envelope = Envelope()
    envelope.call.method = method
    answer, back = link.request(envelope, payload, timeout)
    assert back == payload
    return answer.error.message


def test_a_late_answer_is_nobodys(link):
    """After a timeout the answer still comes; the next request gets its own."""
    assert ask(link, "first") == "first"
    with pytest.raises(TimeoutError):
        ask(link, "silent", 0.05)
    for n in range(20):
        assert ask(link, f"m{n}") == f"m{n}"


def test_sockets_are_used_again(link):
    """One caller after the other needs one socket, not one each."""
    for n in range(50):
        ask(link, f"m{n}")
    assert len(link._exchange._idle) == 1


def test_many_threads_ask_at_once(link):
    """Each of 16 threads gets its own answers, large payloads included."""
    wrong: list[str] = []

    def work(thread: int) -> None:
        for n in range(30):
            name = f"{thread}.{n}"
            if ask(link, name, 10, bytes([n]) * (n * 10_000)) != name:
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(link._exchange._idle) <= 16


def test_what_is_told_arrives_in_order_and_before_the_end(link):
    """Leaving flushes: the last words of a host are heard."""
    for n in range(500):
        link.tell(Envelope(ping={"seq": n}))
    link.__exit__(None, None, None)
    poll_for(lambda: len(link.echo.told) == 500)
    assert link.echo.told == list(range(500))


def test_one_module_cannot_exhaust_the_supervisors_descriptors(link, monkeypatch):
    """Beyond the limit a request fails with a sentence; there is room again as others end."""
    monkeypatch.setattr("module_host.link.MOST_CONNECTIONS", 3)  # the inbox is the first
    monkeypatch.setattr("module_host.exchange.MOST_CONNECTIONS", 2)
    with Link(link._endpoint, str(link.echo.lanes.path) if link._lanes else "") as small:
        exchange = small._exchange
        held = [exchange.connect(), exchange.connect()]
        with pytest.raises(ConnectionError, match="waits for too many answers"):
            ask(small, "refused")
        exchange.close(held.pop())
        poll_for(lambda: asked(small) == "asked")
        exchange.close(held.pop())
    small._context.destroy(0)
    close_all(small)


@pytest.mark.parametrize("link", ["lanes"], indirect=True)
def test_a_supervisor_that_is_gone_is_a_connection_error(link):
    """At once on a lane: no request waits for what cannot come."""
    ask(link, "first")
    link.echo.lanes.forget(os.getpid())
    with pytest.raises(ConnectionError):
        ask(link, "second")


def close_all(link: Link) -> None:
    while link._exchange._idle:
        link._exchange.close(link._exchange._idle.pop())


def asked(link: Link) -> str:
    try:
        return ask(link, "asked")
    except ConnectionError:  # the place of a closed socket is free a moment later
        return ""
