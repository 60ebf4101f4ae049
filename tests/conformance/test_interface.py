"""What mgr_module offers: names, values, signatures, and how classes behave."""

import pytest


NAMES = [
    "API", "CLICheckNonemptyFileInput", "CLICommand", "CLIReadCommand", "CLIWriteCommand",
    "CPlusPlusHandler", "CRUSHMap", "ClusterLogHandler", "Command", "CommandResult",
    "ERROR_MSG_EMPTY_INPUT_FILE", "ERROR_MSG_NO_INPUT_FILE", "FileHandler", "HandleCommandResult",
    "HandlerFuncType", "HealthChecksT", "MgrModule", "MgrModuleLoggingMixin", "MgrStandbyModule",
    "MonCommandFailed", "NFS_GANESHA_SUPPORTED_FSALS", "NFS_POOL_NAME", "NotifyType", "OSDMap",
    "OSDMapIncremental", "Option", "OptionValue", "PG_STATES", "PerfCounterT", "ServerInfoT",
    "ServiceInfoT", "_get_localized_key",
]  # fmt: skip
UTIL = [
    "CephfsClient", "CephfsConnectionException", "CephfsConnectionPool", "RTimer",
    "ServerConfigException", "bold", "build_url", "colorize", "create_self_signed_cert",
    "format_bytes", "format_dimless", "format_units", "get_default_addr", "get_most_recent_rate",
    "get_time_series_rates", "lock_timeout_log", "merge_dicts", "name_to_config_section",
    "open_filesystem", "profile_method", "to_pretty_timedelta", "verify_cacrt",
    "verify_cacrt_content", "verify_tls", "verify_tls_files",
]  # fmt: skip
METHODS = [
    "_config_notify", "_handle_command", "_perfpath_to_path_labels", "_perfvalue_to_value",
    "_stattype_to_str", "_unit_to_str", "add_mds_perf_query", "add_osd_perf_query", "can_run",
    "check_mon_command", "clear_all_progress_events", "cluster_log", "complete_progress_event",
    "config_notify", "get", "get_all_perf_counters", "get_ceph_conf_path", "get_ceph_option",
    "get_context", "get_counter", "get_daemon_health_metrics", "get_daemon_status",
    "get_foreign_ceph_option", "get_latest", "get_latest_avg", "get_latest_counter",
    "get_localized_module_option", "get_localized_store", "get_mds_perf_counters", "get_metadata",
    "get_mgr_id", "get_mgr_ip", "get_module_option", "get_module_option_ex", "get_osd_perf_counters",
    "get_osdmap", "get_perf_schema", "get_pretty_header", "get_pretty_row", "get_server", "get_store",
    "get_store_prefix", "getLogger", "handle_command", "have_mon_connection", "is_authorized",
    "list_servers", "lookup_release_name", "mon_command", "notify", "remote", "remove_mds_perf_query",
    "remove_osd_perf_query", "reregister_mds_perf_queries", "self_test", "send_command",
    "send_rgwadmin_command", "serve", "set_device_wear_level", "set_health_checks",
    "set_localized_module_option", "set_localized_store", "set_module_option", "set_module_option_ex",
    "set_store", "set_uri", "shutdown", "to_pretty_iec", "tool_exec", "update_progress_event",
]  # fmt: skip
SIGNATURE = """
import inspect
def parameters(function):
    return [(p.name, repr(p.default) if p.default is not p.empty else '', p.kind.name)
            for p in inspect.signature(function).parameters.values()]
"""


@pytest.mark.parametrize("name", NAMES)
def test_mgr_module_has(subject, name):
    """mgr_module has the name."""
    assert subject.eval(f"import mgr_module\nhasattr(mgr_module, {name!r})") is True


@pytest.mark.parametrize("name", UTIL)
def test_mgr_util_has(subject, name):
    """mgr_util has the name."""
    assert subject.eval(f"import mgr_util\nhasattr(mgr_util, {name!r})") is True


@pytest.mark.parametrize("name", METHODS)
def test_signature(subject, name):
    """A method of MgrModule takes the same parameters, with the same defaults."""
    found = subject.eval(f"{SIGNATURE}\nimport mgr_module\nparameters(mgr_module.MgrModule.{name})")
    assert isinstance(found, list), found


