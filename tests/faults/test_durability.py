"""An acknowledged write survives SIGKILL of the supervisor at any moment."""

import threading

import pytest

from tests.conditions import poll_for
from tests.daemon import GOOD, supervisor


pytestmark = pytest.mark.fault


class Writer:
    """Writes one kind of thing through mgrctl and remembers what was acknowledged."""

    def __init__(self, daemon, words):
        self.acknowledged = []
        self._daemon = daemon
        self._words = words
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        number = 0
        while not self._end.is_set():
            number += 1
            if self._daemon.mgrctl(self._words.format(number)).code == 0:
                self.acknowledged.append(number)

    def stop(self):
        self._end.set()
        self._thread.join()


def test_every_acknowledged_write_is_there_after_a_kill():
    """set_store, config set and config-key set race with SIGKILL, three times over one data folder."""
    with supervisor("--module-path", str(GOOD), "--enable", "alpha", start=False) as daemon:
        for round_ in range(3):
            daemon.start()
            daemon.wait_state("alpha", "running")
            writers = {
                "alpha remember": Writer(daemon, f"alpha remember r{round_}-{{0}} value{{0}}"),
                "config-key set": Writer(daemon, f"config-key set free/r{round_}-{{0}} value{{0}}"),
                "alpha prefer": Writer(daemon, "alpha prefer p{0}"),
                "config set": Writer(daemon, "config set mgr mgr/alpha/greeting g{0}"),
            }
            poll_for(
                lambda w=writers: all(len(one.acknowledged) >= 4 for one in w.values()),
                30,
                "writes",
            )
            daemon.kill()
            for one in writers.values():
                one.stop()
            daemon.start()
            daemon.wait_state("alpha", "running")
            for number in writers["alpha remember"].acknowledged:
                assert daemon.ok(f"alpha recall r{round_}-{number}") == f"value{number}"
            for number in writers["config-key set"].acknowledged:
                assert daemon.ok(f"config-key get free/r{round_}-{number}") == f"value{number}"
            for words, option in (("config set", "greeting"), ("alpha prefer", "liking")):
                kept = daemon.ok(f"config get mgr mgr/alpha/{option}")
                # One write more than was acknowledged may have been committed.
                assert int(kept[1:]) - writers[words].acknowledged[-1] in (0, 1)
            daemon.kill()


def test_enabled_modules_are_remembered():
    """mgr module enable and disable hold over a restart of the supervisor."""
    with supervisor("--module-path", str(GOOD), "--enable", "alpha") as daemon:
        daemon.ok("mgr module enable beta")
        daemon.ok("mgr module disable alpha")
        daemon.kill()
        daemon.start()
        daemon.wait_state("beta", "running")
        assert daemon.ps()["alpha"]["state"] == "disabled"
        assert daemon.stop() == 0
