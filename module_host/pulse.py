"""Answers pings from Python, so that a hung interpreter cannot."""

from collections.abc import Callable
from queue import SimpleQueue

from module_host import threads
from module_host.activity import Activity
from module_host.exchange import send
from module_host.link import Link
from proto.framing import pack
from proto.v1.envelope_pb2 import Envelope


class Pulse:
    """A thread and a socket of its own: neither work nor a blocked sender delays it."""

    def __init__(self, link: Link, activity: Activity, depth: Callable[[], int]) -> None:
        self._link = link
        self._activity = activity
        self._depth = depth
        self._asked: SimpleQueue[int] = SimpleQueue()

    def start(self) -> None:
        """Begin to answer."""
        threads.start("mgr-pulse", self._work)

    def ping(self, seq: int) -> None:
        """Have ping number `seq` answered."""
        self._asked.put(seq)

    def _work(self) -> None:
        socket = self._link.connect()
        while True:
            seq = self._asked.get()
            try:
                send(socket, pack(self._answer(seq)))
            except ConnectionError:
                continue  # nobody took it; the next ping will tell

    def _answer(self, seq: int) -> Envelope:
        envelope = Envelope()
        envelope.pulse.seq = seq
        envelope.pulse.command_age_ms = self._activity.age_ms(Activity.Kind.COMMAND)
        envelope.pulse.notify_age_ms = self._activity.age_ms(Activity.Kind.NOTIFY)
        envelope.pulse.call_age_ms = self._activity.age_ms(Activity.Kind.CALL)
        envelope.pulse.queue_depth = self._depth()
        return envelope
