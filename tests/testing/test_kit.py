"""The testing kit keeps what its docstrings promise to an author of modules."""

import importlib
import logging
import threading
from pathlib import Path

import pytest

from module_host import session, testing
from tests.conditions import poll_for
from tests.testing import kit


Probe = kit.module("probe")
probe_module = importlib.import_module("probe.module")
mgr_module = importlib.import_module("mgr_module")


@pytest.fixture
def probe():
    with testing.run(Probe) as running:
        yield running


def evaluate(running, code):
    return running.command("probe try", code).stdout


def test_the_module_is_constructed_as_in_a_host(probe):
    """Accessors work in __init__, the name is the package's, results are the module's own type."""
    assert probe.name == probe.module.module_name == "probe"
    assert probe.module.in_init == (3, None, "x")
    assert type(probe.command("probe watch")) is mgr_module.HandleCommandResult
    assert probe.module.release_name == "pacific"


def test_the_cluster_is_of_the_release_that_is_asked_for():
    with testing.run(Probe, ceph_version="19.2.0") as probe:
        assert (probe.module.version, probe.module.release_name) == ("ceph version 19.2.0", "squid")


def test_what_init_raises_comes_out(monkeypatch):
    monkeypatch.setattr(Probe, "echo", None)

    class Broken(Probe):
        def __init__(self, *args):
            super().__init__(*args)
            raise LookupError("no luck")

    with pytest.raises(LookupError, match="no luck"), testing.run(Broken):
        pass


def test_options_keys_and_documents_are_there_from_the_start():
    with testing.run(
        Probe,
        options={"count": 4, "x/colour": "blue", "mgr/other/key": "v"},
        store={"k": "stored"},
        state={"osd_map": {"epoch": 7}},
        ceph_options={"osd_max_backfills": 3, "auth_debug": True, "ms_type": "async"},
    ) as probe:
        module = probe.module
        assert module.in_init == (4, "stored", "x")
        assert module.get_localized_module_option("colour") == "blue"
        assert module.get_module_option_ex("other", "key") == "v"
        assert module.get("osd_map") == {"epoch": 7}
        module.get("osd_map").clear()
        assert module.get("osd_map") == {"epoch": 7}
        assert module.get("df") is None
        assert module.get_ceph_option("osd_max_backfills") == 3
        assert module.get_ceph_option("auth_debug") is True
        assert module.get_foreign_ceph_option("osd.1", "ms_type") == "async"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"state": {"osd_map": {1: 2}}}, r"state\['osd_map'\] is no JSON, as cluster state is: "),
        ({"state": {"osd_map": {"a": {1}}}}, r"state\['osd_map'\] is no JSON"),
        (
            {"ceph_options": {"a": [1]}},
            r"ceph_options\['a'\]: an option is bool, int, float or str",
        ),
        ({"options": {"nope": 1}}, "unrecognized config option 'mgr/probe/nope'"),
        ({"store": {"k": "x" * 65537}}, "entry size limited to 65536 bytes"),
    ],
)
def test_what_could_not_be_in_production_is_refused_at_the_start(arguments, sentence):
    with pytest.raises(ValueError, match=sentence), testing.run(Probe, **arguments):
        pass


def test_setting_an_option_is_live_and_notified(probe):
    probe.set_option("count", 5)
    assert probe.module.get_module_option("count") == 5
    assert probe.module.heard == [("config", 5)]
    probe.set_option("count", None)
    assert probe.module.heard[1:] == [("config", 3)]
    assert probe.options == {}


def test_options_of_other_modules_are_those_of_the_manager_map():
    declared = {"volume": {"name": "volume", "type": "int", "min": "1", "max": "9"}}
    available = [{"name": "radio", "module_options": declared}]
    state = {"mgr_map": {"available_modules": available}}
    with testing.run(Probe, state=state, options={"mgr/radio/volume": "4"}) as probe:
        assert probe.module.get_module_option_ex("radio", "volume") == 4
        probe.module.set_module_option_ex("radio", "volume", 5)
        probe.module.set_module_option_ex("radio", "volume", 50)
        assert probe.options == {"mgr/radio/volume": "5"}
        assert "Value '50' exceeds maximum 9" in probe.daemon_log[-1]
        with pytest.raises(ValueError, match="unrecognized config option 'mgr/radio/colour'"):
            probe.set_option("mgr/radio/colour", "red")


