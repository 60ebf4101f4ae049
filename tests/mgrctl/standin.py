"""A stand-in for the daemon: real sockets and the real protocol, answers from a function."""

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import zmq

from proto.framing import pack, unpack
from proto.v1.control_pb2 import CommandResult, Descriptions, GreetingAnswer
from proto.v1.envelope_pb2 import Envelope
from proto.v1.versions_pb2 import Versions
from proto.version import API, PROTOCOL


class StandIn:
    """Answers on `path` until the context ends. `asked` holds every (command, inbuf) that it answered."""

    def __init__(
        self,
        path: Path,
        commands: list[dict],
        answer: Callable[[dict], tuple[int, bytes, bytes]],
        protocol: int = PROTOCOL,
        silent: tuple[str, ...] = (),
        ends_at: str = "",
    ) -> None:
        self.path = path
        self.commands = commands
        self.answer = answer
        self.protocol = protocol
        self.silent = silent
        self.ends_at = ends_at
        self.asked: list[tuple[dict, bytes]] = []
        self.verbs: list[str] = []
        self.clients: list[str] = []
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.linger = 1000
        self._socket.bind(f"ipc://{path}")
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="standin")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.close()
        self._thread.join()
        self._stopped.close()
        self._context.term()

    def _serve(self) -> None:
        poller = zmq.Poller()
        poller.register(self._stopped, zmq.POLLIN)
        poller.register(self._socket, zmq.POLLIN)
        while self._stopped.fileno() not in (ready := dict(poller.poll())):
            if self._socket in ready:
                client, *frames = self._socket.recv_multipart()
                envelope = unpack(frames)[0]
                verb = envelope.WhichOneof("body")
                self.verbs.append(verb)
                if verb == self.ends_at:
                    break
                if verb not in self.silent:
                    self._socket.send_multipart([client, *pack(self._reply(envelope, verb))])
        self._socket.close()

    def _reply(self, asked: Envelope, verb: str) -> Envelope:
        reply = Envelope(id=asked.id)
        if verb == "greeting":
            self.clients.append(asked.greeting.client)
            reply.greeting_answer.CopyFrom(
                GreetingAnswer(
                    versions=Versions(protocol=self.protocol, api=API), version="test", mgr_id="x"
                )
            )
        elif verb == "describe":
            items = [Descriptions.Item(**command) for command in self.commands]
            reply.descriptions.CopyFrom(Descriptions(items=items))
        elif verb == "execute":
            command = json.loads(asked.execute.json)
            self.asked.append((command, asked.execute.inbuf))
            retval, stdout, stderr = self.answer(command)
            reply.command_result.CopyFrom(
                CommandResult(retval=retval, stdout=stdout, stderr=stderr)
            )
        return reply
