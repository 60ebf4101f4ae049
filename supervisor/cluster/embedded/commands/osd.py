"""Commands that change the state of OSDs and the flags of the OSD map."""

import datetime as dt
import errno
import re
from collections.abc import Callable
from typing import Any

import orjson

from supervisor.cluster.embedded import clog
from supervisor.cluster.embedded.answers import Args, Change, Refusal, Reply, done, osd_id
from supervisor.cluster.embedded.snapshot import stamp
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]
ONE = 0x10000  # weight 1.0 in the fixed point of CRUSH
# Bits of flags_num. The map prints its flags in this order.
FLAGS = {
    "pauserd": 2, "pausewr": 3, "noup": 5, "nodown": 6, "noout": 7, "noin": 8, "nobackfill": 9,
    "norecover": 10, "noscrub": 11, "nodeep-scrub": 12, "notieragent": 13, "norebalance": 14,
    "sortbitwise": 15, "recovery_deletes": 19, "purged_snapdirs": 20, "nosnaptrim": 21,
    "pglog_hardlimit": 22,
}  # fmt: skip
SETTABLE = ("pause", *(flag for flag in FLAGS if flag.startswith("no")), "pglog_hardlimit")
RELEASES = ("jewel", "kraken", "luminous", "mimic", "nautilus", "octopus", "pacific")


def osd_in(map_: Document, number: int) -> Document:
    """The OSD's entry in the map; ENOENT where there is none."""
    for osd in map_["osds"]:
        if osd["osd"] == number:
            found: Document = osd
            return found
    raise Refusal(errno.ENOENT, f"osd.{number} does not exist")


def _osds(map_: Document) -> dict[int, Document]:
    return {osd["osd"]: osd for osd in map_["osds"]}


def _xinfo(map_: Document) -> dict[int, Document]:
    return {entry["osd"]: entry for entry in map_["osd_xinfo"]}


def drafted(world: World) -> tuple[Change, Document]:
    """A change and the OSD map in it."""
    change = world.draft()
    assert change.osd_map is not None
    return change, change.osd_map


def _each(
    world: World, args: Args, word: str, act: Callable[[Change, Document, Document, Document], bool]
) -> Reply:
    """Apply `act` to each OSD named, with the map, its entry there and its xinfo; one that is so
    already, or is none, is only mentioned.
    """
    change, map_ = drafted(world)
    osds, xinfo = _osds(map_), _xinfo(map_)
    said: list[str] = []
    changed = False
    for number in args.osds("ids", list(osds)):
        if number not in osds:
            said.append(f"osd.{number} does not exist. ")
        elif act(change, map_, osds[number], xinfo[number]):
            changed = True
            said.append(f"marked {word} osd.{number}. ")
        else:
            said.append(f"osd.{number} is already {word}. ")
    return done("".join(said), change if changed else None)


def _out(world: World, args: Args) -> Reply:
    def act(change: Change, map_: Document, osd: Document, xinfo: Document) -> bool:
        if not osd["in"]:
            return False
        xinfo["old_weight"] = round(osd["weight"] * ONE)
        osd.update({"in": 0, "weight": 0.0})
        map_["last_in_change"] = map_["modified"]
        _tell(world, change, f"Client client.admin marked osd.{osd['osd']} out, while it was still"
              f" marked {'up' if osd['up'] else 'down'}")  # fmt: skip
        return True

    return _each(world, args, "out", act)


def _in(world: World, args: Args) -> Reply:
    def act(_: Change, map_: Document, osd: Document, xinfo: Document) -> bool:
        if osd["in"]:
            return False
        old, xinfo["old_weight"] = xinfo["old_weight"], 0
        osd.update({"in": 1, "weight": old / ONE if old else 1.0})
        map_["last_in_change"] = map_["modified"]
        return True

    return _each(world, args, "in", act)


