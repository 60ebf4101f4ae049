"""What an operator reads is laid out as 16.2.15 lays it out."""

import errno

import pytest

from supervisor.cluster.embedded.texttable import percent, span, weight
from tests.cluster.box import Box


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (172800, "2d"),
     (1209600, "2w"), (7257600, "2M"), (63072000, "2y")],
)  # fmt: skip
def test_times_are_in_one_telling_unit(seconds: int, text: str) -> None:
    """Each unit is used until the next one gives at least two."""
    assert span(seconds) == text


def test_what_is_too_small_to_show_is_zero() -> None:
    """Shares and weights keep their decimals unless all of them would be zeros."""
    assert [percent(0.0), percent(0.00003), percent(0.0001), percent(0.5)] == [
        "0", "0", "0.01", "50.00",
    ]  # fmt: skip
    assert [weight(0.0), weight(0.00099)] == ["0", "0.00099"]


def test_status_shows_flags_mutes_and_recovery(box: Box) -> None:
    """Flags stand below the OSDs, a mute says how long it lasts, recovery beside the clients."""
    box.ok("osd set", key="noout")
    box.ok("health mute", code="OSDMAP_FLAGS", ttl="1h")
    box.ok("osd out", ids=["3"])
    text = box.ok("status")
    assert "\n         flags noout\n" in text
    assert "            (muted: OSDMAP_FLAGS(59m))\n" in text
    for _ in range(10):
        box.tick()
        if "    recovery: " in box.ok("status"):
            break
    else:
        raise AssertionError("no recovery was ever shown")
    assert "recovering_objects_per_sec" in box.json("status")["pgmap"]


def test_groups_stand_below_one_another(box: Box) -> None:
    """Counts are as wide as the widest; inactive groups are named first."""
    assert "    pgs:     65 active+clean\n" in box.ok("status")
    box.ok("osd pool create", pool="new", pg_num=8)
    assert f"    pgs:     {100 * 8 / 73:.3f}% pgs not active\n" in box.ok("status")
    assert "             8  creating+peering\n" in box.ok("status")


def test_a_sticky_mute_says_so(box: Box) -> None:
    """`health detail` tells how long a check is muted and whether that outlives it."""
    box.ok("osd set", key="noout")
    box.ok("health mute", code="OSDMAP_FLAGS", ttl="1h", sticky=True)
    detail = box.ok("health", detail="detail")
    assert "(MUTED ttl 59m, STICKY) [WRN] OSDMAP_FLAGS: noout flag(s) set\n" in detail
    box.ok("health mute", code="OSDMAP_FLAGS")
    assert "\n(MUTED) [WRN] OSDMAP_FLAGS" in box.ok("health", detail="detail")


def test_df_shows_classes_in_order_and_details_on_request(shared: Box) -> None:
    """`df detail` has the columns of data, omap, quotas and compression."""
    plain, detail = shared.ok("df").splitlines(), shared.ok("df", detail="detail").splitlines()
    assert [line.split()[0] for line in plain[2:5]] == ["hdd", "ssd", "TOTAL"]
    assert "QUOTA BYTES" not in plain[7]
    assert detail[7].split()[-7:] == ["QUOTA", "BYTES", "DIRTY", "USED", "COMPR", "UNDER", "COMPR"]
    assert next(line for line in detail if line.startswith("archive")).count("512 MiB") == 1


def test_osd_df_follows_the_tree(shared: Box) -> None:
    """OSDs stand in the order of the tree; `tree` adds the buckets with their sums."""
    lines = shared.ok("osd df").splitlines()
    assert lines[0].startswith("ID  CLASS  WEIGHT   REWEIGHT  SIZE   RAW USE  ")
    assert [line.split()[0] for line in lines[1:7]] == ["0", "3", "1", "4", "2", "5"]
    tree = shared.ok("osd df", output_method="tree").splitlines()
    assert [line.split()[0] for line in tree[1:5]] == ["-1", "-2", "0", "3"]
    assert tree[2].rstrip().endswith("    host lab-a")
    node = shared.json("osd df", output_method="tree")["nodes"][0]
    assert (node["name"], node["reweight"], node["children"]) == ("default", -1, [-4, -3, -2])


def test_osd_df_shows_a_part_on_request(shared: Box) -> None:
    """By class or by name of a bucket or an OSD; what is neither is EINVAL."""

    def shown(**arguments: str) -> list[int]:
        return [node["id"] for node in shared.json("osd df", **arguments)["nodes"]]

    assert shown(filter_by="class", filter="ssd") == [3, 4, 5]
    assert shown(filter_by="name", filter="lab-a") == [0, 3]
    assert shown(filter_by="name", filter="osd.4") == [4]
    answer = shared.ask("osd df", filter_by="name", filter="none")
    assert answer.retval == -errno.EINVAL
    assert answer.stderr == "'none' not a pool, crush node or device class name"


def test_pg_ls_is_in_order_and_tells_since_when(shared: Box) -> None:
    """By pool and number, with the time in that state and the last scrubs."""
    lines = shared.ok("pg ls").splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["1.0", "2.0", "2.1"]
    assert {"SINCE", "SCRUB_STAMP", "DEEP_SCRUB_STAMP"} <= set(lines[0].split())


def test_small_answers(box: Box) -> None:
    """Texts that scripts and eyes rely on."""
    assert box.ok("version").startswith("ceph version 16.2.15 (")
    assert box.ok("mds stat") == "lab:1 {0=b=up:active} 1 up:standby\n"
    assert "\nstretch_mode_enabled false\n" in box.ok("osd dump")
    assert "pg_autoscale_bias 4 " in box.ok("osd dump")
    assert "+0000\n" in box.ok("mon dump")
    box.ok("osd out", ids=["3"])
    assert next(r for r in box.ok("osd tree").splitlines() if "osd.3" in r).split()[-2:] == [
        "0", "1.00000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "kept"),
    [("1.2.3.4", "1.2.3.4:0/0"), ("1.2.3.4:88", "1.2.3.4:88/0"), ("1.2.3.4:0/5", "1.2.3.4:0/5"),
     ("[::1]:5", "[::1]:5/0"), ("[::1]", "[::1]:0/0")],
)  # fmt: skip
def test_a_blocked_address_is_kept_whole(box: Box, given: str, kept: str) -> None:
    """Port and nonce are 0 where they were not given, so that both spellings name one entry."""
    box.ok("osd blocklist", blocklistop="add", addr=given)
    assert list(box.document("osd_map")["blocklist"]) == [kept]
    assert (
        box.ask("osd blocklist", blocklistop="rm", addr=given).stderr == f"un-blocklisting {kept}"
    )


def test_quotas_of_objects_count_in_thousands(box: Box) -> None:
    """Sizes step by 1024, counts by 1000."""
    said = box.ask("osd pool set-quota", pool="fast", field="max_objects", val="10K").stderr
    assert said == "set-quota max_objects = 10000 for pool fast"
    said = box.ask("osd pool set-quota", pool="fast", field="max_bytes", val="10K").stderr
    assert said == "set-quota max_bytes = 10240 for pool fast"
