"""Gives the real cluster what the embedded one has: device classes, pools of each kind, a file
system, objects.

Told to the monitor directly, so that it costs seconds: a command line client takes half a second
to start.
"""

import json
from collections.abc import Callable
from typing import Any

from cephlab.lab import Lab, poll


Tell = Callable[[dict[str, Any]], tuple[int, str, str]]  # a monitor command and its answer
REPLICATED_POOLS = ("objects", "cephfs.lab.meta", "cephfs.lab.data")
ERASURE_POOL = "archive"
PG_COUNT = 4
OBJECT_BYTES = 4096


def furnish(lab: Lab, tell: Tell) -> None:
    """Create it all; needs three OSDs and an MDS."""
    for osd, device_class in enumerate(("hdd", "ssd", "ssd")):
        _done(tell, "osd crush set-device-class", ids=[f"osd.{osd}"], **{"class": device_class})
    profile = ["k=2", "m=1", "crush-failure-domain=osd"]
    _done(tell, "osd erasure-code-profile set", name="two-plus-one", profile=profile)
    for pool in REPLICATED_POOLS:
        _pool(tell, pool)
    _pool(tell, ERASURE_POOL, pool_type="erasure", erasure_code_profile="two-plus-one")
    for pool in (ERASURE_POOL, "objects"):
        _done(tell, "osd pool application enable", pool=pool, app="lab")
    _done(tell, "fs new", fs_name="lab", metadata="cephfs.lab.meta", data="cephfs.lab.data")
    poll("an active MDS", lambda: "up:active" in _done(tell, "fs dump"), 60)
    for pool in ("objects", ERASURE_POOL):
        lab.run("rados", "-p", pool, "put", "report", "-", data=b"x" * OBJECT_BYTES)
    poll("clean placement groups", lambda: _is_clean(tell), 60)


def _pool(tell: Tell, name: str, **kind: str) -> None:
    numbers = {"pg_num": PG_COUNT, "pgp_num": PG_COUNT}
    _done(tell, "osd pool create", pool=name, autoscale_mode="off", **numbers, **kind)


def _done(tell: Tell, prefix: str, **arguments: Any) -> str:
    code, out, err = tell({"prefix": prefix, "format": "json", **arguments})
    assert code == 0, (prefix, arguments, err)
    return out


def _is_clean(tell: Tell) -> bool:
    groups = json.loads(_done(tell, "status"))["pgmap"]
    clean = [s["count"] for s in groups["pgs_by_state"] if s["state_name"] == "active+clean"]
    return groups["num_pgs"] >= PG_COUNT * 4 and clean == [groups["num_pgs"]]
