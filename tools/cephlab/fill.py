"""Gives a lab cluster what a small real one has: pools of each kind, files, objects, traffic.

No pool is for RBD images: modules that find one open it through librados, which the embedded
cluster that is made from this has not.
"""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from cephlab.lab import Lab, LabError, poll


PG_COUNTS = {"objects": 16, "cephfs.lab.meta": 8, "cephfs.lab.data": 16, "fast": 8, "archive": 16}
OBJECT_BYTES = 4096
LOAD_POOL = "objects"
LOAD_BYTES = 1 << 20
LOAD_SECONDS = 600  # longer than any capture; it is ended before
OPTIONS = (
    ("global", "mon_max_pg_per_osd", "300"),
    ("mon", "mon_osd_down_out_interval", "900"),
    ("osd", "osd_max_backfills", "2"),
    ("osd/class:hdd", "osd_recovery_sleep", "0.1"),
    ("osd.0", "debug_osd", "1/5"),
)


def fill(lab: Lab) -> None:
    """Create pools and data; needs three hosts with an OSD of each device class, and an MDS."""
    _classify(lab)
    for section, option, value in OPTIONS:
        lab.ceph("config", "set", section, option, value)
    lab.ceph("osd", "crush", "rule", "create-replicated", "on-ssd", "default", "host", "ssd")
    lab.ceph("osd", "erasure-code-profile", "set", "two-plus-one", "k=2", "m=1",
             "crush-failure-domain=host", "crush-device-class=hdd")  # fmt: skip
    for pool, count in PG_COUNTS.items():
        kind = ("erasure", "two-plus-one") if pool == "archive" else ("replicated",)
        lab.ceph("osd", "pool", "create", pool, str(count), str(count), *kind)
        lab.ceph("osd", "pool", "set", pool, "pg_autoscale_mode", "off")
    for pool in ("fast", "cephfs.lab.meta"):
        lab.ceph("osd", "pool", "set", pool, "crush_rule", "on-ssd")
    for pool in ("fast", "archive", LOAD_POOL):
        lab.ceph("osd", "pool", "application", "enable", pool, "lab")
    lab.ceph("osd", "pool", "set-quota", "archive", "max_bytes", str(512 << 20))
    lab.ceph("fs", "new", "lab", "cephfs.lab.meta", "cephfs.lab.data")
    poll("an active MDS", lambda: "up:active" in str(lab.ceph("fs", "dump")), 60)
    # libcephfs is bound to Debian's own interpreter, not to the one that runs this
    writer = Path(__file__).with_name("files.py")
    lab.run("/usr/bin/python3", str(writer), str(lab.conf), seconds=60)
    for number in range(20):
        pool = ("archive", "fast")[number % 2]
        lab.run("rados", "-p", pool, "put", f"report-{number}", "-", data=b"x" * OBJECT_BYTES)
    poll("clean placement groups", lambda: _is_clean(lab), 120)


@contextlib.contextmanager
def traffic(lab: Lab) -> Iterator[None]:
    """Reads and writes objects meanwhile, so that rates are not zero."""
    command = ["rados", "-p", LOAD_POOL, "load-gen", "--num-objects", "50",
               "--min-object-size", str(LOAD_BYTES), "--max-object-size", str(LOAD_BYTES),
               "--min-op-len", str(OBJECT_BYTES), "--max-op-len", str(OBJECT_BYTES),
               "--max-ops", "8", "--read-percent", "50", "--target-throughput", "400000",
               "--run-length", str(LOAD_SECONDS)]  # fmt: skip
    with subprocess.Popen(command, env=lab.environment(), stdout=subprocess.DEVNULL) as load:
        try:
            yield
            if load.poll() is not None:
                raise LabError(f"`{' '.join(command)}` ended early, with {load.returncode}")
        finally:
            load.kill()


def _classify(lab: Lab) -> None:
    osds = [node["id"] for node in lab.ceph("osd", "tree")["nodes"] if node["type"] == "osd"]
    for osd in osds:
        device_class = "hdd" if osd < len(osds) / 2 else "ssd"
        lab.ceph("osd", "crush", "set-device-class", device_class, f"osd.{osd}")


def _is_clean(lab: Lab) -> bool:
    groups = lab.ceph("status")["pgmap"]
    clean = [s["count"] for s in groups["pgs_by_state"] if s["state_name"] == "active+clean"]
    return groups["num_pgs"] >= sum(PG_COUNTS.values()) and clean == [groups["num_pgs"]]
