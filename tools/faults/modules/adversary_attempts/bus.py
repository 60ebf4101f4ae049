"""Attempts on the supervisor's sockets: to speak in another's name, to do what was not granted."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import zmq

from .attempt import Family, Target, in_child
from .messages import ASKED, KERNEL, NONCE_BYTES, answers, hello, host, own_nonce, store


bus = Family("bus")

_FLUSH_MS = 2000
_ANSWER_MS = 200
_SIBLING_KEY = "mgr/victim/secret"


@contextmanager
def _connection(path: str) -> "Iterator[zmq.Socket[bytes]]":
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.linger = _FLUSH_MS
    socket.sndtimeo = _FLUSH_MS
    socket.rcvtimeo = _ANSWER_MS
    socket.connect(f"ipc://{path}")
    try:
        yield socket
    finally:
        socket.close()
        context.term()


def _answers(socket: "zmq.Socket[bytes]") -> str:
    """All that comes within a moment, as it is on the wire."""
    found = []
    try:
        while True:
            found += [frame.decode("latin-1") for frame in socket.recv_multipart()]
    except zmq.Again:
        return "".join(found)


def _say(path: str, *envelopes: Any) -> str:
    with _connection(path) as socket:
        for envelope in envelopes:
            socket.send_multipart(host().pack(envelope))
        return _answers(socket)


@bus("send a message with a sibling's name on it: overwrite its key", closed=KERNEL)
def forged_source(at: Target) -> str:
    return _say(at.bus, store("victim", "secret", at.mark))


@bus("greet as the sibling's process, and be told its keys", closed=KERNEL)
def forged_hello(at: Target) -> str:
    return _say(at.bus, hello(b"\1" * NONCE_BYTES))


@bus(
    "greet a second time with the number of its own launch, and then act as the sibling",
    closed=KERNEL,
)
def second_hello(at: Target) -> str:
    return _say(at.bus, hello(own_nonce()), store("victim", "secret", at.mark))


@bus("greet from a forked process, and act as the sibling", closed=KERNEL)
def forked_hello(at: Target) -> str:
    greeting, order = hello(own_nonce()), store("victim", "secret", at.mark)
    return str(in_child(lambda: _say(at.bus, greeting, order)[:1000]))


@bus("write a key from a forked process, which does not speak for the module", closed=KERNEL)
def forked_write(at: Target) -> str:
    return str(in_child(lambda: _say(at.bus, store("adversary", at.mark, at.mark))[:1000]))


@bus("answer what the sibling was asked", beside=True, closed=ASKED)
def forged_answer(at: Target) -> str:
    return _say(at.bus, *answers(at, "victim"))


@bus("answer, in nobody's name, all that anybody was ever asked", beside=True, closed=ASKED)
def replayed_answer(at: Target) -> str:
    return _say(at.bus, *answers(at, ""))


def _command(at: Target, prefix: str, **arguments: Any) -> str:
    number, out, text = at.module.mon_command({"prefix": prefix, **arguments})
    if number:
        raise OSError(-number, text)
    return f"{out}{text}"


@bus("read a sibling's key by a command to the cluster")
def read_key_of_sibling(at: Target) -> str:
    return _command(at, "config-key get", key=_SIBLING_KEY)


@bus("read everybody's keys by a command to the cluster")
def dump_keys(at: Target) -> str:
    return _command(at, "config-key dump")


@bus("read a sibling's option by a command to the cluster")
def read_option_of_sibling(at: Target) -> str:
    return _command(at, "config get", who="mgr", key=_SIBLING_KEY)


@bus("read everybody's options by a command to the cluster")
def dump_options(at: Target) -> str:
    return _command(at, "config dump", format="json")


@bus("read a sibling's option as a module may read its own")
def option_of_sibling(at: Target) -> str:
    return str(at.module.get_module_option_ex("victim", "secret"))


@bus("change a sibling's option")
def set_option_of_sibling(at: Target) -> str:
    return str(at.module.set_module_option_ex("victim", "secret", at.mark))


@bus("change a sibling's option by a command to the cluster")
def command_option_of_sibling(at: Target) -> str:
    return _command(at, "config set", who="mgr", name=_SIBLING_KEY, value=at.mark)


@bus("write a key of the cluster by a command that it may not send")
def command_beyond_grants(at: Target) -> str:
    return _command(at, "config-key set", key=f"adversary/{at.mark}", val="x")


@bus("restart a sibling by a command")
def restart_sibling(at: Target) -> str:
    return _command(at, "module restart", name="victim")


@bus("call a method of a sibling that it was not granted")
def call_sibling(at: Target) -> str:
    return str(at.module.remote("victim", "tell"))


@bus("call a module that can do more than others, and is guarded for that")
def call_guarded(at: Target) -> str:
    return str(at.module.remote(at.guarded, "tell"))


@bus("give orders on the operators' socket", closed=KERNEL)
def operators_socket(at: Target) -> str:
    return _order(at)


@bus("give orders on the operators' socket from a process that left it", closed=KERNEL)
def operators_socket_orphan(at: Target) -> str:
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.setsid()
            if not os.fork():
                os.write(theirs, _order(at).encode("latin-1")[:4096])
        finally:
            os._exit(0)
    os.close(theirs)
    os.waitpid(pid, 0)
    try:
        return os.read(ours, 4096).decode("latin-1")
    finally:
        os.close(ours)


def _order(at: Target) -> str:
    greeting = host().Envelope(id=1)
    greeting.greeting.versions.CopyFrom(host().ours())
    order = host().Envelope(id=2)
    order.execute.json = json.dumps({"prefix": "config-key get", "key": _SIBLING_KEY}).encode()
    return _say(at.control, greeting, order)
