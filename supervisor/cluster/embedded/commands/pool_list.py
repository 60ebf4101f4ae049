"""Commands that show pools, their quotas and the erasure-code profiles."""

import errno
from typing import Any

from supervisor.cluster.embedded.answers import Args, Refusal, Reply, show
from supervisor.cluster.embedded.commands.pool import ERASURE, pool_in, profile_named
from supervisor.cluster.embedded.texttable import size
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]


def pool_line(pool: Document) -> str:
    """One pool as `osd dump` and `osd pool ls detail` print it."""
    profile = pool["erasure_code_profile"]
    kind = f"erasure profile {profile}" if pool["type"] == ERASURE else "replicated"
    parts = [
        f"pool {pool['pool']} '{pool['pool_name']}' {kind} size {pool['size']}",
        f"min_size {pool['min_size']} crush_rule {pool['crush_rule']} object_hash rjenkins",
        f"pg_num {pool['pg_num']} pgp_num {pool['pg_placement_num']}",
        f"autoscale_mode {pool['pg_autoscale_mode']} last_change {pool['last_change']}",
        f"flags {pool['flags_names']}",
    ]
    parts += [
        f"{key} {pool[f'quota_{key}']}"
        for key in ("max_objects", "max_bytes")
        if pool[f"quota_{key}"]
    ]
    parts.append(f"stripe_width {pool['stripe_width']}")
    parts += [
        f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in pool["options"].items()
    ]
    if pool["application_metadata"]:
        parts.append(f"application {','.join(pool['application_metadata'])}")
    return " ".join(parts)


def _ls(world: World, args: Args) -> Reply:
    pools = world.osd_map["pools"]
    if args.text("detail", "") != "detail":
        names = [pool["pool_name"] for pool in pools]
        return show(args, names, "\n".join(names))
    data = [
        {"pool_id" if key == "pool" else key: value for key, value in pool.items()}
        for pool in pools
    ]
    return show(args, data, "\n".join(pool_line(pool) for pool in pools))


def _lspools(world: World, args: Args) -> Reply:
    data = [{"poolnum": p["pool"], "poolname": p["pool_name"]} for p in world.osd_map["pools"]]
    return show(args, data, "\n".join(f"{p['poolnum']} {p['poolname']}" for p in data))


def _application_get(world: World, args: Args) -> Reply:
    if not args.has("pool"):
        return show(
            args, {p["pool_name"]: p["application_metadata"] for p in world.osd_map["pools"]}
        )
    name = args.text("pool")
    data: Any = pool_in(world.osd_map, name)["application_metadata"]
    for word in ("app", "key"):
        if args.has(word):
            if args.text(word) not in data:
                raise Refusal(errno.ENOENT, f"pool '{name}' has no {word} '{args.text(word)}'")
            data = data[args.text(word)]
    return show(args, data)


def _get_quota(world: World, args: Args) -> Reply:
    name = args.text("pool")
    pool = pool_in(world.osd_map, name)
    used = next(p["stats"] for p in world.documents["df"]["pools"] if p["id"] == pool["pool"])
    data = {
        "pool_name": name, "pool_id": pool["pool"], "quota_max_objects": pool["quota_max_objects"],
        "current_num_objects": used["objects"], "quota_max_bytes": pool["quota_max_bytes"],
        "current_num_bytes": used["stored"],
    }  # fmt: skip
    objects, room = data["quota_max_objects"], data["quota_max_bytes"]
    plain = (
        f"quotas for pool '{name}':\n  max objects: "
        + (
            f"{objects} objects  (current num objects: {used['objects']} objects)"
            if objects
            else "N/A"
        )
        + "\n  max bytes  : "
        + (f"{size(room)}  (current num bytes: {used['stored']} bytes)" if room else "N/A")
    )
    return show(args, data, plain)


def _profile_ls(world: World, args: Args) -> Reply:
    names = sorted(world.osd_map["erasure_code_profiles"])
    return show(args, names, "\n".join(names))


def _profile_get(world: World, args: Args) -> Reply:
    data = profile_named(world, args.text("name"))
    return show(args, data, "\n".join(f"{key}={value}" for key, value in data.items()))


COMMANDS = {
    "osd pool ls": _ls,
    "osd lspools": _lspools,
    "osd pool application get": _application_get,
    "osd pool get-quota": _get_quota,
    "osd erasure-code-profile ls": _profile_ls,
    "osd erasure-code-profile get": _profile_get,
}