@pytest.mark.parametrize(
    "name",
    ["CRUSHMap", "CommandResult", "HandleCommandResult", "OSDMap", "OSDMapIncremental", "Option",
    ],
)  # fmt: skip
def test_public_methods(subject, name):
    """A class of mgr_module has the same public attributes."""
    source = f"import mgr_module\nsorted(n for n in dir(mgr_module.{name}) if n[0] != '_')"
    assert isinstance(subject.eval(source), list)


def test_perf_constants(subject):
    """The types, priorities and units of performance counters have these numbers."""
    names = (
        "PRIO_CRITICAL", "PRIO_INTERESTING", "PRIO_USEFUL", "PRIO_UNINTERESTING", "PRIO_DEBUGONLY",
        "PERFCOUNTER_TIME", "PERFCOUNTER_U64", "PERFCOUNTER_LONGRUNAVG", "PERFCOUNTER_COUNTER",
        "PERFCOUNTER_HISTOGRAM", "PERFCOUNTER_TYPE_MASK", "BYTES", "NONE",
    )  # fmt: skip
    found = subject.eval(f"{{name: getattr(type(mgr), name) for name in {names!r}}}")
    assert found["PRIO_USEFUL"] == 5


def test_cluster_log_priorities(subject):
    """ClusterLogPrio counts from DEBUG 0 to ERROR 4."""
    found = subject.eval("[(p.name, p.value) for p in mgr.ClusterLogPrio]")
    assert found == [("DEBUG", 0), ("INFO", 1), ("SEC", 2), ("WARN", 3), ("ERROR", 4)]


def test_notify_types(subject):
    """NotifyType has these members, each of which is its text."""
    found = subject.eval(
        "import mgr_module\n[(t.name, t.value, t == t.value) for t in mgr_module.NotifyType]"
    )
    assert ("osd_map", "osd_map", True) in found


def test_pg_states(subject):
    """PG_STATES lists the states of placement groups."""
    assert "active" in subject.eval("import mgr_module\nsorted(mgr_module.PG_STATES)")


def test_option_is_a_dict(subject):
    """An Option is a dict of what was given; what was not is left out."""
    found = subject.eval(
        "from mgr_module import Option\no = Option('n', default=1, type='int', min=0)\n{k: v for k, v in o.items() if k[0] != '_'}"
    )
    assert found == {"name": "n", "type": "int", "default": 1, "min": 0, "runtime": False}


def test_command_result(subject):
    """A CommandResult holds what complete() was told, and wait() gives it."""
    source = (
        "from mgr_module import CommandResult\nr = CommandResult('t'); before = r.tag, r.r, r.outb, r.outs\n"
        "r.complete(-2, 'out', 'err'); before, r.wait()"
    )
    assert subject.eval(source) == (("t", 0, "", ""), (-2, "out", "err"))


def test_handle_command_result(subject):
    """HandleCommandResult is a named tuple that defaults to success and nothing."""
    assert subject.eval(
        "from mgr_module import HandleCommandResult\ntuple(HandleCommandResult())"
    ) == (
        0,
        "",
        "",
    )


def test_localized_key(subject):
    """_get_localized_key() joins prefix and key by a slash."""
    assert subject.eval("import mgr_module\nmgr_module._get_localized_key('x', 'k')") == "x/k"


def test_module_name(subject):
    """A module knows its own name."""
    assert subject.eval("mgr.module_name") == "probe"


def test_can_run_default(subject):
    """can_run() of the base class says yes."""
    assert subject.eval("mgr.can_run()") == (True, "")


def test_self_test_default(subject):
    """self_test() of the base class does nothing."""
    assert subject.eval("mgr.self_test()") is None


def test_handle_command_default(subject):
    """handle_command() of the base class raises NotImplementedError."""
    found = subject.eval(
        "import mgr_module\nmgr_module.MgrModule.handle_command(mgr, '', {'prefix': 'x'})"
    )
    assert subject.shows(found.kind) == "NotImplementedError"


def test_log_is_root(subject):
    """`log` is the root logger."""
    assert subject.eval("mgr.log.name") == "root"