def test_a_module_that_sets_its_own_option_is_notified(probe):
    evaluate(probe, "self.set_module_option('count', 6)")
    probe.settle()
    assert probe.module.heard == [("config", 6)]
    assert probe.options == {"mgr/probe/count": "6"}


def test_notifications_arrive_in_order_as_in_production(probe):
    entry = {"name": "osd.1", "message": "slow"}
    probe.notify("osd_map")
    probe.notify(mgr_module.NotifyType.clog, entry)
    assert probe.module.heard == [("osd_map", ""), ("clog", entry)]
    assert type(probe.module.heard[1][0]) is str


def test_a_type_that_was_not_asked_for_would_never_come(probe):
    sentence = "'probe' is never notified of 'health': NOTIFY_TYPES lists clog, command, osd_map"
    with pytest.raises(ValueError, match=sentence):
        probe.notify("health")


def test_a_finished_command_is_notified_with_its_tag(probe):
    probe.answer("osd ls", (0, "0\n", ""))
    evaluate(
        probe, "self.send_command(CommandResult(), 'mon', '', '{\"prefix\": \"osd ls\"}', 'mine')"
    )
    poll_for(lambda: probe.module.heard == [("command", "mine")], 5, "the notification")


def test_what_production_only_logs_fails_the_test():
    def test():
        with testing.run(Probe) as probe:
            probe.notify("osd_map", "raise")
            assert "asked to" in probe.faults[0].traceback

    with pytest.raises(testing.ModuleFault, match=r"probe.notify:(.|\n)*ValueError: asked to"):
        test()


def test_a_fault_that_the_test_takes_note_of_is_none(probe):
    probe.notify("osd_map", "raise")
    probe.faults.clear()


def test_a_failing_test_keeps_its_own_error():
    """Neither faults nor a late shutdown hide what the test itself says."""

    def test():
        with testing.run(Probe) as probe:
            probe.notify("osd_map", "raise")
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        test()


def test_commands_can_be_answered_by_tuple_function_or_document(probe):
    probe.answer("osd ls", (0, "0\n1\n", ""))
    probe.answer("osd df", {"nodes": []})
    probe.answer("osd out", lambda command, inbuf: (0, f"{command['ids']} {inbuf}", ""))
    assert evaluate(probe, "self.mon_command({'prefix': 'osd ls'})") == repr((0, "0\n1\n", ""))
    assert evaluate(probe, "self.mon_command({'prefix': 'osd df'})") == repr(
        (0, '{"nodes": []}', "")
    )
    out = "self.mon_command({'prefix': 'osd out', 'ids': ['3']}, 'data')"
    assert evaluate(probe, out) == repr((0, "['3'] data", ""))
    assert probe.sent[-1] == testing.Sent(
        ("mon", ""), {"prefix": "osd out", "ids": ["3"]}, "data", ""
    )
    assert evaluate(probe, "self.mon_command({'prefix': 'x'})") == repr(
        (-22, "", "command not known")
    )


def test_an_answer_that_raises_is_the_tests_fault(probe):
    probe.answer("osd ls", lambda command, inbuf: 1 / 0)
    assert "ZeroDivisionError" in evaluate(probe, "self.mon_command({'prefix': 'osd ls'})")
    assert isinstance(probe.faults[0].error, ZeroDivisionError)
    probe.faults.clear()


def test_a_modules_own_command_comes_back_to_it(probe):
    """As through a monitor; from another thread, since the queue serves one command at a time."""
    found = []
    command = {"prefix": "probe paint", "colour": "red"}
    caller = threading.Thread(target=lambda: found.append(probe.module.mon_command(command)))
    caller.start()
    caller.join(5)
    assert found == [(0, f"{probe_module.Colour.red!r} 1 None", "")]


def test_a_command_that_waits_for_its_own_queue_is_found_out():
    """The two deadlines are the same; whichever passes first names its command."""
    with testing.run(Probe, timeout=0.3) as probe:
        stuck = "self.mon_command({'prefix': 'probe watch'})"
        try:
            said = probe.command("probe try", stuck).stdout
        except testing.Overdue as overdue:
            said = str(overdue)
    inner = "module 'probe' did not finish command 'probe watch' in time"
    assert inner in said or "probe: command 'probe try' is not done within 0.3 s" in said


