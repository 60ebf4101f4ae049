"""What a single daemon answers: the part of `ceph tell` that modules and operators use most."""

import errno
from collections.abc import Callable
from typing import Any

import orjson

from supervisor.cluster.embedded.answers import Args, Refusal, Reply, show
from supervisor.cluster.embedded.commands.config import value_for
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]
Command = Callable[[World, str, Args], Reply]
KINDS = ("mon", "osd", "mds", "mgr")


def run(world: World, kind: str, identity: str, prefix: str, args: Args) -> Reply:
    """Answer a command that was sent to daemon `kind`.`identity`; raises Refusal."""
    name = f"{kind}.{identity}"
    if kind not in KINDS or identity not in world.documents["_metadata"].get(kind, {}):
        raise Refusal(errno.ENOENT, f"there is no daemon {name}")
    if kind == "osd" and not any(
        osd["up"] for osd in world.osd_map["osds"] if str(osd["osd"]) == identity
    ):
        raise Refusal(errno.ENXIO, f"{name} is down and answers nothing")
    command = COMMANDS.get(prefix)
    if command is None:
        raise Refusal(
            errno.EINVAL,
            f"the embedded cluster does not know the command '{prefix}' of {name}; a real Ceph may",
        )
    return command(world, name, args)


def _version(world: World, name: str, args: Args) -> Reply:
    kind, _, identity = name.partition(".")
    words = world.documents["_metadata"][kind][identity]["ceph_version"].split()
    data = {"version": words[2], "release": words[4], "release_type": words[5].strip("()")}
    return show(args, data)


def _config_get(world: World, name: str, args: Args) -> Reply:
    option = args.text("var")
    return show(args, {option: value_for(world, name, option)})


def _config_show(world: World, name: str, args: Args) -> Reply:
    found = {option: value_for(world, name, option) for option in world.config.options}
    return show(args, found)


def _nested(world: World, name: str) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for path, samples in world.documents["_perf_counters"].get(name, {}).items():
        group, _, counter = path.partition(".")
        if not samples:
            continue
        last = samples[-1]
        average = len(last) == 3
        value = {"avgcount": last[2], "sum": last[1]} if average else last[1]
        found.setdefault(group, {})[counter] = value
    return found


def _perf_dump(world: World, name: str, args: Args) -> Reply:
    found = _nested(world, name)
    if args.has("logger"):
        found = {key: value for key, value in found.items() if key == args.text("logger")}
    return show(args, found)


def _perf_schema(world: World, name: str, args: Args) -> Reply:
    found: dict[str, Document] = {}
    for path, entry in world.documents["_perf_schema"].get(name, {}).items():
        group, _, counter = path.partition(".")
        found.setdefault(group, {})[counter] = entry
    return show(args, found)


def _mon_status(world: World, name: str, args: Args) -> Reply:
    if not name.startswith("mon."):
        raise Refusal(errno.EINVAL, f"{name} is no monitor: 'mon_status' is for those")
    return show(args, orjson.loads(world.documents["mon_status"]["json"]))


def _smart(_: World, __: str, args: Args) -> Reply:
    return show(args, {})  # the captured daemons have no disks


COMMANDS: dict[str, Command] = {
    "version": _version,
    "config get": _config_get,
    "config show": _config_show,
    "perf dump": _perf_dump,
    "perf schema": _perf_schema,
    "smart": _smart,
    "mon_status": _mon_status,
}
