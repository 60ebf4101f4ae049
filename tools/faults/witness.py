"""Siblings under watch: each is asked numbered calls without a pause, and every gap is kept."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from faults.client import Client, Refused, Unreachable


PAUSE_SECONDS = 0.05
ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class Gap:
    """A numbered call that was answered late, wrongly or with an error."""

    sibling: str
    number: int
    seconds: float
    what: str

    def __str__(self) -> str:
        return f"{self.sibling} #{self.number} {self.seconds:.2f} s: {self.what}"


class Witness:
    """Asks one sibling from a thread of its own."""

    def __init__(self, socket: Path, sibling: str, bound: float) -> None:
        """An answer that takes longer than `bound` seconds is a gap."""
        self.sibling = sibling
        self._socket = socket
        self._bound = bound
        self._lock = threading.Lock()
        self._gaps: list[Gap] = []
        self._taken: list[float] = []
        self._number = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"witness-{sibling}")
        self._thread.start()

    def since(self) -> tuple[list[Gap], list[float]]:
        """Gaps, and the seconds of every answer, since it was asked last."""
        with self._lock:
            gaps, taken, self._gaps, self._taken = self._gaps, self._taken, [], []
        return gaps, taken

    def stop(self) -> None:
        """End the thread."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        client: Client | None = None
        while not self._end.wait(PAUSE_SECONDS):
            self._number += 1
            begin = time.monotonic()
            what = ""
            try:
                client = client or Client(self._socket, ANSWER_SECONDS)
                said = client.run(f"{self.sibling} count", number=self._number)
                if said != str(self._number):
                    what = f"answered {said[:40]!r}"
            except Refused as error:
                what = str(error)
            except Unreachable as error:
                what = str(error)
                if client is not None:
                    client.close()
                client = None
            seconds = time.monotonic() - begin
            if not what and seconds > self._bound:
                what = "late"
            with self._lock:
                self._taken.append(seconds)
                if what:
                    self._gaps.append(Gap(self.sibling, self._number, seconds, what))
        if client is not None:
            client.close()