def test_a_handler_that_hangs_fails_with_its_stack():
    with (
        testing.run(Probe, timeout=0.2) as probe,
        pytest.raises(testing.Overdue, match=r"it stands at:(.|\n)*threading.py"),
    ):
        probe.command("probe try", "threading.Event().wait(1)")


def test_peers_get_copies_and_give_copies(probe):
    class Peer:
        def keep(self, items):
            self.items = items
            return items

    peer = probe.peers["peer"] = Peer()
    mine = [{"a": (1, 2)}]
    got = probe.module.remote("peer", "keep", mine)
    assert got == peer.items == mine
    assert got is not peer.items is not mine


def test_peers_that_die_or_are_late(probe):
    probe.peers["dead"] = testing.Dies("killed by SIGKILL")
    probe.peers["slow"] = testing.TooLate()
    with pytest.raises(testing.RemoteDied) as died:
        probe.module.remote("dead", "work")
    assert str(died.value) == "module 'dead' ended during dead.work(): killed by SIGKILL"
    with pytest.raises(testing.RemoteTimedOut) as late:
        probe.module.remote("slow", "work")
    assert str(late.value) == "module 'slow' did not finish slow.work() in time"


def test_a_deadline_counts_for_peers_that_take_their_time():
    class Slow:
        def work(self):
            threading.Event().wait(0.2)

    with testing.run(Probe, timeout=0.1) as probe:
        probe.peers["slow"] = Slow()
        with pytest.raises(testing.RemoteTimedOut):
            probe.module.remote("slow", "work")


def test_calls_of_other_modules_cross_the_codec_both_ways(probe):
    assert probe.call("echo", 1, two=(2,)) == ((1,), {"two": (2,)})
    point = probe_module.Point(1, 2)
    assert probe.call("echo", point)[0] == (point,)
    with pytest.raises(testing.RemoteRefused, match=r"probe.echo\(\): args\[0\]: .*lock cannot"):
        probe.call("echo", threading.Lock())
    with pytest.raises(testing.RemoteRefused, match="result: lock cannot cross a process"):
        probe.call("give_lock")
    with pytest.raises(testing.RemoteError, match="LookupError: no such thing"):
        probe.call("fail")
    with pytest.raises(NameError, match="Method not found"):
        probe.call("absent")


def test_two_modules_call_one_another(probe):
    """Each is the other's peer, in one process."""
    with testing.run(kit.module("mirror")) as mirror:
        mirror.peers["probe"], probe.peers["mirror"] = probe.module, mirror.module
        assert mirror.module.remote("probe", "get_mgr_id") == "x"
        assert probe.module.remote("mirror", "echo", 1) == ((1,), {})


def test_effects_are_kept(probe):
    module = probe.module
    module.set_health_checks(
        {"A": {"severity": "warning", "summary": "s", "count": 2, "detail": ["d"]}}
    )
    check = probe.health["A"]
    assert (check.severity, check.summary, check.count, check.detail) == ("warning", "s", 2, ["d"])
    module.set_health_checks({})
    assert probe.health == {}
    module.cluster_log("audit", module.ClusterLogPrio.WARN, "m")
    assert probe.cluster_log == [testing.Entry("audit", 3, "m")]
    module.set_uri("http://here/")
    assert probe.uri == "http://here/"
    module.update_progress_event("e", "work", 0.5, True)
    assert probe.progress == {"e": {"message": "work", "progress": 0.5, "add_to_ceph_s": True}}
    module.complete_progress_event("e")
    assert probe.progress == {}
    module.update_progress_event("e", "work", 0.5, True)
    module.clear_all_progress_events()
    assert probe.progress == {}
    module.set_device_wear_level("disk", 0.25)
    assert probe.wear_levels == {"disk": 0.25}
    module._ceph_register_client("addr")
    assert probe.clients == {"addr": "probe"}
    module._ceph_unregister_client("addr")
    assert probe.clients == {}


