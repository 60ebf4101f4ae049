"""Level main: its names and signatures, its primitives, and what it answers on a session."""

import errno
import importlib.util
import inspect
import json
import logging
import socket
import sys
from typing import Annotated, ClassVar

import pytest

from module_host import session
from module_host.ceph import newest
from module_host.mgr.cli import CLICheckNonemptyFileInput
from module_host.mgr.main.cli import CLI_ANNOTATIONS, CLICommandBase, Command
from module_host.mgr.main.module import MgrModule
from module_host.mgr.main.option import Option, OptionLevel
from module_host.mgr.main.standby import MgrStandbyModule
from module_host.mgr.results import CommandResult
from tests.api.house import ROOT, living, run
from tests.api.memory import MemorySession


# What the newest mgr_module has that pacific's has not, or has with other parameters.
METHODS = {
    "get": "data_name mutable",
    "erase": "data_name",
    "get_perf_schema": "svc_type svc_name",
    "get_unlabeled_perf_schema": "svc_type svc_name",
    "get_unlabeled_counter": "svc_type svc_name path",
    "get_latest_unlabeled_counter": "svc_type svc_name path",
    "get_latest_counter": "svc_type svc_name counter_name sub_counter_name labels",
    "get_unlabeled_counter_latest": "daemon_type daemon_name counter",
    "get_unlabeled_counter_latest_avg": "daemon_type daemon_name counter",
    "get_counter_latest": "daemon_type daemon_name counter_name sub_counter_name labels",
    "get_counter_latest_avg": "daemon_type daemon_name counter_name sub_counter_name labels",
    "get_unlabeled_perf_counters": "prio_limit services",
    "get_perf_counters": "prio_limit services",
    "send_command": "result svc_type svc_id command tag inbuf one_shot",
    "osd_command": "cmd_dict inbuf",
    "tell_command": "daemon_type daemon_id cmd_dict inbuf one_shot",
    "get_quiesce_leader_gid": "fscid",
    "tell_quiesce_leader": "leader cmd_dict",
    "get_rocksdb_version": "",
    "get_hostname": "",
    "update_progress_event": "evid desc progress add_to_ceph_s",
    "pool_exists": "name",
    "have_enough_osds": "",
    "rename_pool": "srcpool destpool",
    "create_pool": "pool",
    "appify_pool": "pool app",
    "create_mgr_pool": "",
    "create_skeleton_schema": "db",
    "update_schema_version": "db version",
    "set_kv": "key value",
    "get_kv": "key",
    "maybe_upgrade": "db version",
    "load_schema": "db",
    "configure_db": "db",
    "close_db": "",
    "open_db": "",
    "db_ready": "",
    "exclusive_db_access": "",
    "exclusive_db_cursor": "",
}
NOT_ANY_MORE = ("get_counter", "get_latest", "get_latest_avg", "get_all_perf_counters")


class Tried(MgrModule):
    CLICommand = CLICommandBase.make_registry_subtype("TriedCommand")
    MODULE_OPTIONS: ClassVar = [Option("size", OptionLevel.BASIC, 7, "int")]

    @CLICommand.Read("tried plain", poll=True)
    def plain(self, name: str, count: int = 1):
        """Help
        of two lines.
        """
        return 0, f"{name} {count}", ""

    @CLICommand.Write("tried flags")
    def flags(self, name: str, force: bool = False, colour: str | None = None) -> int:
        return 0, f"{name} {force} {colour}", ""

    @CLICommand("tried formats")
    def formats(self, name: str, format: str | None = None, more: str = "") -> int:  # noqa: A002
        return 0, "", ""

    @CLICommand("tried marked")
    def marked(self, name: str, _end_positional_: int = 0, more: str = "") -> int:
        return 0, f"{name} {more}", ""

    @CLICommand("tried size")
    def size(self, bytes_: Annotated[int, CLI_ANNOTATIONS.MemorySize]) -> int:
        return 0, str(bytes_), ""

    @CLICommand("tried file")
    @CLICheckNonemptyFileInput("words")
    def file(self, inbuf) -> int:
        return 0, inbuf, ""


@pytest.fixture
def memory(tmp_path):
    return MemorySession("tried", tmp_path)


@pytest.fixture
def module(memory):
    with living(Tried, memory) as made:
        yield made


