"""Attempts to speak with others: over the network, by unix sockets, by memory that is shared."""

import array
import ctypes
import os
import socket
import struct
from typing import Any

from . import kernel
from .attempt import Family, Target


sockets = Family("sockets")

_SECONDS = 2.0
_FAST_OPEN = 0x20000000
_MPTCP, _SCTP = 262, 132
_GAP = "Landlock does not see connect() to a unix socket by path"


def _say(at: Target, family: int, kind: int, address: Any, protocol: int = 0) -> None:
    with socket.socket(family, kind, protocol) as speaker:
        speaker.settimeout(_SECONDS)
        speaker.connect(address)
        speaker.send(at.mark.encode())


@sockets("connect by TCP")
def tcp_connect(at: Target) -> None:
    _say(at, socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", at.tcp))


@sockets("connect by TCP over IPv6", closed="takes IPv6")
def tcp6_connect(at: Target) -> None:
    _say(at, socket.AF_INET6, socket.SOCK_STREAM, ("::1", at.tcp6))


@sockets("send by UDP")
def udp_send(at: Target) -> None:
    _say(at, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", at.udp))


@sockets("connect without connect() (TCP Fast Open)")
def tcp_fast_open(at: Target) -> None:
    with socket.socket() as speaker:
        speaker.settimeout(_SECONDS)
        speaker.sendto(at.mark.encode(), _FAST_OPEN, ("127.0.0.1", at.tcp))


@sockets(
    "connect by another protocol (MPTCP), which reaches the same servers", closed="takes MPTCP"
)
def mptcp_connect(at: Target) -> None:
    _say(at, socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", at.tcp), _MPTCP)


@sockets("wait for connections by TCP", own_word=True)
def tcp_listen(_at: Target) -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"port {listener.getsockname()[1]}"


@sockets(
    "wait for connections on a port that the kernel picks (listen() without bind())", own_word=True
)
def tcp_listen_unbound(_at: Target) -> str:
    with socket.socket() as listener:
        listener.listen(1)
        return f"port {listener.getsockname()[1]}"


def _makes(name: str, what: str, *words: int, closed: str = "") -> None:
    def work(_at: Target) -> str:
        with socket.socket(*words):
            return "made"

    sockets.add(name, what, work, own_word=True, closed=closed)


_ROOT = "takes root"
_makes("raw_socket", "make a raw socket", socket.AF_INET, socket.SOCK_RAW, 1, closed=_ROOT)
_makes(
    "packet_socket",
    "listen to the network (packet socket)",
    socket.AF_PACKET,
    socket.SOCK_RAW,
    3,
    closed=_ROOT,
)
_makes(
    "ping_socket",
    "send pings",
    socket.AF_INET,
    socket.SOCK_DGRAM,
    1,
    closed="as the machine is set",
)
_makes(
    "vsock",
    "speak with the machine's hypervisor (vsock)",
    40,
    socket.SOCK_STREAM,
    closed="takes the kernel's module",
)
_makes(
    "alg_socket",
    "reach the kernel's ciphers (AF_ALG)",
    38,
    socket.SOCK_SEQPACKET,
    closed="takes the kernel's module",
)
_makes(
    "sctp_socket",
    "use SCTP",
    socket.AF_INET,
    socket.SOCK_STREAM,
    _SCTP,
    closed="takes the kernel's module",
)
_makes(
    "netlink_audit",
    "reach the kernel's audit",
    socket.AF_NETLINK,
    socket.SOCK_RAW,
    9,
    closed="takes the kernel's module",
)
_makes("netlink_uevent", "hear of devices", socket.AF_NETLINK, socket.SOCK_RAW, 15)
_makes(
    "netlink_route",
    "ask for the machine's addresses and routes",
    socket.AF_NETLINK,
    socket.SOCK_RAW,
    0,
)


@sockets("connect to a unix socket without a path (abstract)")
def abstract_stream(at: Target) -> None:
    _say(at, socket.AF_UNIX, socket.SOCK_STREAM, f"\0{at.abstract}")


@sockets("send to an abstract unix socket")
def abstract_datagram(at: Target) -> None:
    _say(at, socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{at.abstract}-d")


@sockets("connect to another service's unix socket (as docker's is)", gap=_GAP)
def unix_stream(at: Target) -> None:
    _say(at, socket.AF_UNIX, socket.SOCK_STREAM, at.unix)


@sockets("send to another service's unix socket", gap=_GAP)
def unix_datagram(at: Target) -> None:
    _say(at, socket.AF_UNIX, socket.SOCK_DGRAM, f"{at.unix}-d")


@sockets(
    "connect to another service's unix socket in /run",
    gap=_GAP,
    closed="takes a writable /run to test",
)
def unix_run(at: Target) -> None:
    _say(at, socket.AF_UNIX, socket.SOCK_STREAM, at.unix_run)


@sockets("be handed a descriptor of a secret file by somebody outside who is willing", gap=_GAP)
def unix_descriptor(at: Target) -> str:
    with socket.socket(socket.AF_UNIX) as speaker:
        speaker.settimeout(_SECONDS)
        speaker.connect(f"{at.unix}-gift")
        size = array.array("i").itemsize
        _text, extra, _flags, _address = speaker.recvmsg(1, socket.CMSG_SPACE(size))
    taken = [struct.unpack("@i", data[:size])[0] for _level, _kind, data in extra]
    try:
        return os.pread(taken[0], 64, 0).decode()
    finally:
        for fd in taken:
            os.close(fd)


@sockets("speak to the service manager in the supervisor's name (sd_notify)", gap=_GAP)
def notify_socket(at: Target) -> None:
    _say(at, socket.AF_UNIX, socket.SOCK_DGRAM, at.notify)


@sockets("read shared memory of others (System V)")
def shm_of_others(at: Target) -> str:
    shared = kernel.call("shmget", at.key, 64, 0)
    _shmat = ctypes.CDLL(None, use_errno=True).shmat
    _shmat.restype = ctypes.c_void_p
    address = _shmat(shared, None, 0o10000)  # SHM_RDONLY
    if address in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "shmat")
    try:
        return ctypes.string_at(address, 64).decode("latin-1")
    finally:
        ctypes.CDLL(None).shmdt(ctypes.c_void_p(address))


@sockets("read a message queue of others (System V)")
def messages_of_others(at: Target) -> str:
    queue = kernel.call("msgget", at.key, 0)
    buffer = ctypes.create_string_buffer(128)
    kernel.call("msgrcv", queue, buffer, 64, 0, 0o4000)  # IPC_NOWAIT
    return buffer.raw.decode("latin-1")


@sockets("use semaphores of others (System V)", own_word=True)
def semaphores_of_others(at: Target) -> str:
    semaphores = kernel.call("semget", at.key, 1, 0)
    return f"value {kernel.call('semctl', semaphores, 0, 12)}"  # GETVAL


@sockets("read a message queue of others (POSIX)", closed="takes POSIX message queues")
def queue_of_others(at: Target) -> str:
    fd = kernel.call("mq_open", at.queue.encode(), os.O_RDONLY | os.O_NONBLOCK, 0, 0)
    try:
        buffer = ctypes.create_string_buffer(8192)
        size = kernel.call("mq_timedreceive", fd, buffer, 8192, 0, 0)
        return buffer.raw[:size].decode()
    finally:
        os.close(fd)
