"""The shipped modules, each in the testing kit; outputs compared with 16.2.15's by eye once."""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from module_host import testing
from module_host.loader import first_subclass
from proto.descriptor import Signature
from tests.api.memory import CAPTURED
from tests.conditions import poll_for
from tests.daemon import ROOT


testing.activate(ROOT / "modules")
NAMES = ("crash", "hello", "iostat", "orchestrator", "selftest", "status", "test_orchestrator")
MgrModule = importlib.import_module("mgr_module").MgrModule


@pytest.fixture
def running(request):
    """A module with the documents of a cluster of three OSDs on two hosts."""
    cls = first_subclass(importlib.import_module(request.param), MgrModule)
    with testing.run(cls, name=request.param, state=testing.documents(CAPTURED)) as found:
        yield found


def on(name):
    """Run the test on a running instance of module `name`."""
    return pytest.mark.parametrize("running", [name], indirect=True)


def run(running, prefix, inbuf="", /, **arguments):
    """Type a command with its arguments by name."""
    words = [
        f"--{name.replace('_', '-')}={value}"
        for name, given in arguments.items()
        for value in (given if isinstance(given, list) else [given])
    ]
    return running.command(prefix, *words, inbuf=inbuf)


@contextmanager
def changed(running, name) -> Iterator[Any]:
    """Change a document of the cluster."""
    document = running.module._supervisor_session.state(name)
    yield document
    running.publish(name, document)


@pytest.mark.parametrize("running", NAMES, indirect=True)
def test_every_shipped_module_lives(running):
    """Its descriptors parse, its self-test passes, serve() ends at shutdown()."""
    assert running.module.can_run() == (True, "")
    for command in running.module.COMMANDS:
        Signature.parse(command["cmd"])
        assert command["desc"]
    asked = importlib.import_module("selftest").Module
    running.peers["selftest"] = asked.__new__(asked)  # the method that is called needs no more
    running.module.self_test()
    running.serve()
    running.set_option("log_level", "debug")


@on("hello")
def test_hello_greets_counts_and_looks(running):
    assert run(running, "hello", name="Ann") == (0, "Hello, Ann!", "")
    running.set_option("place", "Berlin")
    assert run(running, "hello") == (0, "Hello, Berlin!", "")
    assert run(running, "hello count") == (0, "2", "")
    assert running.store == {"greetings": "2"}
    running.serve()
    poll_for(lambda: running.module.osds_up == 3, 5, "the first look")
    with changed(running, "osd_map") as osdmap:
        osdmap["osds"][0]["up"] = 0
    running.notify("osd_map")
    poll_for(lambda: running.module.osds_up == 2, 5, "a look after the map changed")


@on("iostat")
def test_iostat_rates(running):
    with changed(running, "io_rate") as rates:
        rates["pg_stats_delta"]["stamp_delta"] = "5.000001"
        rates["pg_stats_delta"]["stat_sum"] |= {
            "num_read_kb": 100 << 10,
            "num_write_kb": 5,
            "num_read": 50,
            "num_write": 10,
        }
    status, stdout, _ = run(running, "iostat")
    assert status == 0
    assert stdout.splitlines()[1:] == [
        "|       Read |      Write |      Total |  Read IOPS | Write IOPS | Total IOPS |",
        "+------------+------------+------------+------------+------------+------------+",
        "|   20 MiB/s |   1024 B/s |   20 MiB/s |         10 |          2 |         12 |",
    ]
    with changed(running, "io_rate") as rates:
        rates["pg_stats_delta"]["stamp_delta"] = "0.000000"
    assert run(running, "iostat")[1].count("0 B/s") == 3


def report(days_ago=0, **fields):
    stamp = (datetime.now(UTC) - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"crash_id": f"{stamp}_id", "timestamp": stamp, "entity_name": "osd.1"} | fields


def post(running, **fields):
    made = report(**fields)
    assert run(running, "crash post", json.dumps(made)) == (0, "", "")
    return made["crash_id"]


def warned(running):
    return running.health["RECENT_CRASH"].count if running.health else 0


