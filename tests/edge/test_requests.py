"""What modules can make the supervisor know and do at once has an end."""

from types import SimpleNamespace

import pytest

from proto.v1.envelope_pb2 import Envelope, Error
from proto.v1.module_pb2 import Progress
from supervisor.cluster.interface import Done, Opened
from supervisor.core.limits import Limits
from supervisor.edge.broker import MOST_ASKED, Asker
from supervisor.edge.peer import Peer
from supervisor.edge.requests import MOST_NAMES, Requests
from supervisor.edge.settings import Settings
from supervisor.edge.tokens import Tokens


class Stage:
    """Requests of one module, before a cluster that answers when it is told to."""

    def __init__(self):
        self.tokens, self.asked, self.answers = Tokens(), [], []
        self.beacon = SimpleNamespace(progress={}, touch=lambda: None)
        self.host = SimpleNamespace(name="m", nonce=b"1", limits=Limits(), clients={})
        line = SimpleNamespace(send=lambda _route, answer, _payload: self.answers.append(answer))
        self.peer = Peer(b"route", 0, 0, 1, line)
        self.requests = Requests(
            cluster=SimpleNamespace(set_store=lambda token, *_write: self.asked.append(token)),
            tokens=self.tokens,
            settings=Settings(Opened({}, {}, 0, "", "", "")),
            health=None,
            beacon=self.beacon,
            commands=None,
            gate=SimpleNamespace(log=SimpleNamespace(say=lambda *_words: None)),
            logs=None,
            notify=None,
        )

    def serve(self, verb, **fields):
        envelope = Envelope()
        for name, value in fields.items():
            setattr(getattr(envelope, verb), name, value)
        self.requests.serve(verb, self.host, Asker(self.peer, envelope.id), envelope)


@pytest.fixture
def stage():
    return Stage()


def test_a_module_waits_for_a_bounded_number_of_answers(stage):
    """What is above is refused at once; each answer makes room for another question."""
    for number in range(MOST_ASKED + 3):
        stage.serve("set_store", key=str(number), value="x")
    assert len(stage.asked) == MOST_ASKED
    assert [answer.error.kind for answer in stage.answers] == [Error.REFUSED] * 3
    stage.tokens.settle(Done(stage.asked[0], 0))
    stage.serve("set_store", key="one more", value="x")
    assert len(stage.asked) == MOST_ASKED + 1


def test_progress_events_and_clients_are_bounded_and_those_that_go_make_room(stage):
    for number in range(MOST_NAMES + 10):
        stage.serve("progress", action=Progress.UPDATE, id=str(number))
        stage.serve("register_client", addrs=str(number), name="it")
    assert len(stage.beacon.progress) == len(stage.host.clients) == MOST_NAMES
    stage.serve("progress", action=Progress.COMPLETE, id="5")
    stage.serve("progress", action=Progress.UPDATE, id="new")
    assert "new" in stage.beacon.progress
    stage.serve("register_client", addrs="5", remove=True)
    stage.serve("register_client", addrs="new", name="it")
    assert "new" in stage.host.clients
