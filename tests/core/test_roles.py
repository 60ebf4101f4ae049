"""Roles of operators: who is let in, and which commands each role covers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.roles import Members, Operators, Role, refusal


SOME = st.frozensets(st.integers(0, 5), max_size=3)
MEMBERS = st.dictionaries(st.sampled_from(Role), st.builds(Members, SOME, SOME))
PERMISSIONS = st.sampled_from(["r", "w", "rw", "rx", "rwx", "", None])


@given(MEMBERS, st.integers(0, 6), SOME, st.integers(0, 6))
def test_the_highest_role_counts_and_who_is_not_listed_stays_out(members, uid, gids, own):
    """Root and the supervisor's own user are admins whatever the table says."""
    role = Operators(members).role(uid, gids, own)
    fitting = [
        r for r in Role if r in members and (uid in members[r].uids or members[r].gids & gids)
    ]
    if uid in (0, own):
        assert role is Role.ADMIN
    else:
        assert role == (fitting[0] if fitting else None)


@given(st.sampled_from(["osd out", "x eval", "mgr fail", "config-key get", "status"]), PERMISSIONS)
def test_a_higher_role_may_do_all_that_a_lower_one_may(prefix, permission):
    """And an admin everything."""
    refusals = [refusal(role, prefix, permission, {}) for role in Role]
    assert refusals[0] is None
    for higher, lower in pairwise(refusals):
        assert higher is None or lower is not None


@given(st.text("abc ", max_size=8), st.sampled_from(["w", "rw", "wx", "", None]))
def test_who_only_reads_sends_nothing_that_writes(prefix, permission):
    """Nor what nobody has declared."""
    assert refusal(Role.READ_ONLY, prefix, permission, {}) is not None


@pytest.mark.parametrize(
    ("prefix", "permission", "needed"),
    [
        ("status", "r", Role.READ_ONLY),
        ("osd out", "rw", Role.OPERATOR),
        ("module restart", "rw", Role.OPERATOR),
        ("mgr module enable", "rw", Role.ADMIN),
        ("mgr fail", "rw", Role.ADMIN),
        ("mgr self-test eval", "rw", Role.ADMIN),
        ("mgr any-module eval", "r", Role.ADMIN),
        ("orch apply", "rw", Role.ADMIN),
        ("orch ls", "r", Role.READ_ONLY),
        ("tell", "rw", Role.ADMIN),
        ("config-key get", "r", Role.ADMIN),
        ("auth get", "rx", Role.ADMIN),
    ],
)
def test_what_a_command_takes(prefix, permission, needed):
    """The least role that covers it is named in the refusal of the others."""
    for role in Role:
        why = refusal(role, prefix, permission, {})
        if list(Role).index(role) <= list(Role).index(needed):
            assert why is None
        else:
            assert why == f"the role '{role}' does not cover '{prefix}': it takes '{needed}'"