def api(name):
    """A file of module_host/api/main, under a name that does not hide pacific's."""
    spec = importlib.util.spec_from_file_location(
        f"newest_{name}", ROOT / "module_host" / "api" / "main" / f"{name}.py"
    )
    sys.modules[spec.name] = loaded = importlib.util.module_from_spec(spec)
    kept = {cls: cls.__module__ for cls in _classes()}
    try:
        spec.loader.exec_module(loaded)
    finally:
        for cls, home in kept.items():
            cls.__module__ = home
        del sys.modules[spec.name]
    return loaded


def _classes():
    """Every class that api/ may have renamed, for others in this process to find as it was."""
    return [
        value
        for module in list(sys.modules.values())
        if (module.__name__ or "").startswith("module_host.")
        for value in vars(module).values()
        if isinstance(value, type)
        and value.__module__ != "builtins"
        and not value.__flags__ & (1 << 8)  # immutable: of C
    ]


def test_the_names_that_modules_import_are_there():
    """Of mgr_module, ceph_module and mgr_util."""
    mgr_module, ceph_module, util = api("mgr_module"), api("ceph_module"), api("mgr_util")
    for module in (mgr_module, ceph_module, util):
        assert all(hasattr(module, name) for name in module.__all__)
    wanted = """API CLICheckNonemptyFileInput CLICommand CLICommandBase CLIReadCommand CLIRequiresDB
        CLIWriteCommand CLI_ANNOTATIONS CRUSHMap CephReleases Command CommandResult HandleCommandResult
        HandlerFuncType HealthChecksT MgrDBNotAllowed MgrDBNotReady MgrModule MgrModuleRecoverDB
        MgrStandbyModule MonCommandFailed NFS_GANESHA_SUPPORTED_FSALS NFS_POOL_NAME NotifyType OSDMap
        OSDMapIncremental Option OptionLevel OptionValue PG_STATES PerfCounterT ServerInfoT
        ServiceInfoT _get_localized_key"""
    assert set(wanted.split()) <= set(mgr_module.__all__)
    assert {"BaseMgrModule", "BaseMgrStandbyModule", "mgr_log"} <= set(ceph_module.__all__)
    wanted = """CLIWarning CephFSEarmarkResolver PortAlreadyInUse get_cert_issuer_info
        parse_combined_pem_file password_hash test_port_allocation"""
    assert set(wanted.split()) <= set(util.__all__)


@pytest.mark.parametrize("name", METHODS)
def test_signatures_are_the_newest(name):
    """What can be passed by name, can be passed here."""
    parameters = list(inspect.signature(getattr(MgrModule, name)).parameters)
    assert parameters == ["self", *METHODS[name].split()]


def test_what_the_newest_has_not_is_not_there():
    """A module may ask with hasattr() which release it is on."""
    assert not [name for name in NOT_ANY_MORE if hasattr(MgrModule, name)]


def test_the_primitives_take_what_the_newest_mgr_module_passes(memory, tmp_path):
    """Upstream's own file, brought by a tree, stands on these; the calls are as it writes them."""
    session.install(memory)
    try:
        base = newest.BaseMgrModule(object(), object())
        assert base._ceph_get("osd_map", False)["epoch"] > 0
        assert base._ceph_get("osd_map", True)["epoch"] > 0
        assert base._ceph_erase("osd_map") in (True, False)
        assert "osd.0" in base._ceph_get_perf_schema("osd", "0")
        assert "osd.0" in base._ceph_get_unlabeled_perf_schema("", "")
        assert base._ceph_get_unlabeled_counter("osd", "0", "osd.numpg")["osd.numpg"]
        assert base._ceph_get_latest_unlabeled_counter("osd", "0", "osd.numpg")["osd.numpg"]
        assert base._ceph_get_latest_counter("osd", "0", "osd", "numpg", [])["osd"]
        assert isinstance(base._ceph_get_rocksdb_version(), str)
        base._ceph_register_client(None, "v2:1.2.3.4:0/1", False)
        base._ceph_register_client("libcephsqlite", "v2:1.2.3.4:0/2", True)
        base._ceph_unregister_client(None, "v2:1.2.3.4:0/1")
        assert memory.clients == [
            ("tried", "v2:1.2.3.4:0/1", False, False),
            ("libcephsqlite", "v2:1.2.3.4:0/2", False, True),
            ("tried", "v2:1.2.3.4:0/1", True, False),
        ]
        result = CommandResult()
        base._ceph_send_command(result, "mon", "", '{"prefix": "x"}', "", None, one_shot=True)
        assert result.wait()[0] == -errno.EINVAL
        assert base._ceph_get_option("mgr_pool") is True
        with pytest.raises(KeyError):
            base._ceph_get_option("no such option")
        memory.refused_options.add("mgr/tried/size")
        with pytest.raises(ValueError, match="error parsing value"):
            base._ceph_set_module_option("tried", "size", "x")
        newest.mgr_log(0, "from the root logger")
        assert memory.daemon_lines == ["from the root logger"]
    finally:
        memory.close()
        session.install(None)


