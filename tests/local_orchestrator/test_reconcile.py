"""From what is wanted and what runs to what is to do."""

from hypothesis import given
from hypothesis import strategies as st
from local_orchestrator.reconcile import (
    Deploy,
    Redeploy,
    Remove,
    finished,
    reconcile,
)

from tests.local_orchestrator.made import daemon, drained, host, service
from tests.local_orchestrator.test_placement import daemons, given_hosts


HOSTS = [host("a"), host("b")]


def current(wanted, name, where="a", **more):
    """A daemon that was made from the spec as it is now."""
    return daemon(name, where, wanted.name, labels={"revision": wanted.revision}, **more)


def followed(actions, there, wanted):
    """What is there after these actions."""
    gone = {action.daemon.name for action in actions if isinstance(action, Remove | Redeploy)}
    kept = [d for d in there if d.name not in gone]
    for number, action in enumerate(actions):
        if isinstance(action, Deploy):
            kept.append(
                current(wanted, f"mds.{action.slot.name or f'new{number}'}", action.slot.host)
            )
        elif isinstance(action, Redeploy):
            kept.append(current(wanted, action.daemon.name, action.daemon.host))
    return kept


@given(given_hosts(), daemons(), st.integers(1, 5))
def test_following_the_actions_comes_to_an_end(hosts, there, count):
    """Each round redeploys at least one of the outdated, until nothing is to do."""
    wanted = service({"count": count})
    for _ in range(len(there) + 2):
        actions = reconcile([wanted], hosts, there)
        if not actions:
            break
        there = followed(actions, there, wanted)
    outdated = [d for d in there if d.labels.get("revision") != wanted.revision]
    assert reconcile([wanted], hosts, there) == []
    assert all(d.state in ("stopped", "starting") or d.host for d in outdated)


def test_a_stopped_daemon_is_left_stopped():
    wanted = service({"count": 1})
    assert reconcile([wanted], HOSTS, [current(wanted, "mds.1", state="stopped")]) == []
    assert reconcile([wanted], HOSTS, [daemon("mds.1", state="stopped")]) == []


def test_a_changed_spec_is_rolled_out_one_daemon_at_a_time():
    wanted = service({"count": 2})
    there = [daemon("mds.1", "a"), daemon("mds.2", "b")]
    assert reconcile([wanted], HOSTS, there) == [Redeploy(there[0])]
    waiting = [current(wanted, "mds.1", state="starting"), there[1]]
    assert reconcile([wanted], HOSTS, waiting) == []
    assert reconcile([wanted], HOSTS, [current(wanted, "mds.1"), there[1]]) == [Redeploy(there[1])]


def test_a_changed_spec_is_tried_at_once_where_the_old_one_failed():
    wanted = service({"count": 2})
    ill = daemon("mds.1", state="error")
    assert reconcile([wanted], HOSTS, [ill, daemon("mds.2", "b")]) == [Redeploy(ill)]


def test_another_placement_is_no_other_revision():
    """Neither is being unmanaged; another option is."""
    plain = service().revision
    assert service({"count": 1}, unmanaged=True).revision == plain
    assert service(config={"mds_cache_memory_limit": "1"}).revision != plain


def test_an_unmanaged_service_is_let_be():
    wanted = service({"count": 1}, unmanaged=True)
    assert reconcile([wanted], HOSTS, [daemon("mds.1"), daemon("mds.2")]) == []


def test_a_drained_host_is_emptied_of_what_is_unmanaged_too():
    loose = daemon("container.x", "c", "container.x")
    assert reconcile([], [*HOSTS, drained("c")], [loose]) == [Remove(loose, "its host is drained")]
    osd = daemon("osd.1", "c", "osd")
    assert reconcile([], [drained("c")], [osd]) == []


def test_a_removed_service_is_finished_once_its_daemons_are_gone():
    gone = service(deleted=5.0)
    left = daemon("mds.1")
    assert reconcile([gone], HOSTS, [left]) == [Remove(left, "its service was removed")]
    assert finished([gone], [left]) == []
    assert finished([gone], []) == [gone]
