"""`mgr module ls`, `enable` and `disable`: the same words, codes and shapes on both managers."""

import errno
import itertools

import orjson
import pytest

from supervisor.cluster.embedded import snapshot
from tests.conditions import poll_for
from tests.upstream.rig import DEBIAN, Supervised


pytestmark = [pytest.mark.ceph, pytest.mark.slow]
LOADED_BADLY = ("commands_no_list", "no_class", "raises_import")
# error_string by module; where ceph-mgr has none, ours says what is wrong.
REFUSALS = {
    "cannot_run": "the flux capacitor is missing",
    "commands_no_list": "Missing or invalid COMMANDS attribute",
    "odd_can_run": "wrong type returned from can_run",
    "raises_import": "No module named 'a_package_that_nobody_has'",
}
CANNOT = (
    "Error ENOENT: module '{name}' reports that it cannot run on the active manager daemon: "
    "{why} (pass --force to force enablement)"
)
NOWHERE = (
    "Error ENOENT: all mgr daemons do not support module 'nowhere', "
    "pass --force to force enablement"
)


@pytest.fixture
def disabled(rig):
    """What `mgr module ls` tells of each module that is off."""
    return {entry["name"]: entry for entry in rig.json("mgr module ls")["disabled_modules"]}


@pytest.fixture
def clean(rig):
    """Whatever a test enables is off again after it."""
    before = rig.enabled()
    yield
    for name in rig.enabled() - before:
        rig.unload(name)


def test_the_list_has_cephs_shape(rig, disabled):
    """Three lists, sorted; a module is in one of them; always-on ones are not said to be enabled."""
    modules = rig.json("mgr module ls")
    assert list(modules) == ["always_on_modules", "enabled_modules", "disabled_modules"]
    names = [modules["always_on_modules"], modules["enabled_modules"], list(disabled)]
    assert all(part == sorted(part) for part in names)
    assert len(set(itertools.chain(*names))) == len(list(itertools.chain(*names)))
    for entry in disabled.values():
        assert list(entry) == ["name", "can_run", "error_string", "module_options"]


def test_what_cannot_run_says_why(disabled):
    """Whether its can_run refuses or it does not even load; the others can."""
    for name, why in REFUSALS.items():
        assert (disabled[name]["can_run"], disabled[name]["error_string"]) == (False, why)
    assert not disabled["no_class"]["can_run"]
    for name in ("raises_init", "raises_serve", "alerts"):
        assert (disabled[name]["can_run"], disabled[name]["error_string"]) == (True, "")


def test_the_options_of_debians_modules_are_described_as_a_real_manager_did(rig):
    """Type, level, flags, bounds, texts, in its order: those that the snapshot has of them. Only
    log_to_file has another default here, as docs/deviations.md says.
    """
    known = orjson.loads(snapshot.read(snapshot.SHIPPED))["mgr_map"]["available_modules"]
    real = {entry["name"]: entry for entry in known if (DEBIAN / entry["name"]).is_dir()}
    found = {entry["name"]: entry for entry in rig.json("mgr dump")["available_modules"]}
    for name in sorted(set(real) - {"influx"}):
        ours = isinstance(rig, Supervised)
        assert found[name]["module_options"]["log_to_file"]["default_value"] == str(ours)
        real[name]["module_options"]["log_to_file"]["default_value"] = str(ours)
        assert found[name] == real[name], name
        assert list(found[name]["module_options"]) == sorted(real[name]["module_options"])


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_run_is_not_enabled(rig, name):
    """ENOENT, with its reason and the way round."""
    refused = rig.run("mgr module enable", name)
    assert refused.code == errno.ENOENT
    assert refused.err.strip() == CANNOT.format(name=name, why=REFUSALS[name])


def test_what_is_so_already_is_no_error(rig, clean):
    """Enabled, disabled, always on, or nowhere."""
    for line, code, said in (
        ("mgr module enable iostat", 0, "module 'iostat' is already enabled"),
        ("mgr module enable crash", 0, "module 'crash' is already enabled (always-on)"),
        ("mgr module enable crash --force", 0, "module 'crash' is already enabled (always-on)"),
        ("mgr module disable alerts", 0, "module 'alerts' is already disabled"),
        ("mgr module disable nowhere", 0, "module 'nowhere' is already disabled"),
        ("mgr module disable crash", errno.EINVAL, "Error EINVAL: module 'crash' cannot be disabled (always-on)"),
        ("mgr module enable nowhere", errno.ENOENT, NOWHERE),
    ):  # fmt: skip
        answered = rig.run(line)
        assert (answered.code, answered.err.strip(), answered.out.strip()) == (code, said, "")


