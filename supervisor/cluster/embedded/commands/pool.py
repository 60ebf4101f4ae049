"""Pools: create, remove, rename, and their applications."""

import errno
from typing import Any

from supervisor.cluster.embedded.answers import Args, Refusal, Reply, done
from supervisor.cluster.embedded.commands.config import value_for
from supervisor.cluster.embedded.commands.crush import rule_named
from supervisor.cluster.embedded.commands.osd import drafted
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]
ERASURE, REPLICATED = 3, 1
FLAGS = {  # bits of `flags`; the map prints their names in this order
    "hashpspool": 0, "full": 1, "ec_overwrites": 2, "incomplete_clones": 3, "nodelete": 4,
    "nopgchange": 5, "nosizechange": 6, "write_fadvise_dontneed": 7, "noscrub": 8,
    "nodeep-scrub": 9, "full_quota": 10, "nearfull": 11, "backfillfull": 12,
    "selfmanaged_snaps": 13, "pool_snaps": 14, "creating": 15, "eio": 16, "bulk": 17,
}  # fmt: skip
MAX_PGS = 65536
SURE = "yes_i_really_mean_it"
VERY_SURE = "yes_i_really_really_mean_it"


def pool_in(map_: Document, name: str) -> Document:
    """The pool's entry in the map; ENOENT where there is none."""
    for pool in map_["pools"]:
        if pool["pool_name"] == name:
            found: Document = pool
            return found
    raise Refusal(errno.ENOENT, f"unrecognized pool '{name}'")


def set_flag(pool: Document, flag: str, *, on: bool) -> None:
    """Set or clear a flag of the pool, in both forms in which the map gives it."""
    current = set(filter(None, pool["flags_names"].split(",")))
    current = current | {flag} if on else current - {flag}
    pool["flags_names"] = ",".join(name for name in FLAGS if name in current)
    pool["flags"] = sum(1 << FLAGS[name] for name in current if name in FLAGS)


def _create(world: World, args: Args) -> Reply:
    name = args.text("pool")
    if not name:
        raise Refusal(errno.EINVAL, "a pool needs a name")
    if any(pool["pool_name"] == name for pool in world.osd_map["pools"]):
        return done(f"pool '{name}' already exists")
    kind = args.text("pool_type", "replicated")
    if kind not in ("replicated", "erasure"):
        raise Refusal(errno.EINVAL, f"unknown pool type '{kind}'")
    groups = _groups(world, args)
    # By position, a replicated pool names its rule where an erasure one names its profile.
    word, rule = args.text("erasure_code_profile", ""), args.text("rule", "")
    change, map_ = drafted(world)
    map_["pool_max"] += 1
    pool = _blank(world, map_, map_["pool_max"], name, groups)
    if kind == "erasure":
        _erasure(world, pool, word or "default", rule)
    else:
        _replicated(world, pool, rule or word, args.number("size", 0))
    _options(pool, args)
    map_["pools"].append(pool)
    check_load(world, map_, pool)
    return done(f"pool '{name}' created", change)


def _groups(world: World, args: Args) -> int:
    groups = args.number("pg_num", 0) or int(value_for(world, "mon", "osd_pool_default_pg_num"))
    check_groups(groups)
    placed = args.number("pgp_num", 0) or groups
    if not 0 < placed <= groups:
        raise Refusal(
            errno.ERANGE,
            "'pgp_num' must be greater than 0 and lower or equal than 'pg_num',"
            f" which in this case is {groups}",
        )
    return groups


def check_groups(groups: int) -> None:
    """ERANGE where a pool cannot have so many groups."""
    if not 0 < groups <= MAX_PGS:
        raise Refusal(
            errno.ERANGE,
            f"'pg_num' must be greater than 0 and less than or equal to {MAX_PGS}"
            " (you may adjust 'mon max pool pg num' for higher values)",
        )


def check_load(world: World, map_: Document, pool: Document) -> None:
    """ERANGE where the map's pools together would give the OSDs too many groups to hold."""
    limit = int(value_for(world, "mon", "mon_max_pg_per_osd"))
    osds = sum(osd["in"] for osd in map_["osds"])
    total = sum(other["pg_num"] * other["size"] for other in map_["pools"])
    if total > limit * osds:
        raise Refusal(
            errno.ERANGE,
            f"pg_num {pool['pg_num']} size {pool['size']} would mean {total} total pgs, which"
            f" exceeds max {limit * osds} (mon_max_pg_per_osd {limit} * num_in_osds {osds})",
        )


