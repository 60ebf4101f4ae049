"""MgrModule: options with defaults, logging, commands to the cluster, all from `__init__` on."""

import dataclasses
import importlib
import json
import logging
import subprocess
import threading
from pathlib import Path
from typing import ClassVar

import pytest

from module_host.mgr import outside
from module_host.mgr.logs import SEVERITY_LEVELS
from tests.api import house
from tests.api.memory import MemorySession


mgr_module = importlib.import_module("mgr_module")


class Module(mgr_module.MgrModule):
    MODULE_OPTIONS: ClassVar = [
        mgr_module.Option("typed", type="int", default=7),
        {"name": "untyped", "default": 7},
        {"name": "bare"},
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.set_store("made", self.get_mgr_id())
        self.at_start = self.get_module_option("typed"), self.get("osd_map")["epoch"]


@pytest.fixture
def memory(tmp_path):
    return MemorySession("tried", tmp_path)


@pytest.fixture
def module(memory):
    with house.living(Module, memory) as made:
        yield made


def test_accessors_work_during_init(module, memory):
    assert module.at_start == (7, memory.documents["osd_map"]["epoch"])
    assert memory.keys == {"made": "x"}


def test_option_defaults(module, memory):
    """A default without a declared type is text, as a set value would be."""
    assert module.get_module_option("typed", 1) == 7
    assert module.get_module_option("untyped") == "7"
    assert module.get_module_option("bare", "mine") == "mine"
    assert module.get_module_option_ex("tried", "typed", "mine") == "mine"
    module.set_module_option("typed", 8)
    assert module.get_module_option("typed") == 8
    module.set_localized_module_option("typed", 9)
    assert module.get_localized_module_option("typed") == 9
    assert module.get_module_option("typed") == 8
    module.set_module_option("typed", None)
    module.set_module_option_ex("other", "key", None)
    assert memory.options == {"mgr/tried/x/typed": "9", "mgr/other/key": "None"}


def test_an_undeclared_option_is_refused_by_name(module):
    sentence = r"Config option 'nope' is not in Module.MODULE_OPTIONS"
    for use in (
        lambda: module.get_module_option("nope"),
        lambda: module.get_localized_module_option("nope"),
        lambda: module.get_module_option_ex("tried", "nope"),
        lambda: module.set_module_option("nope", 1),
        lambda: module.set_localized_module_option("nope", "1"),
        lambda: module.set_module_option_ex("tried", "nope", 1),
    ):
        with pytest.raises(RuntimeError, match=sentence):
            use()


def test_the_base_class_gets_no_options_of_its_modules(module):
    assert mgr_module.MgrModule.MODULE_OPTIONS == []
    names = [option["name"] for option in module.MODULE_OPTIONS]
    assert names[3:] == ["log_level", "log_to_file", "log_to_cluster", "log_to_cluster_level"]


def test_a_value_for_this_manager_wins_in_the_store(module):
    assert module.get_localized_store("key", "default") == "default"
    module.set_store("key", "common")
    assert module.get_localized_store("key") == "common"
    module.set_localized_store("key", "own")
    assert module.get_localized_store("key") == "own"


def own_log(memory):
    return (memory.identity.log_file[: -len(".log")]) + ".tried.log"


def read(path):
    return Path(path).read_text(encoding="utf-8")


def test_records_go_to_the_modules_own_file(module, memory):
    """Named and formatted as upstream does it; debug_mgr 2/5 means INFO."""
    module.log.info("one")
    module.getLogger("deep").warning("two %s", "three")
    module.log.debug("not at this level")
    first, second = read(own_log(memory)).splitlines()
    assert first.endswith("[MainThread] [INFO] [root] one")
    assert second.endswith("[MainThread] [WARNING] [deep] two three")
    assert memory.daemon_lines == memory.cluster_lines == []


def test_a_rotation_loses_nothing(module, memory, tmp_path):
    module.log.info("before")
    (tmp_path / "mgr.x.tried.log").rename(tmp_path / "old.log")
    module.log.info("after")
    assert "before" in read(tmp_path / "old.log")
    assert "after" in read(own_log(memory))


def test_without_a_file_records_go_to_the_daemons_log(module, memory):
    memory.options["mgr/tried/log_to_file"] = "false"
    module._config_notify()
    module.log.warning("here")
    assert memory.daemon_lines == ["[tried WARNING root] here"]
    memory.options["mgr/tried/log_to_file"] = "true"
    module._config_notify()
    module.log.warning("there")
    assert len(memory.daemon_lines) == 1
    assert "there" in read(own_log(memory))


def test_levels(module, memory):
    memory.options |= {
        "mgr/tried/log_level": "error",
        "mgr/tried/log_to_cluster": "true",
        "mgr/tried/log_to_cluster_level": "warning",
    }
    module._config_notify()
    for level in ("debug", "info", "warning", "error", "critical"):
        getattr(module.log, level)(level)
    assert [line.rpartition(" ")[2] for line in read(own_log(memory)).splitlines()] == [
        "error",
        "critical",
    ]
    prios = module.ClusterLogPrio
    assert memory.cluster_lines == [
        ("tried", prios.WARN, "warning"),
        ("tried", prios.ERROR, "error"),
        ("tried", prios.ERROR, "critical"),
    ]


@pytest.mark.parametrize(
    ("debug_mgr", "level"),
    [
        ("0/5", "CRITICAL"),
        ("1", "WARNING"),
        ("4/20", "INFO"),
        ("5/5", "DEBUG"),
        ("", "CRITICAL"),
        ("x", "CRITICAL"),
    ],
)
def test_the_daemons_level_maps_to_pythons(module, debug_mgr, level):
    assert module._ceph_log_level_to_python(debug_mgr) == level


@pytest.mark.parametrize(
    ("debug_mgr", "level"),
    [("0", "ERROR"), ("1/5", "WARNING"), ("3", "WARNING"), ("4", "INFO"), ("20", "DEBUG")],
)
def test_the_oldest_guides_severities_can_be_chosen(module, debug_mgr, level):
    module.DEBUG_MGR_LEVELS = SEVERITY_LEVELS
    assert module._ceph_log_level_to_python(debug_mgr) == level


def test_a_huge_record_is_cut(module, memory):
    module.log.info("é" * (1 << 20))
    line = read(own_log(memory))
    assert len(line.encode()) < (64 << 10) + 200
    assert line.rstrip().endswith("bytes)")


def test_a_record_from_within_a_handler_does_not_come_round_again(module, memory, monkeypatch):
    memory.options |= {"mgr/tried/log_to_file": "false", "mgr/tried/log_to_cluster": "true"}
    module._config_notify()
    seen = []

    def chatty(channel, priority, message):
        seen.append(message)
        logging.getLogger("session").error("sending %s", message)

    monkeypatch.setattr(memory, "cluster_log", chatty)
    module.log.error("once")
    assert seen == ["once"]


def test_a_command_is_answered_on_another_thread(module, memory):
    memory.answers["osd ls"] = (0, "0\n1\n", "")
    assert module.mon_command({"prefix": "osd ls"}, "data") == (0, "0\n1\n", "")
    assert memory.sent == [(("mon", ""), {"prefix": "osd ls"}, b"data")]
    assert module.check_mon_command({"prefix": "osd ls"}).stdout == "0\n1\n"


def test_a_failed_command_raises_where_asked_to(module):
    with pytest.raises(
        mgr_module.MonCommandFailed, match="nope failed: command not known retval: -22"
    ):
        module.check_mon_command({"prefix": "nope"})
    with pytest.raises(ValueError, match="unknown service type: mgr"):
        module.send_command(mgr_module.CommandResult(), "mgr", "x", "{}", "")


def test_a_completion_wakes_its_waiter():
    result = mgr_module.CommandResult("tag")
    waiter = threading.Thread(target=result.complete, args=(1, "out", "err"))
    waiter.start()
    assert result.wait() == (1, "out", "err")
    waiter.join()
    assert result.tag == "tag"


def test_a_tool_runs_with_the_daemons_key(module, memory):
    """`echo` stands for a tool of Ceph: it shows what it was given."""
    status, stdout, stderr = module.tool_exec(["echo", "a"])
    keyring = memory.documents["config"]["keyring"]
    assert (status, stdout, stderr) == (0, f"-k {keyring} -n mgr.x a\n", "")


def test_a_tool_that_takes_too_long_is_ended(module, tmp_path):
    tool = program(tmp_path, "slow", "exec sleep 30")
    status, _, stderr = module.tool_exec([tool], timeout=0)
    assert status == -110
    assert "timed out" in stderr


def program(folder, name, script):
    """A program of ours in the place of one of Ceph's."""
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    return str(tool)


def test_a_tool_that_fails_is_told_with_its_status_and_logged(module, memory, tmp_path):
    tool = program(tmp_path, "fails", 'cat; echo "went wrong" >&2; exit 3')
    assert module.tool_exec([tool, "a"], stdin=b"given") == (3, "given", "went wrong\n")
    assert "Non-zero return from" in read(own_log(memory))


def test_the_key_of_the_real_cluster_goes_to_the_tools(module, memory, monkeypatch):
    """Where the operator names one, it stands for the option `keyring`."""
    named = dataclasses.replace(memory.identity, keyring="/srv/keyring")
    monkeypatch.setattr(memory, "identity", named)
    assert module.get_ceph_option("keyring") == "/srv/keyring"
    assert module.tool_exec(["echo"])[1] == "-k /srv/keyring -n mgr.x\n"


def test_radosgw_admin_gets_the_cluster_and_the_key(module, tmp_path, monkeypatch):
    """Its output is taken as JSON, or as text where asked for or where there is none."""
    said = 'printf \'{"words": "%s"}\' "$*"'
    program(tmp_path, "radosgw-admin", f'[ "$7" = silent ] || {said}; [ "$7" != fails ]')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    keyring = module.get_ceph_option("keyring")
    words = f"-c {module.get_ceph_conf_path()} -k {keyring} -n mgr.x user list"
    assert module.send_rgwadmin_command(["user", "list"]) == (0, {"words": words}, "")
    text = module.send_rgwadmin_command(["user", "list"], stdout_as_json=False)
    assert text == (0, json.dumps({"words": words}), "")
    assert module.send_rgwadmin_command(["silent"]) == (0, "", "")
    assert module.send_rgwadmin_command(["fails"])[0] == 1


def test_radosgw_admin_that_takes_too_long_raises(module, memory, tmp_path, monkeypatch):
    """After ten seconds as upstream has it; here after none. Nothing of it goes on."""
    program(tmp_path, "radosgw-admin", "exec sleep 30")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(outside, "RGW_ADMIN_SECONDS", 0.05)
    with pytest.raises(subprocess.TimeoutExpired):
        module.send_rgwadmin_command(["user", "list"])
    assert "radosgw-admin took over 0.05 s" in read(own_log(memory))


def test_a_tool_that_is_not_installed_is_pythons_own_error(module):
    with pytest.raises(FileNotFoundError, match="no-such-tool"):
        module.tool_exec(["no-such-tool"])


def test_the_monitors_are_always_there(module):
    """The supervisor is what a module speaks to, and without it a host ends."""
    assert module.have_mon_connection() is True


def test_pure_helpers(module):
    assert module.to_pretty_iec(11 << 10) == "11 Ki"
    assert module.to_pretty_iec(10 << 10) == "10240 "
    assert module.get_pretty_row(["a", "b"], 20) == "|       a |       b |"
    assert module.get_pretty_header(["a", "b"], 20).splitlines()[0] == "+---------+---------+"
    assert module._unit_to_str(module.BYTES) == "B/s"
    assert module._stattype_to_str(10) == "counter"
    assert module._perfvalue_to_value(module.PERFCOUNTER_TIME, 2e9) == 2.0
    path = "rbd_mirror_image_pool/space/image.replay_bytes"
    assert module._perfpath_to_path_labels("rbd-mirror.a", path) == (
        "rbd_mirror_image_replay_bytes",
        ("ceph_daemon", "pool", "namespace", "image"),
        ("rbd-mirror.a", "pool", "space", "image"),
    )
    assert module._perfpath_to_path_labels("rgw.1", "x") == ("x", ("instance_id",), ("1",))


def test_all_perf_counters_agree_with_reading_one(module):
    everything = module.get_all_perf_counters(services=("osd",))
    for path, counter in everything["osd.1"].items():
        if "count" in counter:
            found = counter["value"], counter["count"]
            assert module.get_latest_avg("osd", "1", path) == found
        else:
            assert module.get_latest("osd", "1", path) == counter["value"]


def test_an_unserved_command_says_so(module):
    with pytest.raises(NotImplementedError, match="no handler for 'nope'"):
        module._handle_command("", {"prefix": "nope"})


def test_a_standby_has_its_own_defaults(memory):
    class Standby(mgr_module.MgrStandbyModule):
        MODULE_OPTIONS: ClassVar = [{"name": "port", "type": "int", "default": 80}]

    from module_host import session

    session.install(memory)
    Standby._register_options("tried")
    standby = Standby("tried", object())
    try:
        assert standby.get_module_option("port") == 80
        assert standby.get_localized_module_option("undeclared", 3) == 3
        memory.keys["x/key"] = "own"
        assert standby.get_localized_store("key") == "own"
        assert standby.get_mgr_ip() == "127.0.0.1"
        with pytest.raises(NotImplementedError, match="Standby does not define serve"):
            standby.serve()
    finally:
        standby._unconfigure_logging()
        session.install(None)
