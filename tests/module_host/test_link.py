"""The connection: a late answer is never taken for another one, and callers do not wait in line."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from module_host.link import Link
from proto.framing import pack, unpack
from proto.v1.envelope_pb2 import Envelope
from tests.conditions import poll_for


class Echo:
    """Answers every call with its method's name, but for those called "silent"."""

    def __init__(self, endpoint: str) -> None:
        self._context = zmq.Context()
        self._router = self._context.socket(zmq.ROUTER)
        self._router.linger = 0
        self._router.bind(endpoint)
        self.late: list[list[bytes]] = []
        self.told: list[int] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        while not self._stop.is_set():
            if not self._router.poll(20):
                continue
            route, *frames = self._router.recv_multipart()
            envelope, payload = unpack(frames)
            if envelope.WhichOneof("body") == "ping":
                self.told.append(envelope.ping.seq)
                continue
            answer = Envelope(id=envelope.id)
            answer.error.message = envelope.call.method
            message = [route, *pack(answer, payload)]
            if envelope.call.method == "silent":
                self.late.append(message)
                continue
            for held in self.late:
                self._router.send_multipart(held)
            self.late.clear()
            self._router.send_multipart(message)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._router.close()
        self._context.term()


@pytest.fixture
def link() -> Iterator[Link]:
    with tempfile.TemporaryDirectory() as folder:
        endpoint = f"ipc://{Path(folder)}/s"
        echo = Echo(endpoint)
        link = Link(endpoint)
        link.echo = echo  # type: ignore[attr-defined]
        try:
            yield link
        finally:
            if not link._spoken.closed:
                link.__exit__(None, None, None)
            link._context.destroy(0)
            echo.close()


def ask(link: Link, method: str, timeout: float | None = None, payload: bytes = b"") -> str:
    envelope = Envelope()
    envelope.call.method = method
    answer, back = link.request(envelope, payload, timeout)
    assert bytes(back) == payload
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
    assert len(link._idle) == 1


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
    assert len(link._idle) <= 16


def test_what_is_told_arrives_in_order_and_before_the_end(link):
    """Leaving flushes: the last words of a host are heard."""
    for n in range(500):
        link.tell(Envelope(ping={"seq": n}))
    link.__exit__(None, None, None)
    poll_for(lambda: len(link.echo.told) == 500)
    assert link.echo.told == list(range(500))


def test_one_module_cannot_exhaust_the_supervisors_descriptors(link, monkeypatch):
    """Beyond the limit a request fails with a sentence; there is room again as others end."""
    monkeypatch.setattr("module_host.link.MOST_SOCKETS", 3)  # the inbox is the first
    with Link(link._endpoint) as small:
        held = [small.connect(), small.connect()]
        with pytest.raises(ConnectionError, match="too many answers at once"):
            ask(small, "refused")
        held.pop().close(0)
        poll_for(lambda: asked(small) == "asked")
    small._context.destroy(0)


def asked(link: Link) -> str:
    try:
        return ask(link, "asked")
    except ConnectionError:  # the place of a closed socket is free a moment later
        return ""