def test_standby_is_restricted(subject):
    """MgrStandbyModule has no health, no commands, no remote() and no setters."""
    source = (
        "import mgr_module\n[n for n in ('set_health_checks', 'remote', 'set_module_option', 'set_store',"
        " 'send_command', 'cluster_log', 'get_osdmap', 'set_uri') if hasattr(mgr_module.MgrStandbyModule, n)]"
    )
    assert subject.eval(source) == []


def test_primitives(subject):
    """ceph_module has the base classes that mgr_module stands on."""
    found = subject.eval(
        "import ceph_module\nsorted(n for n in dir(ceph_module) if n.startswith('Base'))"
    )
    assert found == [
        "BaseMgrModule", "BaseMgrStandbyModule", "BasePyCRUSH", "BasePyOSDMap",
        "BasePyOSDMapIncremental",
    ]  # fmt: skip


def test_primitive_names(subject):
    """BaseMgrModule has these primitives."""
    found = subject.eval(
        "import ceph_module\nsorted(n for n in dir(ceph_module.BaseMgrModule) if n.startswith('_ceph'))"
    )
    assert "_ceph_get" in found


def test_get_context(subject):
    """get_context() gives a capsule."""
    assert subject.eval("type(mgr.get_context()).__name__") == "PyCapsule"


def test_format_bytes(subject):
    """format_bytes() and format_dimless() give a number in a fixed width with its unit."""
    source = "import mgr_util\n[mgr_util.format_bytes(n, 5) for n in (0, 999, 1024, 10**9)] + [mgr_util.format_dimless(n, 5) for n in (0, 1500, 10**7)]"
    assert subject.eval(source)[0] == "   0 "


def test_pretty_timedelta(subject):
    """to_pretty_timedelta() names the largest unit that fits twice."""
    source = (
        "import datetime, mgr_util\n[mgr_util.to_pretty_timedelta(datetime.timedelta(seconds=s))"
        " for s in (5, 119, 121, 7000, 7300, 86400 * 3, 86400 * 30, 86400 * 400, 86400 * 900)]"
    )
    assert subject.eval(source)[0] == "5s"


def test_build_url(subject):
    """build_url() puts an address in brackets where it is IPv6, and adds what is given."""
    source = (
        "import mgr_util\n[mgr_util.build_url('h'), mgr_util.build_url('h', 'http'),"
        " mgr_util.build_url('::1', 'https', 8443), mgr_util.build_url('h', port=1, path='p')]"
    )
    assert subject.eval(source)[0] == "//h"


def test_merge_dicts(subject):
    """merge_dicts() gives a new dict in which later ones win."""
    assert subject.eval("import mgr_util\nmgr_util.merge_dicts({'a': 1, 'b': 1}, {'b': 2})") == {
        "a": 1,
        "b": 2,
    }


def test_time_series(subject):
    """get_time_series_rates() gives the rates between samples, get_most_recent_rate() the last."""
    source = (
        "import mgr_util\ndata = [(1.0, 10), (2.0, 20), (4.0, 60)]\n"
        "mgr_util.get_time_series_rates(data), mgr_util.get_most_recent_rate(data)"
    )
    assert isinstance(subject.eval(source), tuple)


def test_pretty_iec(subject):
    """to_pretty_iec() gives binary units."""
    assert subject.eval("[mgr.to_pretty_iec(n) for n in (0, 1023, 1024, 1 << 20, 3 << 40)]")[
        2
    ].startswith("1")


@pytest.mark.deviates("C extensions that refuse a second interpreter (cryptography, bcrypt, numpy)")
def test_cert(subject):
    """create_self_signed_cert() needs an extension that cannot be imported beside other modules."""
    found = subject.eval(
        "from mgr_util import create_self_signed_cert, verify_tls\n"
        "cert, key = create_self_signed_cert('org', 'name')\nverify_tls(cert, key), cert.splitlines()[0]"
    )
    if subject.here:
        assert found == (None, "-----BEGIN CERTIFICATE-----")
    else:
        assert found.kind == "ImportError"


@pytest.mark.deviates("`MgrStandbyModule.shutdown`")
def test_standby_shutdown(subject):
    """MgrStandbyModule has no shutdown() of its own."""
    source = "import mgr_module\nhasattr(mgr_module.MgrStandbyModule, 'shutdown')"
    assert subject.eval(source) is subject.here