def test_shared_documents_refuse_every_change(module):
    """At any depth, with one sentence; the words that read work."""
    osd_map = module.get("osd_map")
    pool = osd_map["pools"][0]
    for change in (
        lambda: osd_map.update(epoch=0),
        lambda: osd_map.pop("epoch"),
        lambda: pool.setdefault("x", 1),
        lambda: osd_map["pools"].append({}),
        osd_map["osds"].sort,
        lambda: osd_map["osds"].__delitem__(0),
        pool["options"].clear,
        module.get("mgr_ips")["ips"].clear,
        lambda: module.get("device x").update(device=1),
    ):
        with pytest.raises(TypeError, match=r"ask for get\(name, mutable=True\)"):
            change()
    with pytest.raises(TypeError):
        osd_map["epoch"] = 0
    assert json.loads(json.dumps(osd_map)) == module.get("osd_map", mutable=True)
    assert [*osd_map["pools"], 1][-1] == 1
    assert (osd_map | {"epoch": 0})["epoch"] == 0
    assert module.get("no such thing") is None


def test_labels_are_taken_apart(module, memory):
    """Names, labels and counters as Ceph's daemons encode them in one path."""
    told = {"description": "d", "nick": "", "type": 10, "priority": 5, "units": 1}
    average = told | {"type": 5}
    deep = "osd_scrub\0level\0deep\0pool.type\0ec\0"
    memory.documents["_perf_schema"]["osd.0"] = {
        "osd.op": told,
        f"{deep}.done": told,
        f"{deep}.took": average,
        "osd_scrub\0level\0shallow\0.done": told | {"priority": 0},
    }
    memory.documents["_perf_counters"]["osd.0"] = {
        "osd.op": [[1.0, 3]],
        f"{deep}.done": [[1.0, 5], [2.0, 6]],
        f"{deep}.took": [[2.0, 60, 6]],
    }
    labels = [("level", "deep"), ("pool.type", "ec")]
    schema = module.get_perf_schema("osd", "0")["osd.0"]
    assert schema["osd"] == [{"labels": {}, "counters": {"op": told}}]
    assert [group["labels"] for group in schema["osd_scrub"]] == [
        dict(labels),
        {"level": "shallow"},
    ]
    assert module.get_latest_counter("osd", "0", "osd_scrub", "done", labels) == {
        "osd_scrub": [2.0, 6]
    }
    assert module.get_counter_latest("osd", "0", "osd_scrub", "done", labels) == 6
    assert module.get_counter_latest_avg("osd", "0", "osd_scrub", "took", labels) == (60, 6)
    assert module.get_counter_latest("osd", "0", "osd_scrub", "done", labels[:1]) == 0
    counters = module.get_perf_counters(services=("osd",))["osd.0"]
    (group,) = counters["osd_scrub"]
    assert group["counters"]["took"] == average | {"value": 60, "count": 6}
    assert set(module.get_unlabeled_perf_schema("osd", "0")["osd.0"]) == {"osd.op"}
    assert set(module.get_unlabeled_perf_counters(services=("osd",))["osd.0"]) == {"osd.op"}
    assert module.get_unlabeled_counter_latest("osd", "0", "osd.op") == 3
    assert module.get_unlabeled_counter_latest_avg("osd", "0", "osd.none") == (0, 0)


def test_each_registry_has_its_own_commands(module):
    """make_registry_subtype(); what one module registers no other one publishes."""
    other = CLICommandBase.make_registry_subtype("OtherCommand")
    below = Tried.CLICommand.make_registry_subtype("BelowCommand")
    other("other")(lambda self: (0, "", ""))
    below.Read("below")(lambda self: (0, "", ""))
    assert (other.__name__, set(other.COMMANDS), set(below.COMMANDS)) == (
        "OtherCommand", {"other"}, {"below"}
    )  # fmt: skip
    assert not {"other", "below"} & set(Tried.CLICommand.COMMANDS)
    assert {entry["cmd"].split()[0] for entry in Tried.COMMANDS} == {"tried"}
    assert "other" not in CLICommandBase.COMMANDS
    Command("given", "r", handler=lambda self: (0, "x", ""))
    try:
        assert CLICommandBase.COMMANDS["given"].call(module, {}) == (0, "x", "")
    finally:
        del CLICommandBase.COMMANDS["given"]


