"""The local copy converges, whatever overtakes what."""

from hypothesis import given
from hypothesis import strategies as st

from module_host.replica import REMEMBERED, Replica
from proto.v1.module_pb2 import StoreChanged


def change(key: str, value: str | None, seq: int) -> StoreChanged.Change:
    found = StoreChanged.Change(key=key, seq=seq)
    if value is not None:
        found.value = value
    return found


def test_an_older_change_never_wins():
    """A write's own answer came first; the older change through the inbox is ignored."""
    replica = Replica({"a": "0"}, 5)
    replica.apply([change("a", "new", 8)])
    replica.apply([change("a", "old", 7)])
    assert replica.get("a") == "new"


def test_a_removed_key_stays_removed():
    """A late change does not bring back what a newer one removed."""
    replica = Replica({"a": "0"}, 5)
    replica.apply([change("a", None, 8), change("a", "old", 6)])
    assert replica.get("a") is None
    assert replica.beneath("") == {}


def test_what_the_first_copy_reflects_is_known_already():
    """Changes up to the commit of the Welcome were in it."""
    replica = Replica({}, 5)
    replica.apply([change("a", "gone again", 4)])
    assert replica.get("a") is None


def test_a_prefix_selects():
    """`beneath` is a copy of the part that begins so."""
    replica = Replica({"a/1": "x", "a/2": "y", "b": "z"}, 0)
    part = replica.beneath("a/")
    part["a/3"] = "mine"
    assert replica.beneath("a/") == {"a/1": "x", "a/2": "y"}


def test_keys_that_were_removed_are_forgotten():
    """A module that writes and removes ever new keys keeps a bounded number of them, and what
    comes late changes nothing all the same.
    """
    replica = Replica({}, 0)
    for number in range(1, 3 * REMEMBERED):
        key = str(number)
        replica.apply([change(key, "x", 2 * number), change(key, None, 2 * number + 1)])
    assert (
        max(len(held) for held in vars(replica).values() if hasattr(held, "__len__")) <= REMEMBERED
    )
    replica.apply(
        [change("7", "late", 14), change(str(3 * REMEMBERED - 1), "late", 6 * REMEMBERED - 2)]
    )
    assert replica.beneath("") == {}


def test_a_key_that_changes_often_takes_no_place_of_others():
    """One key over and over, and one that changed just before it: an older change of that is still
    told from a newer one.
    """
    replica = Replica({}, 0)
    replica.apply([change("rare", "second", 2)])
    for number in range(3, 3 * REMEMBERED):
        replica.apply([change("often", str(number), number)])
    replica.apply([change("rare", "first", 1)])
    assert replica.get("rare") == "second"
    replica.apply([change("other", "late", 3)])
    assert replica.get("other") == "late"


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.text(max_size=2)), max_size=8),
    st.randoms(),
)
def test_any_order_of_arrival_gives_the_same_copy(history, random):
    """Every change may come twice and in any order; the newest of each key stays."""
    wanted: dict[str, str] = {}
    changes = []
    for seq, (key, value) in enumerate(history, 1):
        changes.append(change(key, value, seq))
        wanted.pop(key, None)
        if value is not None:
            wanted[key] = value
    arrivals = changes * 2
    random.shuffle(arrivals)
    replica = Replica({}, 0)
    for one in arrivals:
        replica.apply([one])
    assert replica.beneath("") == wanted