@on("crash")
def test_a_crash_is_kept_shown_and_warned_of_until_archived(running):
    backtrace = [
        "(foo()+0x12) [0x7f]",
        "/lib/x.so(+0x12d) [0x7f8]",
        "(bar(int, char const*)+0x1) [0x9]",
    ]
    text = "x.cc: In function 'void f()' thread 7f time 2026\nx.cc: 12: FAILED ceph_assert(a)\n"
    crash_id = post(running, backtrace=backtrace, assert_msg=text, utsname_hostname="h1")
    assert json.loads(running.store[f"crash/{crash_id}"]) == json.loads(
        run(running, "crash info", id=crash_id)[1]
    )
    # What 16.2.15 computed for the same crash.
    signature = "5e993f07b8c3c9739771c6247bf0a59ca5a30806382d9bf0af8b320f93b440f4"
    assert json.loads(running.store[f"crash/{crash_id}"])["stack_sig"] == signature
    check = running.health["RECENT_CRASH"]
    assert (check.severity, check.count) == ("warning", 1)
    assert check.summary == "1 daemons have recently crashed"
    assert check.detail[0].startswith("osd.1 crashed on host h1 at 20")
    head, row = run(running, "crash ls-new")[1].splitlines()
    assert head.split() == ["ID", "ENTITY", "NEW"]
    assert row.split() == [crash_id, "osd.1", "*"]
    assert run(running, "crash archive", id=crash_id) == (0, "", "")
    assert warned(running) == 0
    assert run(running, "crash ls-new")[1] == ""
    assert json.loads(run(running, "crash ls", format="json")[1])[0]["archived"]


@on("crash")
def test_crashes_are_pruned_counted_and_removed(running):
    new, old = post(running), post(running, days_ago=10, process_name="ceph-osd")
    stat = run(running, "crash stat")[1].splitlines()
    assert stat[0] == "2 crashes recorded"
    assert stat[1:] == [line for n in (1, 3, 7) for line in (f"1 older than {n} days old:", old)]
    assert run(running, "crash json_report", hours="24")[2] == '{"unknown": 1}'
    assert run(running, "crash json_report", hours="999")[2] == '{"ceph-osd": 1, "unknown": 1}'
    assert warned(running) == 2
    assert run(running, "crash prune", keep="5") == (0, "", "")
    assert set(running.store) == {f"crash/{new}"}
    assert warned(running) == 1
    post(running, days_ago=1)
    assert run(running, "crash archive-all") == (0, "", "")
    assert warned(running) == 0
    run(running, "crash rm", id=new)
    assert len(running.store) == 1


@on("crash")
def test_the_same_crash_twice_is_one(running):
    made = json.dumps(report())
    for _ in range(2):
        assert run(running, "crash post", made) == (0, "", "")
    assert len(running.store) == 1


@on("crash")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("[1]", "a JSON object was expected, not list"),
        ("{}", "missing 'crash_id' field"),
        ('{"crash_id": "a"}', "missing 'timestamp' field"),
        ('{"crash_id": "a", "timestamp": "yesterday"}', "timestamp 'yesterday' is not like"),
        ('{"crash_id": "a", "timestamp": "2018-06-22 20:35:38.0", "backtrace": 5}', "malformed"),
    ],
)
def test_a_malformed_report_is_refused_in_words(running, text, why):
    status, stdout, stderr = run(running, "crash post", text)
    assert (status, stdout) == (-22, "")
    assert stderr.startswith("malformed crash metadata: ")
    assert why in stderr
    assert running.store == {}


@on("crash")
def test_wrong_arguments_are_refused_in_words(running):
    assert run(running, "crash info", id="x") == (-22, "", "crash info: x not found")
    assert run(running, "crash archive", id="x") == (-22, "", "crash info: x not found")
    assert run(running, "crash prune", keep="x")[2] == "keep argument must be integer"
    assert run(running, "crash json_report", hours="x")[2] == "<hours> argument must be integer"


@on("crash")
def test_what_upstreams_modules_call_by_remote(running):
    crash_id = post(running)
    assert crash_id in running.module.ls()[1]
    status, stdout, _ = running.module.do_info({"id": crash_id}, "")
    assert (status, json.loads(stdout)["crash_id"]) == (0, crash_id)
    _, _, counted = running.module.handle_command("", {"prefix": "crash json_report", "hours": 24})
    assert json.loads(counted) == {"unknown": 1}
    assert running.module.handle_command("", {"prefix": "nope"})[0] == -22


def test_serve_drops_what_is_too_old_and_warns():
    fresh, stale = report(), report(days_ago=400)
    store = {f"crash/{made['crash_id']}": json.dumps(made) for made in (fresh, stale)}
    cls = importlib.import_module("crash").Module
    with testing.run(cls, store=store) as running:
        running.serve()
        poll_for(lambda: warned(running) == 1, 5, "the warning")
        assert set(running.store) == {f"crash/{fresh['crash_id']}"}