def test_descriptors_say_what_needs_a_name():
    """After the first bool, `format`, or the mark."""
    described = {
        entry["cmd"].split(" name=")[0]: entry for entry in Tried.CLICommand.dump_cmd_list()
    }
    assert described["tried plain"]["poll"]
    assert described["tried plain"]["desc"] == "Help of two lines."
    named = {
        prefix: [w.split(",")[0] for w in entry["cmd"].split() if "positional=false" in w]
        for prefix, entry in described.items()
    }
    assert named["tried plain"] == []
    assert named["tried flags"] == ["name=force", "name=colour"]
    assert named["tried formats"] == ["name=format", "name=more"]
    assert named["tried marked"] == ["name=more"]
    assert "_end_positional_" not in described["tried marked"]["cmd"]
    assert described["tried size"]["cmd"] == "tried size name=bytes_,type=CephSizeBytes"


def test_decorators_between_may_add_arguments(module):
    """`extra_args` of a wrapper, as object_format has them; the handler's own win."""

    def wraps(function):
        def wrapper(self, *, shape=None, **kwargs):
            return 0, f"{shape} {function(self, **kwargs)}", ""

        wrapper.__wrapped__ = function
        wrapper.extra_args = {"shape": str, "name": int}
        return wrapper

    registry = CLICommandBase.make_registry_subtype("WrappedCommand")

    @registry.Read("wrapped")
    @wraps
    def wrapped(self, name: str) -> str:
        """Help of the innermost."""
        return name

    (entry,) = registry.dump_cmd_list()
    assert entry["cmd"] == (
        "wrapped name=name,type=CephString name=shape,positional=false,req=false,type=CephString"
    )
    assert entry["desc"] == "Help of the innermost."
    told = {"prefix": "wrapped", "name": "n", "shape": "round"}
    assert registry.COMMANDS["wrapped"].call(module, told) == (0, "round n", "")


def test_commands_are_called_with_what_was_sent(module):
    """Defaults are left to the handler, sizes become bytes, data only where it is taken."""
    assert run(module, "tried plain", name="a")[1] == "a 1"
    assert run(module, "tried marked", name="a", more="b")[1] == "a b"
    for word, size in (("4096", 4096), ("5K", 5120), (4096, 4096)):
        assert run(module, "tried size", bytes_=word)[1] == str(size)
    refused = run(module, "tried plain", "data", name="a")
    assert refused == (-errno.EINVAL, "", "Invalid command: Input file data (-i) not supported")
    assert run(module, "tried file", "data\n") == (0, "data", "")
    assert run(module, "tried file")[0] == -errno.EINVAL


def test_a_daemon_is_told_and_waited_for(module, memory):
    """tell_command and osd_command; the quiesce leader is followed where it moves."""
    memory.answers["version"] = (0, "{}", "")
    assert module.tell_command("mds", "a", {"prefix": "version"}, one_shot=True) == (0, "{}", "")
    assert module.osd_command({"prefix": "version", "id": "2"}) == (0, "{}", "")
    assert [sent[0] for sent in memory.sent] == [("mds", "a"), ("osd", "2")]
    memory.sent.clear()
    memory.answers["quiesce"] = (-errno.ENOTTY, '{"leader": 7}', "")
    assert module.tell_quiesce_leader(5, {"prefix": "quiesce"})[0] == -errno.ENOTTY
    assert [sent[0] for sent in memory.sent] == [("mds", n) for n in "57777"]
    memory.answers["quiesce"] = (-errno.ENOTTY, "no JSON", "")
    assert module.tell_quiesce_leader(5, {"prefix": "quiesce"})[1] == "no JSON"
    memory.documents["fs_map"] = {"filesystems": [{"id": 1, "mdsmap": {"qdb_leader": 44}}]}
    assert (module.get_quiesce_leader_gid(1), module.get_quiesce_leader_gid(2)) == (44, None)