def _down(world: World, args: Args) -> Reply:
    def act(_: Change, map_: Document, osd: Document, xinfo: Document) -> bool:
        if not osd["up"]:
            return False
        osd.update(
            up=0, state=["exists"], down_at=map_["epoch"], last_clean_begin=osd["up_from"],
            last_clean_end=map_["epoch"],
        )  # fmt: skip
        xinfo.update(down_stamp=map_["modified"], dead_epoch=map_["epoch"])
        map_["last_up_change"] = map_["modified"]
        return True

    return _each(world, args, "down", act)


def _tell(world: World, change: Change, text: str) -> None:
    change.log.append((world.monitor(), "cluster", clog.INFO, text))


def _reweight(world: World, args: Args) -> Reply:
    number, weight = osd_id(args.text("id")), args.decimal("weight")
    if not 0.0 <= weight <= 1.0:
        raise Refusal(errno.EINVAL, f"weight {weight:g} is not in range [0.0, 1.0]")
    change, map_ = drafted(world)
    raw = _weigh(osd_in(map_, number), weight)
    return done(f"reweighted osd.{number} to {weight:g} ({raw:x})", change)


def _weigh(osd: Document, weight: float) -> int:
    raw = int(weight * ONE)
    osd.update({"weight": raw / ONE, "in": 1 if raw else 0})
    return raw


def _reweightn(world: World, args: Args) -> Reply:
    text = args.text("weights")
    try:
        weights = {int(key): int(value) for key, value in orjson.loads(text).items()}
    except (ValueError, TypeError, AttributeError):
        raise Refusal(errno.EINVAL, f"unable to parse 'weights' value '{text}'") from None
    change, map_ = drafted(world)
    osds = _osds(map_)
    for number, raw in weights.items():
        if not 0 <= raw <= ONE:
            raise Refusal(errno.EINVAL, f"weight {raw} of osd.{number} is not in [0, {ONE}]")
        _weigh(osds.get(number) or osd_in(map_, number), raw / ONE)
    return done(change=change)


def _primary_affinity(world: World, args: Args) -> Reply:
    number, weight = osd_id(args.text("id")), args.decimal("weight")
    if not 0.0 <= weight <= 1.0:
        raise Refusal(errno.EINVAL, f"weight {weight:g} is not in range [0.0, 1.0]")
    change, map_ = drafted(world)
    osd_in(map_, number)["primary_affinity"] = weight
    raw = f"{int(weight * ONE):x}"
    return done(f"set osd.{number} primary-affinity to {weight:g} ({raw})", change)


def _flag(world: World, key: str, *, on: bool) -> Reply:
    if key not in SETTABLE:
        raise Refusal(errno.EINVAL, f"unrecognized flag '{key}'")
    flags = ("pauserd", "pausewr") if key == "pause" else (key,)
    change, map_ = drafted(world)
    current = set(map_["flags_set"])
    current = current.union(flags) if on else current.difference(flags)
    map_["flags_set"] = sorted(current)
    map_["flags"] = ",".join(flag for flag in FLAGS if flag in current)
    map_["flags_num"] = sum(1 << FLAGS[flag] for flag in current if flag in FLAGS)
    return done(f"{','.join(flags)} is {'set' if on else 'unset'}", change)


def _set(world: World, args: Args) -> Reply:
    return _flag(world, args.text("key"), on=True)


def _unset(world: World, args: Args) -> Reply:
    return _flag(world, args.text("key"), on=False)


def _ratio(which: str) -> Callable[[World, Args], Reply]:
    def command(world: World, args: Args) -> Reply:
        ratio = args.decimal("ratio")
        if not 0.0 <= ratio <= 1.0:
            raise Refusal(errno.EINVAL, f"ratio {ratio:g} is not in range [0.0, 1.0]")
        change, map_ = drafted(world)
        map_[f"{which}_ratio"] = ratio
        return done(f"osd set-{which}-ratio {ratio:g}", change)

    return command


def _min_compat(world: World, args: Args) -> Reply:
    version = args.text("version")
    if version not in RELEASES:
        raise Refusal(errno.EINVAL, f"version {version} is not recognized")
    change, map_ = drafted(world)
    map_["require_min_compat_client"] = version
    return done(f"set require_min_compat_client to {version}", change)


