"""Where daemons are placed, and that what is placed stays."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_orchestrator import services
from local_orchestrator.placement import Slot, assign
from orchestrator import OrchestratorError

from tests.local_orchestrator.made import PlacementSpec, daemon, drained, host, service


NAMES = ("a", "b", "c", "d")
LABELS = ("fast", "_no_schedule")


def given_hosts():
    """Every name once, with any labels, any of them in maintenance."""
    one = st.tuples(st.sets(st.sampled_from(LABELS)), st.booleans())
    return st.lists(one, min_size=1, max_size=4).map(
        lambda drawn: [
            host(name, *sorted(labels), maintenance=resting)
            for name, (labels, resting) in zip(NAMES, drawn, strict=False)
        ]
    )


def placements():
    count = st.none() | st.integers(1, 6)
    each = st.none() | st.integers(1, 3)
    named = st.sampled_from(["a", "b", "a=one", "b=two", "c"])
    return st.one_of(
        st.builds(PlacementSpec, count=count),
        st.builds(PlacementSpec, label=st.just("fast"), count=count),
        st.builds(PlacementSpec, host_pattern=st.sampled_from(["*", "[ab]"]), count_per_host=each),
        st.builds(PlacementSpec, count=count, hosts=st.lists(named, min_size=1, unique=True)),
    )


def daemons():
    states = st.sampled_from(["running", "starting", "error", "stopped"])
    one = st.tuples(st.sampled_from(NAMES), states, st.integers(1, 9))
    return st.lists(one, max_size=6).map(
        lambda drawn: [
            daemon(f"mds.fs.{where}.{n}", where, state=state, created=float(age))
            for n, (where, state, age) in enumerate(drawn)
        ]
    )


def carried_out(plan, waiting):
    """What is there once a plan was followed."""
    added = [
        daemon(f"mds.{slot.name or f'new{n}'}", slot.host, created=100.0 + n)
        for n, slot in enumerate(plan.add)
    ]
    return [*plan.keep, *added, *waiting]


@given(given_hosts(), placements(), daemons(), st.booleans())
def test_a_placement_is_reached_at_once_and_then_kept(hosts, placement, there, several):
    """Never more than wanted, only on hosts that may have them, nothing lost; following the plan
    once leaves nothing to do.
    """
    plan = assign("mds.fs", placement, hosts, there, several)
    allowed = {h.name for h in hosts if h.schedulable}
    resting = [d for d in there if d.host in {h.name for h in hosts if h.maintenance}]
    assert sorted(d.name for d in (*plan.keep, *plan.remove, *resting)) == sorted(
        d.name for d in there
    )
    placed = [d.host for d in plan.keep] + [slot.host for slot in plan.add]
    assert set(placed) <= allowed
    if placement.count:
        assert len(placed) <= placement.count
    if not several and not any(h.name for h in placement.hosts):
        assert max(Counter(placed).values(), default=0) <= 1
    again = assign("mds.fs", placement, hosts, carried_out(plan, resting), several)
    assert (again.add, again.remove) == ((), ())


@given(given_hosts(), daemons(), st.integers(1, 6))
def test_nothing_is_moved_for_its_own_sake(hosts, there, count):
    """What is added and what is removed are never both more than a wrong place explains."""
    plan = assign("mds.fs", PlacementSpec(count=count), hosts, there, several=True)
    allowed = {h.name for h in hosts if h.schedulable}
    fitting = [d for d in there if d.host in allowed]
    share = -(-count // max(len(allowed), 1))
    crowded = sum(max(0, n - share) for n in Counter(d.host for d in fitting).values())
    assert len(plan.keep) >= min(count, len(fitting) - crowded)


def test_daemons_are_spread_and_the_oldest_that_run_are_kept():
    plan = assign("mds.fs", PlacementSpec(count=4), [host("a"), host("b")], [], several=True)
    assert Counter(slot.host for slot in plan.add) == {"a": 2, "b": 2}
    there = [
        daemon("mds.old", created=1.0),
        daemon("mds.ill", created=0.5, state="error"),
        daemon("mds.new", created=2.0),
    ]
    plan = assign("mds.fs", PlacementSpec(count=1), [host("a")], there, several=True)
    assert [d.name for d in plan.keep] == ["mds.old"]


def test_a_name_in_a_placement_is_the_daemons_id():
    placement = PlacementSpec(hosts=["a=one", "a=two"])
    plan = assign("mds.fs", placement, [host("a")], [daemon("mds.one"), daemon("mds.x")], True)
    assert [d.name for d in plan.keep] == ["mds.one"]
    assert plan.add == (Slot("a", "two"),)
    assert [d.name for d in plan.remove] == ["mds.x"]


def test_hosts_that_are_drained_lose_their_daemons_and_those_in_maintenance_keep_them():
    hosts = [drained("a"), host("b", maintenance=True), host("c")]
    there = [daemon("mds.1", "a"), daemon("mds.2", "b"), daemon("mds.3", "c")]
    plan = assign("mds.fs", PlacementSpec(host_pattern="*"), hosts, there, several=False)
    assert [d.name for d in plan.remove] == ["mds.1"]
    assert [d.name for d in plan.keep] == ["mds.3"]


@pytest.mark.parametrize(
    ("placement", "complaint"),
    [
        ({"hosts": ["nowhere"]}, "on nowhere: Unknown hosts"),
        ({"label": "none"}, "No matching hosts for label none"),
        ({"host_pattern": "z*"}, "No matching hosts"),
        ({"count": 21}, "maximum number of mds daemons allowed with 2 hosts is 20"),
        ({"count_per_host": 11, "host_pattern": "*"}, "maximum count_per_host allowed is 10"),
    ],
)
def test_what_cannot_be_placed_is_refused_with_a_sentence(placement, complaint):
    spec = service(placement).spec
    with pytest.raises(OrchestratorError, match=complaint):
        services.check_placement(spec, [host("a"), host("b")], several=True, most=10)


def test_one_host_does_not_get_several_where_the_kind_forbids_it():
    spec = service({"count_per_host": 2, "host_pattern": "*"}).spec
    with pytest.raises(OrchestratorError, match=r"more than one mds\.fs per host"):
        services.check_placement(spec, [host("a")], several=False, most=10)
