"""What operators asked to be done to single daemons."""

from local_orchestrator.errands import PATIENCE_SECONDS, Errand, turn

from tests.local_orchestrator.made import daemon


FIRST = Errand("mds.1", "restart", 1.0, "mds.fs")
SECOND = Errand("mds.2", "restart", 2.0, "mds.fs")


def there(**first):
    return [daemon("mds.1", **{"started": 0.0, **first}), daemon("mds.2", started=0.0)]


def test_what_stands_alone_is_due_at_once():
    errands = [Errand("mds.1", "stop", 1.0), Errand("mds.2", "start", 1.0)]
    assert turn(errands, there(), 10.0).due == tuple(errands)


def test_a_rolling_restart_waits_until_the_one_before_runs_again():
    assert turn([SECOND, FIRST], there(), 10.0).due == (FIRST,)
    begun = FIRST.done(10.0)
    for state in ("starting", "error"):
        assert turn([begun, SECOND], there(state=state), 11.0).due == ()
    assert turn([begun, SECOND], there(started=0.0), 11.0).due == (), "it has not restarted yet"
    assert turn([begun, SECOND], there(started=10.5), 11.0).due == (), "it may fail any moment"
    back = turn([begun, SECOND], there(started=10.5), 12.0)
    assert (back.over, back.due) == ((begun,), (SECOND,))


def test_a_daemon_that_does_not_come_back_ends_the_line():
    begun = FIRST.done(10.0)
    late = turn([begun, SECOND], there(state="error"), 11.0 + PATIENCE_SECONDS)
    assert (late.broken, late.over, late.due) == ((begun,), (SECOND,), ())


def test_what_is_gone_needs_nothing_any_more():
    assert turn([FIRST], [], 5.0).over == (FIRST,)
    assert turn([FIRST.done(3.0), SECOND], there()[1:], 5.0).due == (SECOND,)
    new = Errand("mds.fs@a", "deploy", 1.0)
    assert turn([new], [], 5.0).due == (new,)


def test_lines_do_not_wait_for_one_another():
    other = Errand("mgr.x", "restart", 3.0, "mgr")
    daemons = [*there(), daemon("mgr.x", service="mgr")]
    assert turn([FIRST.done(1.0), SECOND, other], daemons, 1.5).due == (other,)
