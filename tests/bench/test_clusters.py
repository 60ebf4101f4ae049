import lzma
import re
from pathlib import Path

import orjson
import pytest
from bench.clusters.__main__ import main
from bench.clusters.plan import Size
from bench.clusters.writing import write

from supervisor.cluster.embedded.snapshot import NEEDED, SHIPPED
from tests.daemon import supervisor


OSDS, PGS = 100, 1000
# Keys that name one of many: they differ between clusters, and what is below them does not.
_NAMES = re.compile(r"\d+|(osd|mds|mgr|mon)\.\w+|\d+\.[0-9a-f]+|ceph version .*")


def _load(file: Path):
    with lzma.open(file) as source:
        return orjson.loads(source.read())


def _shape(value, path="", found=None):
    """Every path in the document with the types found there; numbers and names as one."""
    found = set() if found is None else found
    found.add((path, "number" if type(value) in (int, float) else type(value).__name__))
    if isinstance(value, dict):
        for key, item in value.items():
            _shape(item, f"{path}/{'*' if _NAMES.fullmatch(key) else key}", found)
    elif isinstance(value, list):
        for item in value:
            _shape(item, f"{path}/[]", found)
    return found


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    target = tmp_path_factory.mktemp("clusters") / "cluster.json.xz"
    write(Size(OSDS, PGS), target)
    return target


@pytest.fixture(scope="module")
def made(file):
    return _load(file)


@pytest.fixture(scope="module")
def captured():
    return _load(SHIPPED)


def test_every_document_has_the_captured_shape(made, captured):
    """The same keys and types at every level, of every document that is not derived anew."""
    assert set(made) >= NEEDED
    for name in made:
        assert _shape(made[name]) == _shape(captured[name]), name


def test_there_are_as_many_of_each_as_asked_for(made):
    """Counts agree between all documents that have them."""
    osds = {str(number) for number in range(OSDS)}
    assert {str(osd["osd"]) for osd in made["osd_map"]["osds"]} == osds
    assert len(made["osd_map"]["osd_xinfo"]) == made["osd_map"]["max_osd"] == OSDS
    assert set(made["osd_metadata"]) == set(made["_metadata"]["osd"]) == osds
    for name in ("_perf_counters", "_perf_schema", "_daemon_health_metrics"):
        assert {d for d in made[name] if d.startswith("osd.")} == {f"osd.{n}" for n in osds}, name
    assert {str(row["osd"]) for row in made["osd_stats"]["osd_stats"]} == osds
    assert {str(row["osd"]) for row in made["osd_ping_times"]["osd_ping_times"]} == osds
    assert {str(d["id"]) for d in made["osd_map_crush"]["devices"]} == osds
    assert {str(n["id"]) for n in made["osd_map_tree"]["nodes"] if n["type"] == "osd"} == osds
    services = [s for server in made["_servers"] for s in server["services"]]
    assert {s["id"] for s in services if s["type"] == "osd"} == osds
    assert len(made["pg_dump"]["pg_stats"]) == PGS
    assert sum(pool["pg_num"] for pool in made["osd_map"]["pools"]) == PGS


def test_groups_are_where_their_rules_allow(made):
    """Each on three hosts, of the class that its pool's rule takes; sums agree with the rows."""
    place = {
        osd["id"]: (bucket["id"], made["osd_map_crush"]["devices"][osd["id"]]["class"])
        for bucket in made["osd_map_crush"]["buckets"]
        if bucket["type_name"] == "host" and "~" not in bucket["name"]
        for osd in bucket["items"]
    }
    classes = {0: {"hdd", "ssd"}, 1: {"ssd"}, 2: {"hdd"}}
    rules = {str(pool["pool"]): pool["crush_rule"] for pool in made["osd_map"]["pools"]}
    counts = dict.fromkeys(range(OSDS), 0)
    for row in made["pg_dump"]["pg_stats"]:
        assert row["up"] == row["acting"]
        assert row["up"][0] == row["up_primary"] == row["acting_primary"]
        assert len({place[osd][0] for osd in row["up"]}) == 3
        pool = row["pgid"].partition(".")[0]
        assert {place[osd][1] for osd in row["up"]} <= classes[rules[pool]]
        for osd in row["up"]:
            counts[osd] += 1
    assert {row["osd"]: row["num_pgs"] for row in made["osd_stats"]["osd_stats"]} == counts


def test_no_two_osds_have_an_address_or_an_id_in_common(made):
    """Modules find daemons by these."""
    osds = made["osd_map"]["osds"]
    for key in ("public_addr", "cluster_addr", "uuid"):
        assert len({osd[key] for osd in osds}) == OSDS, key


def test_the_same_size_is_the_same_file_and_another_seed_is_not(file, tmp_path):
    """Runs can be compared, and repeated elsewhere."""
    write(Size(OSDS, PGS), tmp_path / "again")
    write(Size(OSDS, PGS, seed=2), tmp_path / "other")
    assert (tmp_path / "again").read_bytes() == file.read_bytes()
    assert (tmp_path / "other").read_bytes() != file.read_bytes()


def test_what_no_cluster_can_be_is_refused_in_a_sentence(tmp_path, capsys):
    """No file is written then."""
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "x"), "--osds", "2"])
    assert ended.value.code == 2
    assert "at least" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_daemon_serves_it(file):
    """Started on the file, it answers for every OSD and group, and is healthy."""
    with supervisor(config=f'[cluster]\nsnapshot = "{file}"\n') as daemon:
        status = daemon.mgrctl("status --format json").json
        assert status["osdmap"]["num_up_osds"] == status["osdmap"]["num_osds"] == OSDS
        assert status["pgmap"]["num_pgs"] == PGS
        assert [s["state_name"] for s in status["pgmap"]["pgs_by_state"]] == ["active+clean"]
        assert status["health"]["status"] == "HEALTH_OK"
        assert len(daemon.mgrctl("osd ls --format json").json) == OSDS