def test_pools_are_made_by_the_monitors(module, memory):
    """The managers' pool takes over the one that pacific's devicehealth made."""
    for prefix in ("osd pool create", "osd pool rename", "osd pool application enable"):
        memory.answers[prefix] = (0, "", "")
    assert module.pool_exists("rep")
    assert not module.pool_exists(".mgr")
    assert module.have_enough_osds()
    module.create_mgr_pool()
    module.create_pool("more")
    sent = [command for _, command, _ in memory.sent]
    assert [(c["prefix"], c.get("srcpool") or c["pool"]) for c in sent] == [
        ("osd pool rename", "device_health_metrics"),
        ("osd pool application enable", ".mgr"),
        ("osd pool create", "more"),
    ]


def test_records_go_to_a_logger_of_the_modules_name(module, tmp_path):
    """It passes none on; what libraries log comes to the same file, once."""
    assert module.log is logging.getLogger("tried")
    assert not module.log.propagate
    assert module.getLogger("part").name == "tried.part"
    module.log.error("of the module")
    module.getLogger("part").error("of a part")
    logging.getLogger("library").error("of a library")
    text = (tmp_path / "mgr.x.tried.log").read_text()
    for line in ("[tried] of the module", "[tried.part] of a part", "[library] of a library"):
        assert text.count(line) == 1


def test_only_the_modules_own_records_reach_the_cluster_log(module, memory):
    """With log_to_cluster on."""
    memory.options["mgr/tried/log_to_cluster"] = "true"
    module._config_notify()
    module.log.error("mine")
    logging.getLogger("library").error("a library's")
    assert [line for _, _, line in memory.cluster_lines] == ["mine"]
    memory.options["mgr/tried/log_to_cluster"] = "false"
    module._config_notify()
    module.log.error("not any more")
    assert [line for _, _, line in memory.cluster_lines] == ["mine"]


def test_options_carry_their_level(module):
    """And every module has the one that tests of the database use."""
    options = {option["name"]: option for option in Tried.MODULE_OPTIONS}
    assert options["size"]["level"] is OptionLevel.BASIC
    assert options["sqlite3_killpoint"]["level"] is OptionLevel.DEV
    assert module.get_module_option("size") == 7


def test_a_standby_module_logs_and_knows_its_host(memory):
    """Its surface is pacific's, with the newest names."""
    session.install(memory)
    MgrStandbyModule._register_options("tried")
    try:
        standby = MgrStandbyModule("tried", object())
        assert standby.log.name == "tried"
        assert standby.get_hostname() == socket.gethostname()
        standby._unconfigure_logging()
    finally:
        session.install(None)


def test_what_needs_the_crush_function_says_so(module):
    """As at pacific: no answer would be a wrong one."""
    osd_map = api("mgr_module").OSDMap(module.get_osdmap()._data)
    with pytest.raises(NotImplementedError, match="primaries cannot be balanced"):
        osd_map.balance_primaries(1, osd_map.new_incremental())
    with pytest.raises(NotImplementedError, match="no OSD map can be made up"):
        type(osd_map).build_simple()
    assert osd_map.get_epoch() == module.get("osd_map")["epoch"]


def test_a_port_that_is_taken_is_said():
    """test_port_allocation, for both families."""
    util = api("mgr_util")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(util.PortAlreadyInUse, match=f"port {port} is in use"):
            util.test_port_allocation("127.0.0.1", port)
    util.test_port_allocation("127.0.0.1", 0)
    with pytest.raises(OSError, match="Cannot assign requested address"):
        util.test_port_allocation("192.0.2.1", 0)
    assert util.CLIWarning("mind the gap") == "WARNING: mind the gap"


def test_a_combined_file_is_taken_apart():
    """Either part may be missing."""
    util = api("mgr_util")
    crt = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----"
    key = "-----BEGIN PRIVATE KEY-----\nBB\n-----END PRIVATE KEY-----"
    assert util.parse_combined_pem_file(f"x\n{key}\ny\n{crt}\n") == (crt, key)
    assert util.parse_combined_pem_file(key) == (None, key)
    assert util.parse_combined_pem_file("") == (None, None)


def test_newer_releases_have_names(module):
    """Pacific's table ends with itself; the newest knows its own name."""
    assert [module.lookup_release_name(n) for n in (16, 19, 20, 99)] == [
        "pacific", "squid", "tentacle", "unknown",
    ]  # fmt: skip
