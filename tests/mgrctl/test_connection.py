"""A connection that is kept, as a shell or a program keeps it, over the end of the daemon."""

import errno

import pytest
from mgrctl.connection import Connection
from mgrctl.errors import Unreachable

from tests.conditions import poll_for
from tests.mgrctl.standin import StandIn


def test_a_daemon_that_ended_between_two_commands_is_told_at_once(tmp_path):
    """Nothing is waited for, whatever the timeout: the command was not sent, and that is said."""
    path = tmp_path / "control.sock"
    with StandIn(path, [], lambda _: (0, b"done", b"")):
        connection = Connection(str(path), "test", None)
        assert connection.execute(b'{"prefix": "status"}', b"").stdout == b"done"
    with connection:
        poll_for(lambda: connection._monitor.poll(0), 5, "the end of the connection to be noticed")
        with pytest.raises(Unreachable, match="has ended; the command was not sent") as told:
            connection.execute(b'{"prefix": "status"}', b"")
        assert told.value.exit_code == errno.ECONNRESET


@pytest.mark.timeout(30)
def test_the_next_connection_finds_the_next_daemon(tmp_path):
    """Whoever connects again is served by the daemon that came after."""
    path = tmp_path / "control.sock"
    for said in (b"first", b"second"):
        with (
            StandIn(path, [], lambda _, said=said: (0, said, b"")),
            Connection(str(path), "test", 10) as connection,
        ):
            assert connection.execute(b'{"prefix": "status"}', b"").stdout == said