def test_a_module_that_no_tree_has_is_enabled_by_force(rig, clean):
    """And is listed; it is disabled like any other."""
    assert rig.run("mgr module enable nowhere --force").err == ""
    assert "nowhere" in rig.json("mgr module ls")["enabled_modules"]
    rig.settle()
    assert rig.run("mgr module enable nowhere").err.strip() == NOWHERE
    assert rig.run("mgr module disable nowhere").err == ""


def test_forced_ones_are_health_until_disabled(rig, clean):
    """One by its sentence, several by their number; what serve() raised beside them."""
    for name in ("cannot_run", "raises_serve"):
        assert rig.run("mgr module enable", name, "--force").err == ""
    one = "[WRN] MGR_MODULE_DEPENDENCY: Module 'cannot_run' has failed dependency: "
    poll_for(lambda: one + REFUSALS["cannot_run"] in rig.health(), 30, "the refusal in health")
    again = rig.run("mgr module enable cannot_run")
    assert again.err.strip() == CANNOT.format(name="cannot_run", why=REFUSALS["cannot_run"])
    error = "[ERR] MGR_MODULE_ERROR: Module 'raises_serve' has failed: served badly"
    poll_for(lambda: error in rig.health(), 30, "the failure in health")
    refused = rig.run("raises_serve show")
    assert refused.code == errno.EIO
    assert refused.err.strip() == (
        "Error EIO: Module 'raises_serve' has experienced an error and cannot handle commands: "
        "served badly"
    )
    said = "Unhandled exception from module 'raises_serve' while running on mgr.x: served badly"
    log = rig.json("log last 200 debug cluster")
    assert ("[ERR]", said) in {(entry["priority"], entry["message"]) for entry in log}
    rig.ok("mgr module enable raises_import --force")
    two = "[WRN] MGR_MODULE_DEPENDENCY: 2 mgr modules have failed dependencies"
    detail = f"    Module 'raises_import' has failed dependency: {REFUSALS['raises_import']}"
    poll_for(lambda: {two, detail} <= set(rig.health().splitlines()), 30, "both in health")
    for name in ("cannot_run", "raises_import", "raises_serve"):
        rig.ok("mgr module disable", name)
    poll_for(lambda: "MGR_MODULE_" not in rig.health(), 60, "health to be well again")
    rig.settle()


def test_a_forced_module_is_constructed_and_serves(rig, clean):
    """Other modules reach it; its commands are refused with what can_run said."""
    rig.load("odd_can_run")
    rig.load("selftest")
    assert rig.ok("mgr self-test module odd_can_run") == "served all the same"
    refused = rig.run("odd_can_run show")
    assert refused.code == errno.EIO
    assert refused.err.strip() == (
        "Error EIO: Module 'odd_can_run' has experienced an error and cannot handle commands: "
        "wrong type returned from can_run"
    )


def test_the_start_names_what_did_not_load(rig):
    """In the manager's log, as an error of the cluster log; what merely refuses is not among it."""
    sentence = f"Failed to load ceph-mgr modules: {', '.join(LOADED_BADLY)}"

    def said():
        if isinstance(rig, Supervised):
            log = rig.json("log last 1000 debug cluster")
            return [entry["message"] for entry in log if entry["name"] == "mgr.x"]
        # It says so before it is connected, so that the monitors never hear of it.
        lines = (rig.lab.folder / "log" / "mgr.x.log").read_text().splitlines()
        return [line.partition("[ERR] : ")[2] for line in lines]

    poll_for(lambda: sentence in said(), 30, "every module to be looked at")
    if isinstance(rig, Supervised):
        assert sentence in (rig.daemon.state / "log" / "ceph-mgr.x.log").read_text()


@pytest.mark.parametrize("rig", ["mgr-supervisor"], indirect=True)
def test_enabling_and_disabling_touches_no_other_module(rig):
    """Ours alone: ceph-mgr executes itself again, and every module with it."""
    before = rig.daemon.ps()
    rig.ok("mgr module enable localpool")
    rig.daemon.wait_state("localpool", "running")
    rig.ok("mgr module disable localpool")
    rig.daemon.wait_state("localpool", "disabled")
    after = rig.daemon.ps()
    for name, row in before.items():
        if row["state"] == "running":
            assert (after[name]["pid"], after[name]["restarts"]) == (row["pid"], row["restarts"])
            assert after[name]["uptime"] >= row["uptime"]