def test_records_go_to_caplog_and_by_their_options_to_the_log(probe, caplog):
    probe.module.log.info("shown")
    probe.module.log.debug("hidden")
    probe.module.getLogger("deep").warning("named")
    assert [line.rpartition("] ")[2] for line in probe.log.splitlines()] == ["shown", "named"]
    assert {"shown", "hidden", "named"} <= {record.message for record in caplog.records}
    probe.set_option("log_level", "debug")
    probe.module.log.debug("seen")
    assert "seen" in probe.log
    probe.set_option("log_to_file", "false")
    probe.module.log.error("elsewhere")
    assert "elsewhere" not in probe.log
    assert probe.daemon_log == ["[probe ERROR root] elsewhere"]
    probe.set_option("log_to_cluster", "true")
    probe.module.log.error("everywhere")
    assert probe.cluster_log[-1] == testing.Entry("probe", 4, "everywhere")


def test_nothing_of_a_run_stays_behind():
    """Handlers, levels, what loading adds to a class, the session, folders."""
    root = logging.getLogger()
    before = root.level, list(root.handlers), Probe.COMMANDS, Probe.MODULE_OPTIONS
    with testing.run(Probe) as probe:
        assert len(probe.module.MODULE_OPTIONS) == 8
        folder = Path(probe.module.get_ceph_option("log_file")).parent
        assert folder.is_dir()
    assert (root.level, list(root.handlers), Probe.COMMANDS, Probe.MODULE_OPTIONS) == before
    assert not folder.exists()
    with pytest.raises(RuntimeError, match="no session"):
        session.current()


def test_serve_runs_until_shutdown(probe):
    probe.serve()
    assert any(thread.name == "probe" for thread in threading.enumerate())
    with pytest.raises(RuntimeError, match="was started before"):
        probe.serve()


class Deaf(Probe):
    """Does not listen to shutdown()."""

    def serve(self):
        threading.Event().wait(2)


def test_a_serve_that_does_not_return_fails_the_test():
    sentence = r"deaf: serve\(\) did not end within 0.1 s; it stands at:(.|\n)*in serve"
    with (
        pytest.raises(testing.Overdue, match=sentence),
        testing.run(Deaf, name="deaf", grace=0.1) as deaf,
    ):
        deaf.serve()


def test_waiting_for_a_serve_that_goes_on_fails():
    with testing.run(Probe, timeout=0.1) as probe:
        probe.serve()
        with pytest.raises(testing.Overdue, match=r"probe: serve\(\) still runs"):
            probe.join()


def test_a_shutdown_that_does_not_return_fails_the_test():
    class Stubborn(Probe):
        def shutdown(self):
            threading.Event().wait(1)

    with (
        pytest.raises(testing.Overdue, match=r"shutdown\(\) did not end within 0.1 s"),
        testing.run(Stubborn, grace=0.1),
    ):
        pass


def test_a_shutdown_that_raises_fails_the_test():
    class Clumsy(Probe):
        def shutdown(self):
            raise OSError("not now")

    with pytest.raises(testing.ModuleFault, match="OSError: not now"), testing.run(Clumsy):
        pass


def test_a_standby_has_its_own_surface():
    standby = importlib.import_module("probe.standby").Standby
    state = {"mgr_map": {"services": {"probe": "http://active/"}}}
    with testing.run(standby, options={"port": 81}, state=state) as running:
        running.serve()
        assert running.module.get_module_option("port") == 81
        assert running.module.get_active_uri() == "http://active/"
        assert running.module.get("osd_map") is None
        with pytest.raises(testing.NoMatch):
            running.command("probe watch")


def test_a_class_is_examined_without_being_constructed():
    report = testing.examine(Probe)
    assert (report.can_run, report.error) == (True, "")
    assert [option.name for option in report.options][:2] == ["count", "colour"]
    assert list(report.notify_types) == ["osd_map", "clog", "command"]
    assert "probe paint name=colour" in [c.cmd for c in report.commands][1]
    assert testing.examine(kit.module("unable")).can_run is False


def test_what_is_no_module_class_is_refused():
    with (
        pytest.raises(testing.CannotRun, match="dict is no subclass of MgrModule"),
        testing.run(dict),
    ):
        pass