def check_size(copies: int) -> None:
    """EINVAL where a replicated pool cannot have so many copies."""
    if not 0 < copies <= 10:
        raise Refusal(errno.EINVAL, "pool size must be between 1 and 10")


def check_autoscale(mode: str) -> None:
    """EINVAL for a word that is no mode of the autoscaler."""
    if mode not in ("on", "off", "warn"):
        raise Refusal(errno.EINVAL, f"specified invalid mode {mode}")


def _blank(world: World, map_: Document, number: int, name: str, groups: int) -> Document:
    """A new pool in the shape of those that were captured."""
    empty: dict[type, Any] = {int: 0, str: "", bool: False, list: [], dict: {}, float: 0.0}
    shape = world.pool_shape
    pool = {key: shape[key] if key in _KEPT else empty[type(shape[key])] for key in shape}
    epoch = str(map_["epoch"])
    pool.update(
        pool=number, pool_name=name, create_time=map_["modified"], last_change=epoch,
        pg_num=groups, pg_placement_num=groups, pg_num_target=groups,
        pg_placement_num_target=groups, pg_num_pending=groups, options={}, tiers=[],
        application_metadata={}, tier_of=-1, read_tier=-1, write_tier=-1, cache_mode="none",
        pg_autoscale_mode=value_for(world, "mon", "osd_pool_default_pg_autoscale_mode"),
        removed_snaps="[]", hit_set_params={"type": "none"},
    )  # fmt: skip
    set_flag(pool, "hashpspool", on=True)
    return pool


_KEPT = frozenset(
    (
        "object_hash", "snap_mode", "use_gmt_hitset", "last_pg_merge_meta",
        "cache_target_dirty_ratio_micro", "cache_target_dirty_high_ratio_micro",
        "cache_target_full_ratio_micro", "peering_crush_bucket_mandatory_member",
        "last_force_op_resend", "last_force_op_resend_prenautilus",
        "last_force_op_resend_preluminous",
    )
)  # fmt: skip


def _replicated(world: World, pool: Document, rule: str, copies: int) -> None:
    copies = copies or int(value_for(world, "mon", "osd_pool_default_size"))
    check_size(copies)
    least = int(value_for(world, "mon", "osd_pool_default_min_size")) or copies - copies // 2
    pool.update(type=REPLICATED, size=copies, min_size=min(least, copies))
    if rule:
        what = f"specified rule {rule} doesn't exist"
        pool["crush_rule"] = rule_named(world, rule, what=what)["rule_id"]
        return
    first = next((r for r in world.crush["rules"] if r["type"] == REPLICATED), None)
    if first is None:
        raise Refusal(errno.ENOENT, "there is no replicated crush rule; create one first")
    pool["crush_rule"] = first["rule_id"]


def _erasure(world: World, pool: Document, profile: str, rule: str) -> None:
    settings = profile_named(world, profile)
    k, m = int(settings["k"]), int(settings["m"])
    unit = int(value_for(world, "mon", "osd_pool_erasure_code_stripe_unit"))
    pool.update(
        type=ERASURE, size=k + m, min_size=k + min(1, m - 1) if m > 1 else k,
        erasure_code_profile=profile, stripe_width=k * unit,
    )  # fmt: skip
    rules = {r["rule_name"]: r for r in world.crush["rules"]}
    if rule and rule not in rules:
        raise Refusal(errno.ENOENT, f"specified rule {rule} doesn't exist")
    fitting = [r for r in world.crush["rules"] if r["type"] == ERASURE]
    if not rule and not fitting:
        raise Refusal(
            errno.ENOTSUP,
            "the embedded cluster has no erasure crush rule to use; name one that exists",
        )
    pool["crush_rule"] = rules[rule]["rule_id"] if rule else fitting[0]["rule_id"]


def _options(pool: Document, args: Args) -> None:
    if args.has("autoscale_mode"):
        check_autoscale(args.text("autoscale_mode"))
        pool["pg_autoscale_mode"] = args.text("autoscale_mode")
    for key in ("pg_num_min", "pg_num_max", "target_size_bytes"):
        if args.number(key, 0):
            pool["options"][key] = args.number(key)
    if args.has("target_size_ratio"):
        pool["options"]["target_size_ratio"] = args.decimal("target_size_ratio")
    if args.flag("bulk"):
        set_flag(pool, "bulk", on=True)


