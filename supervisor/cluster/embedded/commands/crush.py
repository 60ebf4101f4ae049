"""`osd crush ...`: rules and weight sets."""

import errno
from typing import Any

from supervisor.cluster.embedded.answers import Args, Refusal, Reply, done, finite, osd_id, show
from supervisor.cluster.embedded.world import World


def rule_named(
    world: World, name: str, number: int = errno.ENOENT, what: str = ""
) -> dict[str, Any]:
    """The rule `name`; refuses with `number` where there is none."""
    for rule in world.crush["rules"]:
        if rule["rule_name"] == name:
            found: dict[str, Any] = rule
            return found
    raise Refusal(number, what or f"unknown crush rule '{name}'")


def _dump(world: World, args: Args) -> Reply:
    return show(args, world.crush)


def _rule_ls(world: World, args: Args) -> Reply:
    names = [rule["rule_name"] for rule in world.crush["rules"]]
    return show(args, names, "\n".join(names))


def _rule_dump(world: World, args: Args) -> Reply:
    if args.has("name"):
        return show(args, rule_named(world, args.text("name")))
    return show(args, world.crush["rules"])


def _create_replicated(world: World, args: Args) -> Reply:
    name, root, kind = args.text("name"), args.text("root"), args.text("type")
    if any(rule["rule_name"] == name for rule in world.crush["rules"]):
        return done(f"rule {name} already exists")
    wanted = f"{root}~{args.text('class')}" if args.has("class") else root
    buckets = {bucket["name"]: bucket["id"] for bucket in world.crush["buckets"]}
    if root not in buckets:
        raise Refusal(errno.ENOENT, f"root item {root} does not exist")
    if wanted not in buckets:
        raise Refusal(errno.EINVAL, f"root {root} has no devices with class {args.text('class')}")
    if kind not in {entry["name"] for entry in world.crush["types"]}:
        raise Refusal(errno.EINVAL, f"unknown type {kind}")
    change = world.draft_crush()
    assert change.crush is not None
    rules = change.crush["rules"]
    number = max((rule["rule_id"] for rule in rules), default=-1) + 1
    choose = "choose_firstn" if kind == "osd" else "chooseleaf_firstn"
    rules.append({
        "rule_id": number, "rule_name": name, "ruleset": number, "type": 1, "min_size": 1,
        "max_size": 10,
        "steps": [
            {"op": "take", "item": buckets[wanted], "item_name": wanted},
            {"op": choose, "num": 0, "type": kind},
            {"op": "emit"},
        ],
    })  # fmt: skip
    return done(change=change)


def _rule_rm(world: World, args: Args) -> Reply:
    name = args.text("name")
    found = [rule for rule in world.crush["rules"] if rule["rule_name"] == name]
    if not found:
        return done(f"rule {name} does not exist")
    number = found[0]["rule_id"]
    if any(pool["crush_rule"] == number for pool in world.osd_map["pools"]):
        raise Refusal(errno.EBUSY, f"crush ruleset {name} {number} is in use")
    change = world.draft_crush()
    assert change.crush is not None
    change.crush["rules"] = [rule for rule in change.crush["rules"] if rule["rule_name"] != name]
    return done(change=change)


COMPAT = "-1"  # key of the weight set that all pools share


def _create_compat(world: World, _: Args) -> Reply:
    if COMPAT in world.crush["choose_args"]:
        return done()
    change = world.draft_crush()
    assert change.crush is not None
    change.crush["choose_args"][COMPAT] = [
        {
            "bucket_id": bucket["id"],
            "weight_set": [[item["weight"] / 0x10000 for item in bucket["items"]]],
        }
        for bucket in change.crush["buckets"]
    ]
    return done(change=change)


def _reweight_compat(world: World, args: Args) -> Reply:
    item = args.text("item")
    number = osd_id(item)
    if number not in {device["id"] for device in world.crush["devices"]}:
        raise Refusal(errno.ENOENT, f"item '{item}' does not exist")
    if COMPAT not in world.crush["choose_args"]:
        raise Refusal(errno.ENOENT, "no compat weight-set; create one with create-compat")
    weights = args.words("weight")
    try:
        weight = finite(float(weights[0]))
    except (IndexError, ValueError):
        raise Refusal(errno.EINVAL, "give the weight as a number") from None
    change = world.draft_crush()
    assert change.crush is not None
    buckets = {bucket["id"]: bucket for bucket in change.crush["buckets"]}
    for entry in change.crush["choose_args"][COMPAT]:
        for position, child in enumerate(buckets[entry["bucket_id"]]["items"]):
            if child["id"] == number:
                entry["weight_set"][0][position] = weight
    return done(change=change)


def _rm_compat(world: World, _: Args) -> Reply:
    if COMPAT not in world.crush["choose_args"]:
        return done()
    change = world.draft_crush()
    assert change.crush is not None
    del change.crush["choose_args"][COMPAT]
    return done(change=change)


def _classes(world: World, args: Args) -> Reply:
    return show(
        args, sorted({device["class"] for device in world.crush["devices"] if "class" in device})
    )


COMMANDS = {
    "osd crush dump": _dump,
    "osd crush class ls": _classes,
    "osd crush rule ls": _rule_ls,
    "osd crush rule list": _rule_ls,
    "osd crush rule dump": _rule_dump,
    "osd crush rule create-replicated": _create_replicated,
    "osd crush rule rm": _rule_rm,
    "osd crush weight-set create-compat": _create_compat,
    "osd crush weight-set reweight-compat": _reweight_compat,
    "osd crush weight-set rm-compat": _rm_compat,
}
