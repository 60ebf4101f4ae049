"""Numbers for the modules' users: the same again, and never one that somebody has."""

import hypothesis.strategies as st
from hypothesis import given

from supervisor.core.uids import DEFAULT, choose


def test_the_default_is_nobodys():
    """Neither of Debian's packages, of systemd's services, of nobody, nor of user namespaces."""
    assert DEFAULT[0] > 65535
    assert DEFAULT[-1] < 100_000


@given(st.text(), st.text())
def test_the_same_owner_in_the_same_place_gets_the_same(owner, place):
    """So a table that was lost comes out as it was."""
    number = choose(owner, place, DEFAULT, ())
    assert number in DEFAULT
    assert number == choose(owner, place, DEFAULT, ())


def test_two_supervisors_hardly_meet():
    """The data folder has a part in it."""
    modules = [f"module{n}" for n in range(30)]
    first, second = ({choose(m, p, DEFAULT, ()) for m in modules} for p in ("/srv/a", "/srv/b"))
    assert len(first & second) < 3


@given(st.sets(st.integers(1000, 1009)))
def test_what_is_taken_is_passed_over(taken):
    """Down to the last one; then there is none."""
    number = choose("m", "/d", range(1000, 1010), taken)
    if len(taken) == 10:
        assert number is None
    else:
        assert number in set(range(1000, 1010)) - taken
