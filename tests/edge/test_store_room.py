"""A module's options and keys have their room, and so have its writes that are not committed yet."""

from types import SimpleNamespace

import pytest

from supervisor.cluster.interface import Opened, StoreChange
from supervisor.core.limits import Limits
from supervisor.edge.settings import Settings
from supervisor.edge.store_room import StoreRoom


@pytest.fixture
def settings():
    return Settings(Opened({}, {"mgr/m/kept": "x" * 90}, 0, "", "", ""))


@pytest.fixture
def room(settings):
    return StoreRoom(settings)


HOST = SimpleNamespace(name="m", limits=Limits(store_size=1000))


def test_what_would_pass_the_limit_is_refused_with_the_figures(room):
    why = room.claim(HOST, "m", "mgr/m/new", None, "x" * 900)
    assert why == (
        "limit store_size: options and keys of 'm' take 100 bytes of 1000 bytes, "
        "and 909 bytes more for 'mgr/m/new' do not fit"
    )


def test_writes_on_their_way_count_until_they_have_ended(room):
    """A flood does not get past the limit before its first write is committed."""
    first = room.claim(HOST, "m", "mgr/m/a", None, "x" * 500)
    assert isinstance(room.claim(HOST, "m", "mgr/m/b", None, "x" * 500), str)
    first()
    assert callable(room.claim(HOST, "m", "mgr/m/b", None, "x" * 500))


def test_other_modules_have_their_own_room(room):
    room.claim(HOST, "m", "mgr/m/a", None, "x" * 800)
    other = SimpleNamespace(name="n", limits=Limits(store_size=1000))
    assert callable(room.claim(other, "n", "mgr/n/a", None, "x" * 800))


def test_a_module_that_is_full_can_make_room(room, settings):
    settings.store_changed([StoreChange("mgr/m/a", "x" * 5000, 1)])
    assert callable(room.claim(HOST, "m", "mgr/m/a", "x" * 5000, None))
    assert callable(room.claim(HOST, "m", "mgr/m/a", "x" * 5000, "x" * 4000))
    assert isinstance(room.claim(HOST, "m", "mgr/m/a", "x" * 5000, "x" * 5001), str)


def test_0_is_no_limit(room):
    free = SimpleNamespace(name="m", limits=Limits(store_size=0))
    assert callable(room.claim(free, "m", "mgr/m/a", None, "x" * 5000))
