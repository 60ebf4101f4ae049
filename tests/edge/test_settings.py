"""What the supervisor keeps of options and keys, and what it states of them to whoever wrote."""

import sys

from module_host.replica import Replica
from proto.v1.module_pb2 import StoreChanged as Wire
from supervisor.cluster.interface import Opened, StoreChange
from supervisor.edge.settings import Settings


def _settings():
    return Settings(Opened({}, {}, 0, "ceph version 16.2.15", "pacific", "127.0.0.1"))


def _held(settings):
    """Entries and bytes of every container that it has."""
    books = [book for book in vars(settings).values() if hasattr(book, "__len__")]
    return sum(map(len, books)), sum(map(sys.getsizeof, books))


def test_keys_that_were_removed_cost_nothing():
    """A module that writes and removes ever new keys does not make the supervisor grow."""
    settings = _settings()
    for number in range(2000):
        key = f"mgr/m/{number}"
        settings.store_changed([StoreChange(key, "value", 2 * number + 1)])
        settings.store_changed([StoreChange(key, None, 2 * number + 2)])
    entries, size = _held(settings)
    assert entries == 0
    assert size < 2000 * 8 * 20
    assert settings.seq == 4000


def test_a_writer_reads_its_own_write_and_no_older_change_undoes_it():
    """The answer to a write may overtake the news of earlier commits; later ones still count."""
    settings, replica = _settings(), Replica({}, 0)
    settings.store_changed([StoreChange("mgr/m/a", "old", 1), StoreChange("mgr/m/a", "mine", 2)])
    answer = Wire()
    settings.stored_now("mgr/m/a", "m", answer)
    replica.apply(answer.changes)
    assert replica.get("a") == "mine"
    late = Wire()
    late.changes.add(key="a", seq=1).value = "old"
    replica.apply(late.changes)
    assert replica.get("a") == "mine"
    removed = Wire()
    settings.store_changed([StoreChange("mgr/m/a", None, 3)])
    settings.stored_now("mgr/m/a", "m", removed)
    replica.apply(removed.changes)
    assert replica.get("a") is None
    again = Wire()
    again.changes.add(key="a", seq=4).value = "new"
    replica.apply(again.changes)
    assert replica.get("a") == "new"


def test_the_size_of_each_modules_options_and_keys_is_known_as_committed():
    settings = Settings(
        Opened({"mgr/m/one": "12"}, {"mgr/m/k": "ä", "device/d": "{}"}, 0, "", "", "")
    )
    assert settings.sizes == {"m": 9 + 2 + 7 + 2, "": 10}
    settings.store_changed([StoreChange("mgr/m/k", None, 1), StoreChange("mgr/n/k", "v", 1)])
    assert settings.sizes == {"m": 11, "n": 8, "": 10}