def _upmap_items(world: World, args: Args) -> Reply:
    pgid = args.text("pgid")
    pg = world.pgs.get(pgid)
    if pg is None:
        raise Refusal(errno.ENOENT, f"pgid '{pgid}' does not exist")
    numbers = [osd_id(word) for word in args.words("id")]
    if not numbers or len(numbers) % 2:
        raise Refusal(errno.EINVAL, "OSDs come in pairs: <from> <to> ...")
    change, map_ = drafted(world)
    for number in numbers:
        osd_in(map_, number)
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    kept = [entry for entry in map_["pg_upmap_items"] if entry["pgid"] != pgid]
    mappings = [{"from": source, "to": target} for source, target in pairs]
    map_["pg_upmap_items"] = [*kept, {"pgid": pgid, "mappings": mappings}]
    text = ",".join(f"{source}->{target}" for source, target in pairs)
    return done(f"set {pgid} pg_upmap_items mapping to [{text}]", change)


def _rm_upmap_items(world: World, args: Args) -> Reply:
    pgid = args.text("pgid")
    if world.pgs.get(pgid) is None:
        raise Refusal(errno.ENOENT, f"pgid '{pgid}' does not exist")
    change, map_ = drafted(world)
    map_["pg_upmap_items"] = [e for e in map_["pg_upmap_items"] if e["pgid"] != pgid]
    return done(f"clear {pgid} pg_upmap_items mapping", change)


def _whole_address(text: str) -> str:
    """An address with its port and nonce; 0, where they are not given, stands for any."""
    host, slash, nonce = text.partition("/")
    port = "" if re.search(r"(^[^:]*|\]):\d+$", host) else ":0"
    return f"{host}{port}/{nonce if slash else 0}"


DEFAULT_BLOCK = 3600.0  # seconds, as mon_osd_blocklist_default_expire
LONGEST_BLOCK = 10.0**9


def _blocklist(world: World, args: Args) -> Reply:
    action, addr = args.text("blocklistop"), args.text("addr")
    addr = _whole_address(addr)
    change, map_ = drafted(world)
    if action == "add":
        seconds = args.decimal("expire") if args.has("expire") else DEFAULT_BLOCK
        if not 0 <= seconds <= LONGEST_BLOCK:
            raise Refusal(errno.EINVAL, f"expire: {seconds:g} is not in 0 to {LONGEST_BLOCK:g} s")
        until = stamp(world.now() + dt.timedelta(seconds=seconds))
        map_["blocklist"][addr] = until
        return done(f"blocklisting {addr} until {until} ({seconds:g} sec)", change)
    if action != "rm":
        raise Refusal(errno.EINVAL, f"'{action}' is neither add nor rm")
    if map_["blocklist"].pop(addr, None) is None:
        return done(f"{addr} isn't blocklisted")
    return done(f"un-blocklisting {addr}", change)


def _blocklist_clear(world: World, _: Args) -> Reply:
    change, map_ = drafted(world)
    map_["blocklist"] = {}
    return done(" removed all blocklist entries", change)


COMMANDS = {
    "osd out": _out,
    "osd in": _in,
    "osd down": _down,
    "osd reweight": _reweight,
    "osd reweightn": _reweightn,
    "osd primary-affinity": _primary_affinity,
    "osd set": _set,
    "osd unset": _unset,
    "osd pause": lambda world, _: _flag(world, "pause", on=True),
    "osd unpause": lambda world, _: _flag(world, "pause", on=False),
    "osd set-full-ratio": _ratio("full"),
    "osd set-backfillfull-ratio": _ratio("backfillfull"),
    "osd set-nearfull-ratio": _ratio("nearfull"),
    "osd set-require-min-compat-client": _min_compat,
    "osd pg-upmap-items": _upmap_items,
    "osd rm-pg-upmap-items": _rm_upmap_items,
    "osd blocklist": _blocklist,
    "osd blocklist clear": _blocklist_clear,
}
