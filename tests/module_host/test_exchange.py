"""Connections for requests: no more than a module may have, however many threads ask."""

import socket
import threading

import pytest

from module_host import exchange
from module_host.exchange import Lanes


@pytest.fixture
def listening(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as made:
        made.bind(str(tmp_path / "lanes.sock"))
        made.listen(64)
        yield str(tmp_path / "lanes.sock")


def test_threads_together_open_no_more_than_one_would(listening, monkeypatch):
    """And what was closed may be opened anew."""
    monkeypatch.setattr(exchange, "MOST_CONNECTIONS", 8)
    lanes = Lanes(listening)
    start = threading.Barrier(16)
    opened, refused = [], []

    def connect():
        start.wait(20)
        try:
            opened.append(lanes.connect())
        except ConnectionError as error:
            refused.append(str(error))

    for _ in range(3):
        threads = [threading.Thread(target=connect) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert (len(opened), len(refused)) == (8, 8)
        assert refused[0].startswith("the module has 8 connections")
        for connection in opened:
            lanes.close(connection)
        opened.clear()
        refused.clear()


def test_a_connection_that_is_refused_does_not_count(tmp_path, monkeypatch):
    """A supervisor that is away for a while uses up nothing."""
    monkeypatch.setattr(exchange, "MOST_CONNECTIONS", 2)
    lanes = Lanes(str(tmp_path / "absent.sock"))
    for _ in range(5):
        with pytest.raises(ConnectionError, match="the supervisor takes no connection"):
            lanes.connect()
