"""Which sockets a module may have, and to which ports; from inside a real host."""

import socket

import pytest

from tests.module_host.attempts import attempt
from tests.module_host.standin import text


NEW = "__import__('socket').socket"


@pytest.fixture(name="server")
def fixture_server():
    """A TCP server of somebody else, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    """A TCP port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_without_a_grant_there_are_unix_sockets_only(standin):
    """Every other family is refused with socket()'s own errno, also for socket pairs."""
    host = standin.run()
    for family in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"):
        number = int(getattr(socket, family))
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            assert attempt(standin, host, f"{NEW}({number}, {int(kind)})") == "EACCES", family
    pair = "__import__('socket').socketpair"
    assert attempt(standin, host, f"{pair}(30)") == "EACCES"
    assert attempt(standin, host, f"{pair}()") == "done"
    assert attempt(standin, host, f"{NEW}(1)") == "done"


def test_names_degrade_without_a_network(standin):
    """Looking up a name fails as without a network, and what is local goes on."""
    host = standin.run()
    source = """
import socket, uuid, platform, asyncio, ctypes.util
try:
    socket.getaddrinfo("ceph.example", 443)
    looked = "found"
except socket.gaierror as error:
    looked = error.errno
async def nothing():
    return "ran"
result = [
    looked in (socket.EAI_AGAIN, socket.EAI_NONAME, socket.EAI_FAIL, socket.EAI_SYSTEM),
    bool(socket.gethostname()), bool(socket.getfqdn()), bool(uuid.uuid1()), uuid.getnode() > 0,
    platform.uname().system, asyncio.run(nothing()), ctypes.util.find_library("nothing"),
    socket.getaddrinfo("127.0.0.1", 80)[0][4],
]
"""
    result = standin.call(host, "execute", source)
    assert result == [True] * 5 + ["Linux", "ran", None, ("127.0.0.1", 80)]


def test_connecting_goes_to_granted_ports_alone(standin, server):
    """TCP by port; other protocols and the ways round connect() are refused."""
    other = free_port()
    host = standin.run(connect_ports=[server])
    to = "__import__('socket').create_connection"
    assert attempt(standin, host, f"{to}(('127.0.0.1', {server}), 5)") == "done"
    assert attempt(standin, host, f"{to}(('127.0.0.1', {other}), 5)") == "EACCES"
    assert attempt(standin, host, f"{NEW}(2).bind(('127.0.0.1', {other}))") == "EACCES"
    fast = f"{NEW}(2).sendto(b'x', 0x20000000, ('127.0.0.1', {other}))"
    assert attempt(standin, host, fast) == "ENOTSUP"
    for protocol in (132, 262):  # SCTP, MPTCP
        assert attempt(standin, host, f"{NEW}(2, 1, {protocol})") == "EACCES"
    assert attempt(standin, host, f"{NEW}(17, 2)") == "EACCES"  # AF_PACKET
    assert attempt(standin, host, f"{NEW}(2, 2)") == "done"


def test_listening_is_for_granted_ports_alone(standin, server):
    """And gives no right to connect."""
    mine, other = free_port(), free_port()
    host = standin.run(listen_ports=[mine])
    bound = "__import__('socket').create_server(('127.0.0.1', {}))"
    assert attempt(standin, host, bound.format(mine)) == "done"
    assert attempt(standin, host, bound.format(other)) == "EACCES"
    to = f"__import__('socket').create_connection(('127.0.0.1', {server}), 5)"
    assert attempt(standin, host, to) == "EACCES"


def test_any_port_is_any_port(standin, server):
    """0 in a launch grants every one, and the report says so."""
    host = standin.run(listen_ports=[0], connect_ports=[0])
    to = f"__import__('socket').create_connection(('127.0.0.1', {server}), 5)"
    assert attempt(standin, host, to) == "done"
    bound = f"__import__('socket').create_server(('127.0.0.1', {free_port()}))"
    assert attempt(standin, host, bound) == "done"
    assert "ports: off (any TCP port is granted)" in text(host)


@pytest.mark.parametrize(
    ("without", "outcome"),
    [(["sockets"], "EACCES"), (["ports"], "EACCES"), (["sockets", "ports"], "done")],
)
def test_each_of_both_network_layers_holds_alone(standin, server, without, outcome):
    """TCP is refused by either; where both are off, it is not."""
    host = standin.run(without=without)
    to = f"__import__('socket').create_connection(('127.0.0.1', {server}), 5)"
    assert attempt(standin, host, to) == outcome


def test_the_socket_layer_is_what_stops_udp(standin):
    """Landlock does not see it."""
    udp = f"{NEW}(2, 2).sendto(b'x', ('127.0.0.1', 9))"
    assert attempt(standin, standin.run(without=["ports"]), udp) == "EACCES"
    assert attempt(standin, standin.run(without=["sockets"]), udp) == "done"
