"""What `mgr self-test run` checks: one call of nearly every accessor. Each raises RuntimeError."""

from typing import Any

from mgr_module import MgrModule


DOCUMENTS = (
    "fs_map", "osdmap_crush_map_text", "osd_map", "config", "mon_map", "service_map",
    "osd_metadata", "pg_summary", "pg_status", "pg_dump", "pg_ready", "df", "pg_stats",
    "pool_stats", "osd_stats", "osd_ping_times", "health", "mon_status", "mgr_map",
)  # fmt: skip
NOWHERE = "__OBJ_DNE__"


def run(module: MgrModule) -> None:
    """Run all of them, in an order in which what is written comes last."""
    for check in (maps, state, counters, options, other_modules_options, store, effects):
        module.log.debug("checking %s", check.__name__)
        check(module)


def maps(module: MgrModule) -> None:
    """The OSD map, a change of it, and the CRUSH map."""
    osdmap = module.get_osdmap()
    expect("osdmap epoch", osdmap.dump()["epoch"], osdmap.get_epoch())
    expect("crush version", osdmap.dump()["crush_version"], osdmap.get_crush_version())
    increment = osdmap.new_incremental()
    expect("increment's epoch", increment.get_epoch(), osdmap.get_epoch() + 1)
    expect("increment's dump", increment.dump()["epoch"], increment.get_epoch())
    expect("next epoch", osdmap.apply_incremental(increment).get_epoch(), increment.get_epoch())
    crush = osdmap.get_crush()
    for root in crush.find_takes():
        expect(f"name of {root}", isinstance(crush.get_item_name(root), str), True)
        expect(f"weight of {root}", crush.get_item_weight(root) is not None, True)
        under = set(crush.get_osds_under(root))
        expect(f"OSDs under {root}", set(crush.get_take_weight_osd_map(root)), under)


def state(module: MgrModule) -> None:
    """Documents, servers, metadata."""
    expect("version", isinstance(module.version, str), True)
    expect("context", module.get_context() is not None, True)
    expect("manager's id", bool(module.get_mgr_id()), True)
    for name in DOCUMENTS:
        expect(f"get({name!r}) is None", module.get(name) is None, False)
    expect(f"get({NOWHERE!r})", module.get(NOWHERE), None)
    for server in module.list_servers():
        found = module.get_server(server["hostname"])
        expect("get_server()", found["hostname"], server["hostname"])
    for osd in module.get("osd_map")["osds"]:
        module.get_metadata("osd", str(osd["osd"]))
        module.get_daemon_status("osd", str(osd["osd"]))


def counters(module: MgrModule) -> None:
    """Performance counters of an OSD."""
    module.get_perf_schema("osd", "0")
    expect("get_counter()", list(module.get_counter("osd", "0", "osd.op")), ["osd.op"])


def options(module: MgrModule) -> None:
    """Own options: typed, localized, with defaults."""
    module.set_module_option("testkey", "testvalue")
    expect("testkey", module.get_module_option("testkey"), "testvalue")
    module.set_localized_module_option("testkey", "foo")
    expect("localized testkey", module.get_localized_module_option("testkey"), "foo")
    expect("plain testkey", module.get_module_option("testkey"), "testvalue")
    expect("declared default", module.get_localized_module_option("rwoption6"), True)
    expect("no default", module.get_module_option("roption1"), None)
    expect("caller's default", module.get_module_option("roption1", "foobar"), "foobar")
    expect("declared before caller's", module.get_module_option("roption2", "foobar"), "xyz")
    written: dict[str, tuple[Any, Any]] = {
        "rwoption1": (8080, "8080"),  # no type declared: text
        "rwoption2": (10, 10),
        "rwoption3": (1.5, 1.5),
        "rwoption4": ("foo", "foo"),
        "rwoption5": (False, False),
    }
    for name, (value, read) in written.items():
        module.set_module_option(name, value)
        expect(name, module.get_module_option(name), read)


def other_modules_options(module: MgrModule) -> None:
    """Options of other modules, unknown ones among them."""
    expect("unknown module", module.get_module_option_ex("foo", "bar"), None)
    expect("unknown key", module.get_module_option_ex("dashboard", "bar"), None)
    expect("unset", module.get_module_option_ex("dashboard", "password", "foobar"), "foobar")
    module.set_module_option_ex("selftest", "rwoption1", 1234)
    expect("own, untyped", module.get_module_option_ex("selftest", "rwoption1"), "1234")
    if not any(
        entry["name"] == "telemetry" for entry in module.get("mgr_map")["available_modules"]
    ):
        return
    telemetry: dict[str, Any] = {"contact": "test@test.com", "interval": 60, "leaderboard": True}
    for name, value in telemetry.items():
        module.set_module_option_ex("telemetry", name, value)
        expect(f"telemetry's {name}", module.get_module_option_ex("telemetry", name), value)


def store(module: MgrModule) -> None:
    """Keys: written, read back, listed."""
    before = set(module.get_store_prefix("test"))
    module.set_store("testkey", "testvalue")
    expect("stored value", module.get_store("testkey"), "testvalue")
    expect("stored keys", set(module.get_store_prefix("test")), before | {"testkey"})


def effects(module: MgrModule) -> None:
    """What needs no answer."""
    module.set_uri("http://this.is.a.test.com")
    module.set_health_checks({})


def remote(module: MgrModule) -> None:
    """Calls to other modules: one that works, and each way in which one fails."""
    module.remote("influx", "handle_command", "", {"prefix": "influx self-test"})
    disabled = "telegraf"
    expect(f"{disabled} is enabled", disabled in module.get("mgr_map")["modules"], False)
    refused(ImportError, module, disabled, "handle_command", {"prefix": "influx self-test"})
    refused(ImportError, module, "idontexist", "handle_command", {"prefix": "influx self-test"})
    refused(NameError, module, "influx", "idontexist", {"prefix": "influx self-test"})


def refused(error: type[Exception], module: MgrModule, *call: Any) -> None:
    """Raise unless the call raises `error`."""
    try:
        module.remote(*call)
    except error:
        return
    raise RuntimeError(f"{error.__name__} not raised by remote{call[:2]}")


def expect(what: str, found: Any, wanted: Any) -> None:
    """Raise unless `found` is `wanted`, of the same type."""
    if type(found) is not type(wanted) or found != wanted:
        raise RuntimeError(f"{what}: {found!r} instead of {wanted!r}")