@on("crash")
def test_a_long_list_of_crashes_is_cut(running):
    for _ in range(33):
        post(running)
    detail = running.health["RECENT_CRASH"].detail
    assert len(detail) == 31
    assert detail[-1] == "and 3 more"


@on("status")
def test_osd_status(running):
    status, stdout, _ = run(running, "osd status")
    lines = stdout.splitlines()
    assert status == 0
    assert lines[0].rstrip() == "ID  HOST    USED  AVAIL  WR OPS  WR DATA  RD OPS  RD DATA  STATE"
    assert len(lines) == 4
    assert lines[1].split()[:2] == ["0", "host1"]
    assert lines[1].rstrip().endswith("exists,up")


@on("status")
def test_osd_status_below_a_bucket(running):
    for bucket, count in (("h1", 2), ("h*", 3), ("default", 3), ("h2", 1)):
        assert len(run(running, "osd status", bucket=bucket)[1].splitlines()) == count + 1
    assert run(running, "osd status", bucket="no") == (-2, "", "Bucket 'no' not found")


@on("status")
def test_rates_come_from_the_two_newest_samples(running):
    with changed(running, "_perf_counters") as counters:
        counters["osd.0"]["osd.op_w"] = [[0, 9], [10.0, 100], [15.0, 1100]]
        counters["osd.0"]["osd.op_rw"] = [[14.9, 1], [15.0, 9]]
    row = run(running, "osd status")[1].splitlines()[1].split()
    assert row[4] == "200"


def with_filesystem(running):
    info = {"gid_5": {"name": "m1", "state": "up:active"}}
    info["gid_6"] = {"name": "m2", "state": "up:standby-replay", "rank": 0}
    mdsmap = {"fs_name": "cf", "in": [0, 1], "up": {"mds_0": 5}, "info": info}
    mdsmap |= {"metadata_pool": 1, "data_pools": [2]}
    with changed(running, "fs_map") as fsmap:
        fsmap |= {"filesystems": [{"id": 1, "mdsmap": mdsmap}], "standbys": [{"name": "m3"}]}
    counted = {
        "mds_mem.dn": 10,
        "mds_mem.ino": 13,
        "mds_mem.cap": 2,
        "mds_sessions.session_count": 4,
    }
    with changed(running, "_perf_counters") as counters:
        counters["mds.m1"] = {path: [[1.0, value]] for path, value in counted.items()}
        counters["mds.m1"]["mds_server.handle_client_request"] = [[1.0, 0], [6.0, 50]]
    with changed(running, "_metadata") as metadata:
        metadata["mds"] = {"m1": {"ceph_version": "v1"}, "m2": {"ceph_version": "v1"}}


@on("status")
def test_fs_status(running):
    with_filesystem(running)
    status, stdout, _ = run(running, "fs status")
    lines = [line.split() for line in stdout.splitlines()]
    assert status == 0
    assert lines[0] == ["cf", "-", "4", "clients"]
    assert lines[2] == ["RANK", "STATE", "MDS", "ACTIVITY", "DNS", "INOS", "DIRS", "CAPS"]
    assert lines[3][2:] == ["m1", "Reqs:", "10", "/s", "10", "13", "0", "2"]
    assert lines[4] == ["1", "failed"]
    assert lines[5][:3] == ["0-s", "standby-replay", "m2"]
    assert [line[:2] for line in lines[6:9]] == [
        ["POOL", "TYPE"],
        ["device_health_metrics", "metadata"],
        ["rep", "data"],
    ]
    assert ["v1", "m1,", "m2"] in lines
    assert ["unknown", "m3"] in lines


@on("status")
def test_fs_status_as_json(running):
    assert run(running, "fs status", format="json") == (0, "{}", "")
    with_filesystem(running)
    shown = json.loads(run(running, "fs status", fs="cf", format="json-pretty")[1])
    assert shown["clients"] == [{"fs": "cf", "clients": 4}]
    assert shown["mdsmap"][0]["rate"] == 10
    assert shown["mdsmap"][1] == {"rank": 1, "state": "failed"}
    assert shown["mdsmap"][3] == {"name": "m3", "state": "standby"}
    assert [pool["type"] for pool in shown["pools"]] == ["metadata", "data"]
    assert run(running, "fs status", fs="no") == (-22, "", "Invalid filesystem: no")


