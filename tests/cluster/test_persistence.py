"""What was done to the embedded cluster is still so after a restart."""

import errno
import lzma
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from supervisor.cluster.embedded.cluster import EmbeddedCluster
from supervisor.cluster.interface import (
    ClusterError,
    Notified,
    OptionChange,
    OptionsChanged,
    StoreChanged,
)
from tests.cluster.box import Box


def test_changes_survive_a_restart(tmp_path: Path) -> None:
    """OSD states, pools, rules, options, keys, mutes, log and epochs are as they were left."""
    box = Box(tmp_path)
    box.ok("osd out", ids=["1"])
    box.ok("osd pool create", pool="kept", pg_num=8)
    box.ok("osd crush rule create-replicated", name="flat", root="default", type="osd")
    box.ok("osd set", key="noout")
    box.ok("health mute", code="OSDMAP_FLAGS")
    box.ok("config set", who="osd", name="osd_max_backfills", value="7")
    box.ok("config-key set", key="mgr/test/key", val="value")
    box.set_option("mgr/balancer/mode", "none")
    box.ok("log", logtext=["remember", "me"])
    epoch = box.document("osd_map")["epoch"]
    box.close()

    box = Box(tmp_path)
    map_ = box.document("osd_map")
    assert map_["epoch"] == epoch
    assert [osd["in"] for osd in map_["osds"] if osd["osd"] == 1] == [0]
    assert "kept" in [pool["pool_name"] for pool in map_["pools"]]
    assert "flat" in box.json("osd crush rule ls")
    assert map_["flags_set"].count("noout") == 1
    assert box.health()["checks"]["OSDMAP_FLAGS"]["muted"]
    assert box.ok("config get", who="osd.0", key="osd_max_backfills") == "7\n"
    assert box.opened.store["mgr/test/key"] == "value"
    assert box.opened.options["mgr/balancer/mode"] == "none"
    assert "remember me" in box.ok("log last", num=100)
    box.close()


def test_another_manager_id_takes_the_cluster_over(tmp_path: Path) -> None:
    """The documents name the manager that runs now, and only that one."""
    Box(tmp_path, "first").close()
    box = Box(tmp_path, "second")
    assert box.document("mgr_map")["active_name"] == "second"
    assert list(box.document("_metadata")["mgr"]) == ["second"]
    assert "mgr.second" in box.document("_perf_schema")
    assert "mgr.first" not in box.document("_perf_schema")
    box.close()


def test_options_and_keys_tell_their_commit(tmp_path: Path) -> None:
    """Changes carry rising numbers, and the numbers go on after a restart."""
    box = Box(tmp_path)
    box.set_option("mgr/balancer/mode", "none")
    box.set_option("mgr/balancer/mode", None)
    box.set_store("mgr/test/key", "1")
    box.set_store("elsewhere", "unseen")
    options = [event.changes for event in box.events if isinstance(event, OptionsChanged)]
    (keys,) = [event.changes for event in box.events if isinstance(event, StoreChanged)]
    first, second = options[0][0].seq, options[1][0].seq
    assert options == [
        (OptionChange("mgr/balancer/mode", "none", first),),
        (OptionChange("mgr/balancer/mode", None, second),),
    ]
    assert box.opened.seq < first < second < keys[0].seq
    box.close()
    box = Box(tmp_path)
    assert box.opened.seq > keys[0].seq
    box.close()


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """What cannot be committed is refused, and neither maps nor keys show it."""
    box = Box(tmp_path)
    epoch = box.document("osd_map")["epoch"]
    database = box.cluster._store._database
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")
    box.set_store("mgr/test/first", "x" * 60000)
    refused = box.set_store("mgr/test/key", "x" * 60000)
    assert refused.retval == -errno.ENOSPC
    assert "free space" in refused.stderr
    assert box.ask("osd pool create", pool="new", pg_num=8).retval == -errno.ENOSPC
    assert box.document("osd_map")["epoch"] == epoch
    assert "new" not in box.json("osd pool ls")
    assert "mgr/test/key" not in box.json("config-key ls")
    assert not [event for event in box.events if isinstance(event, StoreChanged)]
    database.execute("PRAGMA max_page_count = 1000000")
    assert box.ask("osd pool create", pool="new", pg_num=8).retval == 0
    box.close()


def test_state_that_cannot_be_published_is_said_once(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the state folder is full the daemon's log has one sentence and no traceback; options
    reach modules all the same, and notifications follow as soon as their documents can.
    """

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    box.settle()
    box.events.clear()
    before = box.document("osd_map")["epoch"]
    with capture_logs() as said:
        with monkeypatch.context() as patch:
            patch.setattr(box.cluster._publisher, "_written", full)
            answer = box.ask("osd set", key="noout")
            assert answer.retval == -errno.ENOSPC
            assert answer.stderr.startswith("stored, but not published yet")
            box.tick(3)
            assert box.set_option("mgr/crash/warn_recent_interval", "7").retval == -errno.ENOSPC
        assert not [e for e in box.events if isinstance(e, Notified) and e.type != "clog"]
        assert [e.changes[0].value for e in box.events if isinstance(e, OptionsChanged)] == ["7"]
        assert box.document("osd_map")["epoch"] == before
        box.tick()
    assert box.document("osd_map")["epoch"] == before + 1
    assert Notified("osd_map") in box.events
    assert [record["log_level"] for record in said] == ["error", "info"]
    assert not any("exc_info" in record for record in said)


def test_what_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    """A missing file, noise, and a document that is something else: one sentence each."""
    noise, other = tmp_path / "noise.xz", tmp_path / "other.xz"
    noise.write_bytes(b"noise")
    other.write_bytes(lzma.compress(b"{}"))
    for path, words in (
        (tmp_path / "none.xz", "cannot read the snapshot"),
        (noise, "cannot read the snapshot"),
        (other, "is not a snapshot of a cluster"),
    ):
        cluster = EmbeddedCluster(tmp_path / "data", "x", path, 5.0)
        with pytest.raises(ClusterError, match=words):
            cluster.open(lambda _event: None, tmp_path / "state")


def test_times_are_moved_to_now(box: Box) -> None:
    """A fresh cluster does not look as old as its capture."""
    today = box.cluster._world.stamp()[:10]
    assert box.document("pg_dump")["stamp"].startswith(today)
    assert box.document("osd_map")["modified"][:7] == today[:7]
