"""`config ...`: the configuration database."""

import errno
from typing import Any

from supervisor.cluster.embedded.answers import Args, Change, Refusal, Reply, done, show
from supervisor.cluster.embedded.configdb import TYPES, Setting, section_of, text_of
from supervisor.cluster.embedded.texttable import table
from supervisor.cluster.embedded.world import World


def set_option(world: World, who: str, name: str, value: str | None) -> Reply:
    """Set `name` in section `who`; None removes it."""
    section = section_of(who)
    if value is None:
        return done(change=Change(config={(section, name): None}))
    return done(change=Change(config={(section, name): world.config.normalise(name, value)}))


def _set(world: World, args: Args) -> Reply:
    return set_option(world, args.text("who"), args.text("name"), args.text("value"))


def _rm(world: World, args: Args) -> Reply:
    return set_option(world, args.text("who"), args.text("name"), None)


def _places(world: World, entity: str) -> dict[str, str]:
    """Class and host of a daemon, for sections with a mask."""
    kind, _, identity = entity.partition(".")
    found = {}
    metadata = world.documents["_metadata"].get(kind, {}).get(identity, {})
    if "hostname" in metadata:
        found["host"] = metadata["hostname"]
    for device in world.crush["devices"]:
        if device["name"] == entity:
            found["class"] = device.get("class", "")
    return found


def value_for(world: World, entity: str, name: str) -> str:
    """The value that `entity` uses; ENOENT for an unknown option."""
    declared = world.config.declaration(name)
    if declared is None:
        raise Refusal(errno.ENOENT, f"unrecognized key '{name}'")
    found = world.config.effective(entity, _places(world, entity)).get(name)
    if found:
        return found.value
    if name.startswith("mgr/"):
        return str(declared["default_value"])
    daemon = declared.get("daemon_default")
    return text_of(declared["default"] if daemon in (None, "") else daemon)


def _get(world: World, args: Args) -> Reply:
    who = args.text("who")
    if who.partition(".")[0] not in TYPES:
        raise Refusal(errno.EINVAL, f"unrecognized entity '{who}'")
    if args.has("key"):
        value = value_for(world, who, args.text("key"))
        # Bare text in JSON too, as a monitor of 16.2.15 answers.
        return Reply(value.encode() + b"\n")
    settings = sorted(
        world.config.effective(who, _places(world, who)).values(), key=lambda s: s.name
    )
    data = {
        s.name: {
            "value": s.value,
            "section": s.section,
            "mask": _mask(s),
            "can_update_at_runtime": world.config.runtime(s.name),
        }
        for s in settings
    }
    return show(args, data, _table(world, settings, indent=False))


def _mask(setting: Setting) -> dict[str, str]:
    kind, _, value = setting.mask.partition(":")
    return {{"class": "device_class"}.get(kind, kind): value} if kind else {}


def _dump(world: World, args: Args) -> Reply:
    settings = list(world.config.settings())
    data = [
        {
            "section": s.section,
            "name": s.name,
            "value": s.value,
            "level": world.config.level(s.name),
            "can_update_at_runtime": world.config.runtime(s.name),
            "mask": s.mask,
        }
        for s in settings
    ]
    return show(args, data, _table(world, settings, indent=True))


def _table(world: World, settings: list[Setting], *, indent: bool) -> str:
    return table(
        ("WHO", "MASK", "LEVEL", "OPTION", "VALUE", "RO"),
        [
            (
                ("  " * s.depth if indent else "") + s.section,
                s.mask,
                world.config.level(s.name),
                s.name,
                s.value,
                "" if world.config.runtime(s.name) else "*",
            )
            for s in settings
        ],
    )


def _ls(world: World, args: Args) -> Reply:
    names = list(world.config.options)
    names += [
        f"mgr/{m}/{o}" for m, options in sorted(world.config.modules.items()) for o in options
    ]
    return show(args, names, "\n".join(names))


def _help(world: World, args: Args) -> Reply:
    name = args.text("key")
    declared = world.config.declaration(name)
    if declared is None:
        raise Refusal(errno.ENOENT, f"unrecognized key '{name}'")
    lines = [f"{name} - {declared['desc']}", f"  ({declared['type']}, {declared['level']})"]
    default = declared.get("default", declared.get("default_value", ""))
    lines.append(f"  Default: {text_of(default)}")
    allowed = declared.get("enum_values", declared.get("enum_allowed", ()))
    if allowed:
        lines.append(f"  Possible values:  {' '.join(allowed)}")
    if declared["min"] != "" or declared["max"] != "":
        lines.append(f"  Minimum: {declared['min']}\n  Maximum: {declared['max']}")
    lines.append(f"  Can update at runtime: {str(world.config.runtime(name)).lower()}")
    if declared["see_also"]:
        lines.append(f"  See also: [{','.join(declared['see_also'])}]")
    if declared["long_desc"]:
        lines += ["", declared["long_desc"]]
    data: dict[str, Any] = {**declared, "name": name}
    return show(args, data, "\n".join(lines))


COMMANDS = {
    "config set": _set,
    "config rm": _rm,
    "config get": _get,
    "config dump": _dump,
    "config ls": _ls,
    "config help": _help,
}