@on("selftest")
def test_the_whole_self_test_passes(running):
    assert run(running, "mgr self-test run") == (0, "", "Self-test succeeded")
    assert running.store == {"testkey": "testvalue"}


@on("selftest")
def test_a_self_test_names_what_is_wrong(running):
    running.publish("df", None)
    status, _, stderr = run(running, "mgr self-test run")
    assert status == -22
    assert "get('df') is None: True instead of False" in stderr


@on("selftest")
def test_workloads(running):
    running.answer("osd reweight", (0, "", ""))
    start, stop = "mgr self-test background start", "mgr self-test background stop"
    assert run(running, stop)[2] == "No background workload was running"
    assert run(running, start, workload="x") == (-22, "", "Workload not found 'x'")
    running.serve()
    assert run(running, start, workload="command_spam")[2] == "Running `command_spam` in background"
    poll_for(lambda: running.sent, 5, "a command of the workload")
    assert run(running, stop)[2] == "Stopping background workload `command_spam`"


@on("selftest")
def test_the_workload_that_raises(running):
    run(running, "mgr self-test background start", workload="throw_exception")
    running.serve()
    running.join()
    assert "Synthetic exception in serve" in str(running.faults.pop().error)
    status, _, stderr = run(running, "mgr self-test config get", key="testkey")
    assert (status, "Synthetic exception in serve" in stderr) == (-5, True)


@on("selftest")
def test_health_checks_are_set_and_cleared_by_name(running):
    stated = {code: {"severity": "warning", "summary": "s", "detail": ["d"]} for code in "AB"}
    assert run(running, "mgr self-test health set", checks=json.dumps(stated)) == (0, "", "")
    assert {code: check.count for code, check in running.health.items()} == {"A": 123, "B": 123}
    run(running, "mgr self-test health clear", checks=["A"])
    assert list(running.health) == ["B"]
    run(running, "mgr self-test health clear")
    assert running.health == {}
    for bad in ("x", "[]", '{"A": {}}'):
        status, _, stderr = run(running, "mgr self-test health set", checks=bad)
        assert status == -1
        assert stderr


@on("selftest")
def test_eval_runs_code_in_the_module(running):
    assert run(running, "mgr self-test eval", s="print(mgr.get_mgr_id())") == (0, "x\n", "")
    assert run(running, "mgr self-test eval", "print(1)\nprint(2)") == (0, "1\n2\n", "")
    status, stdout, stderr = run(running, "mgr self-test eval", s="print(1); raise SystemExit")
    assert (status, stdout) == (-22, "1\n")
    assert "SystemExit" in stderr


@on("selftest")
def test_the_small_commands(running):
    running.set_option("x/testkey", "local")
    assert run(running, "mgr self-test config get", key="testkey")[1] == "None"
    assert run(running, "mgr self-test config get_localized", key="testkey")[1] == "local"
    log = {"channel": "audit", "priority": "security", "message": "m"}
    assert run(running, "mgr self-test cluster-log", **log)[2] == "Successfully called"
    assert running.cluster_log[-1] == testing.Entry("audit", 2, "m")
    status, _, stderr = run(running, "mgr self-test cluster-log", **(log | {"priority": "x"}))
    assert (status, stderr) == (-22, "priority 'x' is none of info, security, warning, error")
    assert run(running, "mgr self-test python-version")[1].startswith("3.")


@on("selftest")
def test_calls_to_other_modules(running):
    class Peer:
        offset = 0

        def self_test(self):
            return {"a": 1}

        def handle_command(self, inbuf, cmd):
            return 0, "", ""

        def testing_set_now_time_offset(self, hours):
            self.offset = hours

    running.peers.update(influx=Peer(), insights=Peer())
    assert run(running, "mgr self-test module", module="influx") == (
        0,
        "{'a': 1}",
        "Self-test OK",
    )
    status, _, stderr = run(running, "mgr self-test module", module="absent")
    assert (status, stderr) == (-1, "Test failed: Module not found")
    assert run(running, "mgr self-test remote") == (0, "", "Successfully called")
    run(running, "mgr self-test insights_set_now_offset", hours="5")
    assert running.peers["insights"].offset == 5
    assert run(running, "mgr self-test insights_set_now_offset", hours="x")[0] == -1
