"""Commands answer as a monitor of 16.2.15 does: the words, the errno, the shape."""

import errno
from typing import Any

import orjson
import pytest

from supervisor.cluster.interface import Notified, OptionsChanged
from tests.cluster.box import Box
from tests.conditions import poll_for


SAID = [  # prefix, arguments, errno, what a monitor says
    ("osd out", {"ids": ["0", "77"]}, 0, "marked out osd.0. osd.77 does not exist. "),
    ("osd in", {"ids": "osd.0"}, 0, "marked in osd.0. "),
    ("osd down", {"ids": ["1"]}, 0, "marked down osd.1. "),
    ("osd set", {"key": "noout"}, 0, "noout is set"),
    ("osd unset", {"key": "pause"}, 0, "pauserd,pausewr is unset"),
    ("osd set", {"key": "full"}, errno.EINVAL, "unrecognized flag 'full'"),
    ("osd reweight", {"id": "0", "weight": "0.5"}, 0, "reweighted osd.0 to 0.5 (8000)"),
    ("osd reweight", {"id": "99", "weight": "0.5"}, errno.ENOENT, "osd.99 does not exist"),
    ("osd pool create", {"pool": "new", "pg_num": 8}, 0, "pool 'new' created"),
    ("osd pool create", {"pool": "objects"}, 0, "pool 'objects' already exists"),
    ("osd pool rename", {"srcpool": "objects", "destpool": "fast"}, errno.EEXIST, "pool 'fast' already exists"),
    ("osd pool set", {"pool": "objects", "var": "size", "val": "99"}, errno.EINVAL, "pool size must be between 1 and 10"),
    ("osd pool set", {"pool": "objects", "var": "size", "val": "2"}, 0, "set pool 2 size to 2"),
    ("osd pool set", {"pool": "archive", "var": "size", "val": "2"}, errno.ENOTSUP, "can not change the size of an erasure-coded pool"),
    ("osd pool set", {"pool": "objects", "var": "pg_autoscale_mode", "val": "x"}, errno.EINVAL, "specified invalid mode x"),
    ("osd pool set", {"pool": "objects", "var": "crush_rule", "val": "x"}, errno.ENOENT, "crush rule x does not exist"),
    ("osd pool get", {"pool": "none", "var": "size"}, errno.ENOENT, "unrecognized pool 'none'"),
    ("osd pool get", {"pool": "objects", "var": "compression_mode"}, errno.ENOENT, "option 'compression_mode' is not set on pool 'objects'"),
    ("osd pool set-quota", {"pool": "objects", "field": "max_bytes", "val": "1G"}, 0, "set-quota max_bytes = 1073741824 for pool objects"),
    ("osd pool application enable", {"pool": "none", "app": "rgw"}, errno.ENOENT, "unrecognized pool 'none'"),
    ("osd erasure-code-profile get", {"name": "x"}, errno.ENOENT, "unknown erasure code profile 'x'"),
    ("osd crush rule create-replicated", {"name": "x", "root": "none", "type": "host"}, errno.ENOENT, "root item none does not exist"),
    ("osd crush rule create-replicated", {"name": "x", "root": "default", "type": "none"}, errno.EINVAL, "unknown type none"),
    ("osd crush rule rm", {"name": "on-ssd"}, errno.EBUSY, "crush ruleset on-ssd 1 is in use"),
    ("osd pg-upmap-items", {"pgid": "2.0", "id": [0, 3]}, 0, "set 2.0 pg_upmap_items mapping to [0->3]"),
    ("osd set-require-min-compat-client", {"version": "x"}, errno.EINVAL, "version x is not recognized"),
    ("osd find", {"id": "99"}, errno.ENOENT, "osd.99 does not exist"),
    ("config set", {"who": "osd", "name": "osd_max_backfills", "value": "abc"}, errno.EINVAL, "error parsing value: strict_si_cast: unit prefix not recognized"),
    ("config set", {"who": "osd", "name": "x", "value": "1"}, errno.EINVAL, "unrecognized config option 'x'"),
    ("config set", {"who": "x", "name": "osd_max_backfills", "value": "1"}, errno.EINVAL, "unrecognized config target 'x'"),
    ("config set", {"who": "osd", "name": "osd_memory_target", "value": "1"}, errno.EINVAL, "error parsing value: Value '1' is below minimum 939524096"),
    ("config set", {"who": "global", "name": "osd_pool_default_size", "value": "999"}, errno.EINVAL, "error parsing value: Value '999' exceeds maximum 10"),
    ("config set", {"who": "osd", "name": "bluestore_compression_mode", "value": "x"}, errno.EINVAL, "error parsing value: 'x' is not one of the permitted values: none, passive, aggressive, force"),
    ("config set", {"who": "mon", "name": "mon_host", "value": "x"}, errno.EINVAL, "mon_host is special and cannot be stored by the mon"),
    ("config set", {"who": "mgr", "name": "mgr/balancer/x", "value": "1"}, errno.EINVAL, "unrecognized config option 'mgr/balancer/x'"),
    ("config get", {"who": "osd.0", "key": "x"}, errno.ENOENT, "unrecognized key 'x'"),
    ("config get", {"who": "x"}, errno.EINVAL, "unrecognized entity 'x'"),
    ("config-key set", {"key": "a", "val": "b"}, 0, "set a"),
    ("config-key rm", {"key": "a"}, 0, "key deleted"),
    ("config-key exists", {"key": "x"}, errno.ENOENT, "key 'x' doesn't exist"),
    ("device info", {"devid": "x"}, errno.ENOENT, "device x not found"),
    ("health mute", {"code": "X"}, errno.ENOENT, "health alert X is not currently raised"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("prefix", "arguments", "number", "words"), SAID, ids=[f"{s[0]}-{s[2]}" for s in SAID]
)
def test_what_is_said(
    shared: Box, prefix: str, arguments: dict[str, Any], number: int, words: str
) -> None:
    """Status texts and refusals are those that a real monitor gives."""
    answer = shared.ask(prefix, **arguments)
    assert (answer.retval, answer.stderr) == (-number, words)


def test_a_value_up_to_the_limit_is_stored_and_no_more(box: Box) -> None:
    """64 KiB of -i data fit into a key; one byte more is EFBIG with the monitor's text."""
    assert box.ask("config-key set", key="full", inbuf=b"x" * 65536).retval == 0
    answer = box.ask("config-key set", key="over", inbuf=b"x" * 65537)
    assert answer.retval == -errno.EFBIG
    assert answer.stderr.startswith("error: entry size limited to 65536 bytes.")
    assert box.ok("config-key get", key="full") == "x" * 65536


def test_a_pool_is_removed_only_on_purpose(box: Box) -> None:
    """Twice the name, the switch, and mon_allow_pool_delete; pools of a file system stay."""
    names = {"pool": "fast", "pool2": "fast"}
    sure = {**names, "yes_i_really_really_mean_it": True}
    assert "PERMANENTLY DESTROY" in box.ask("osd pool rm", **names).stderr
    assert "pool deletion is disabled" in box.ask("osd pool rm", **sure).stderr
    box.ok("config set", who="mon", name="mon_allow_pool_delete", value="true")
    assert box.ask("osd pool rm", **sure).stderr == "pool 'fast' removed"
    meta = {"pool": "cephfs.lab.meta", "pool2": "cephfs.lab.meta"}
    answer = box.ask("osd pool rm", **meta, yes_i_really_really_mean_it=True)
    assert answer.retval == -errno.EBUSY


def test_splitting_and_merging_a_pool_loses_no_object(box: Box) -> None:
    """The objects of a pool are shared out over its groups, however many there are."""

    def stored() -> int:
        pools = {pool["id"]: pool["stats"] for pool in box.document("df")["pools"]}
        return int(pools[2]["objects"])

    before = stored()
    for groups in ("32", "4", "16"):
        box.ok("osd pool set", pool="objects", var="pg_num", val=groups)
        assert stored() == before


def test_more_groups_than_the_osds_may_hold_are_refused(box: Box) -> None:
    """mon_max_pg_per_osd counts, as on a real cluster."""
    answer = box.ask("osd pool create", pool="huge", pg_num=65536)
    assert answer.retval == -errno.ERANGE
    assert "mon_max_pg_per_osd" in answer.stderr


def test_module_options_are_checked_and_told(box: Box) -> None:
    """config set of a module option tells modules; an unrelated option tells them nothing changed."""
    box.ok("config set", who="mgr", name="mgr/balancer/upmap_max_deviation", value="3")
    box.ok("config set", who="osd", name="osd_max_backfills", value="3")
    told = [event.changes for event in box.events if isinstance(event, OptionsChanged)]
    assert [(change.key, change.value) for change in told[0]] == [
        ("mgr/balancer/upmap_max_deviation", "3")
    ]
    assert told[1] == ()
    assert box.set_option("mgr/balancer/upmap_max_deviation", "x").retval == -errno.EINVAL
    assert box.set_option("mgr/balancer/box/mode", "none").retval == 0


def test_the_nearest_section_decides(box: Box) -> None:
    """A daemon's own section wins over its type's, a mask over none, and global comes last."""
    name = "osd_max_backfills"
    for who, value in (("global", "1"), ("osd", "2"), ("osd/class:ssd", "3"), ("osd.0", "4")):
        box.ok("config set", who=who, name=name, value=value)
    found = {
        who: box.ok("config get", who=who, key=name).strip()
        for who in ("osd.0", "osd.1", "osd.3", "mon")
    }
    assert found == {"osd.0": "4", "osd.1": "2", "osd.3": "3", "mon": "1"}
    box.ok("config rm", who="osd.0", name=name)
    assert box.ok("config get", who="osd.0", key=name).strip() == "2"
    assert box.json("config get", who="osd.3")[name]["mask"] == {"device_class": "ssd"}


def test_the_managers_own_configuration_follows(box: Box) -> None:
    """What is set for this manager is in `config`, as text, and gone when it is removed."""
    before = box.document("config")["debug_ms"]
    box.ok("config set", who="mgr", name="debug_ms", value="3")
    assert box.document("config")["debug_ms"] == "3/3"
    assert "debug_ms" in box.document("modified_config_options")["options"]
    assert box.document("_config_map")["mgr"] == {"debug_ms": "3/3"}
    box.ok("config rm", who="mgr", name="debug_ms")
    assert box.document("config")["debug_ms"] == before


def test_a_daemon_answers_for_itself(box: Box) -> None:
    """Version, configuration and counters of one daemon; one that is down answers nothing."""
    osd = ("osd", "2")
    answer = box.ask("version", service=osd)
    assert orjson.loads(answer.stdout)["version"] == "16.2.15"
    answer = box.ask("config get", service=osd, var="osd_max_backfills")
    assert "osd_max_backfills" in orjson.loads(answer.stdout)
    assert "op" in orjson.loads(box.ask("perf dump", service=osd).stdout)["osd"]
    assert box.ask("bench", service=osd).retval == -errno.EINVAL
    assert box.ask("version", service=("osd", "99")).retval == -errno.ENOENT
    assert box.ask("version", service=("mds", "a")).retval == 0
    box.ok("osd down", ids=["2"])
    assert box.ask("version", service=osd).retval == -errno.ENXIO


def test_descriptors_are_those_of_the_captured_monitor(box: Box) -> None:
    """Every command that is answered is described, in upstream's grammar."""
    described = {entry["cmd"] for entry in box.cluster.descriptors()}
    assert "osd out name=ids,type=CephString,n=N" in described
    assert any(cmd.startswith("osd pool create name=pool,type=CephPoolname") for cmd in described)


def test_the_log_is_told_and_listed(box: Box) -> None:
    """A line of a module reaches subscribers as JSON and `log last` as text, by level and channel."""
    box.cluster.log("mgr.box", "audit", 3, "look out")

    def told() -> list[dict[str, Any]]:
        box.settle()
        events = [event for event in box.events if isinstance(event, Notified)]
        return [orjson.loads(event.id) for event in events if event.type == "clog"]

    entries = poll_for(told)
    assert [(e["name"], e["channel"], e["priority"], e["message"]) for e in entries] == [
        ("mgr.box", "audit", "[WRN]", "look out")
    ]
    assert box.ok("log last", num=5, level="warn", channel="audit").endswith("[WRN] look out\n")
    assert "look out" not in box.ok("log last", num=50)
    assert "look out" in box.ok("log last", num=50, level="debug", channel="*")