def _rm(world: World, args: Args) -> Reply:
    name = args.text("pool")
    if not any(pool["pool_name"] == name for pool in world.osd_map["pools"]):
        return done(f"pool '{name}' does not exist")
    sure = args.flag(VERY_SURE) or args.flag(f"{VERY_SURE}_not_faking")
    if args.text("pool2", "") != name or not sure:
        raise Refusal(
            errno.EPERM,
            f"WARNING: this will *PERMANENTLY DESTROY* all data stored in pool {name}."
            "  If you are *ABSOLUTELY CERTAIN* that is what you want, pass the pool name *twice*,"
            " followed by --yes-i-really-really-mean-it.",
        )
    if value_for(world, world.monitor(), "mon_allow_pool_delete") != "true":
        raise Refusal(
            errno.EPERM,
            "pool deletion is disabled; you must first set the mon_allow_pool_delete config option"
            " to true before you can destroy a pool",
        )
    change, map_ = drafted(world)
    pool = pool_in(map_, name)
    _unused(world, pool)
    map_["pools"] = [other for other in map_["pools"] if other["pool_name"] != name]
    prefix = f"{pool['pool']}."
    for key in ("pg_upmap_items", "pg_temp", "pg_upmap", "primary_temp"):
        map_[key] = [entry for entry in map_[key] if not entry["pgid"].startswith(prefix)]
    return done(f"pool '{name}' removed", change)


def _unused(world: World, pool: Document) -> None:
    name, number = pool["pool_name"], pool["pool"]
    if "nodelete" in pool["flags_names"].split(","):
        raise Refusal(
            errno.EPERM,
            f"pool deletion is disabled; you must unset nodelete flag for pool {name} first",
        )
    for entry in world.documents["fs_map"]["filesystems"]:
        if number in (entry["mdsmap"]["metadata_pool"], *entry["mdsmap"]["data_pools"]):
            raise Refusal(errno.EBUSY, f"pool '{name}' is in use by CephFS")


def _rename(world: World, args: Args) -> Reply:
    old, new = args.text("srcpool"), args.text("destpool")
    change, map_ = drafted(world)
    pool = pool_in(map_, old)
    if any(other["pool_name"] == new for other in map_["pools"]):
        raise Refusal(errno.EEXIST, f"pool '{new}' already exists")
    pool.update(pool_name=new, last_change=str(map_["epoch"]))
    return done(f"pool '{old}' renamed to '{new}'", change)


def _application_enable(world: World, args: Args) -> Reply:
    name, app = args.text("pool"), args.text("app")
    change, map_ = drafted(world)
    pool = pool_in(map_, name)
    others = set(pool["application_metadata"]) - {app}
    if others and not args.flag(SURE):
        raise Refusal(
            errno.EPERM,
            f"Are you SURE? Pool '{name}' already has an enabled application;"
            " pass --yes-i-really-mean-it to proceed anyway",
        )
    pool["application_metadata"].setdefault(app, {})
    pool["last_change"] = str(map_["epoch"])
    return done(f"enabled application '{app}' on pool '{name}'", change)


def _application_disable(world: World, args: Args) -> Reply:
    name, app = args.text("pool"), args.text("app")
    change, map_ = drafted(world)
    pool = pool_in(map_, name)
    if not args.flag(SURE):
        raise Refusal(
            errno.EPERM,
            "Are you SURE? Disabling an application within a pool might result in loss of"
            " application functionality; pass --yes-i-really-mean-it to proceed anyway",
        )
    if pool["application_metadata"].pop(app, None) is None:
        return done(f"application '{app}' is not enabled on pool '{name}'")
    pool["last_change"] = str(map_["epoch"])
    return done(f"disable application '{app}' on pool '{name}'", change)


def profile_named(world: World, name: str) -> dict[str, str]:
    """The erasure-code profile `name`; ENOENT where there is none."""
    found: dict[str, str] | None = world.osd_map["erasure_code_profiles"].get(name)
    if found is None:
        raise Refusal(errno.ENOENT, f"unknown erasure code profile '{name}'")
    return found


COMMANDS = {
    "osd pool create": _create,
    "osd pool rm": _rm,
    "osd pool delete": _rm,
    "osd pool rename": _rename,
    "osd pool application enable": _application_enable,
    "osd pool application disable": _application_disable,
}
