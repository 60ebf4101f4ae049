"""From what is stored to a world, and what a manager stores when it becomes active."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from supervisor.cluster.embedded import mgrmap, snapshot
from supervisor.cluster.embedded.snapshot import Document, stamp
from supervisor.cluster.embedded.store import Contents, Write
from supervisor.cluster.embedded.world import World
from supervisor.cluster.interface import Manager, Opened


WATCHED_KEYS = ("mgr/", "device/")
HOLDER = "manager"  # the document that names who is active, for the standbys


def now() -> dt.datetime:
    """The cluster's clock."""
    return dt.datetime.now(dt.UTC)


def claim(contents: Contents, holder: Manager, capture: Path) -> Write:
    """What is committed with a new epoch: who is active now, and nothing left of who was; at the
    first start the cluster `capture` too. Raises ClusterError.
    """
    if "snapshot" in contents.documents:
        seed = Write()
        text = contents.documents.get("mgr_map")
        map_ = orjson.loads(text) if text else _captured(contents.documents["snapshot"])
    else:
        seed = snapshot.seed(snapshot.moved_to(snapshot.read(capture), now()))
        map_ = _captured(seed.documents["snapshot"])
    map_ = mgrmap.taken_over(map_, holder.name, holder.gid, stamp(now()))
    return Write(
        config=seed.config,
        keys=seed.keys,
        documents={
            **seed.documents,
            "mgr_map": orjson.dumps(map_),
            HOLDER: orjson.dumps(holder),
        },
        log=seed.log,
    )


def founded(contents: Contents) -> bool:
    """Whether the first manager has stored the cluster."""
    return "snapshot" in contents.documents


def holder_of(contents: Contents) -> Manager | None:
    """Who is active, or was last."""
    text = contents.documents.get(HOLDER)
    return Manager(**orjson.loads(text)) if text else None


def world_from(contents: Contents, mgr_id: str) -> World:
    """The cluster as it was left, seen by manager `mgr_id`."""
    documents: dict[str, Any] = orjson.loads(contents.documents["snapshot"])
    documents["_captured_osd_map"] = documents["osd_map"]
    snapshot.adopt(documents, mgr_id)
    for name in ("osd_map", "osd_map_crush", "mgr_map"):
        if name in contents.documents:
            documents[name] = orjson.loads(contents.documents[name])
    return World(documents, contents, mgr_id, now)


def opened_from(world: World, seq: int, *, epoch: int, active: bool, state_dir: Path) -> Opened:
    """What the supervisor starts with."""
    return Opened(
        options=world.module_options(),
        store=watched(world.keys),
        seq=seq,
        version=world.version(),
        release_name=world.release(),
        mgr_ip=world.documents["mgr_ips"]["ips"][0],
        active=active,
        epoch=epoch,
        state_dir=state_dir,
    )


def watched(keys: Mapping[str, str]) -> dict[str, str]:
    """The keys that modules may read."""
    return {key: value for key, value in keys.items() if key.startswith(WATCHED_KEYS)}


def _captured(body: bytes | None) -> Document:
    assert body is not None, "a seed has a snapshot"
    map_: Document = orjson.loads(body)["mgr_map"]
    return map_
