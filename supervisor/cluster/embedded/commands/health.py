"""`health` and its mutes."""

from collections.abc import Mapping
from typing import Any

from supervisor.cluster.embedded import health
from supervisor.cluster.embedded.answers import Args, Change, Reply, done, show
from supervisor.cluster.embedded.world import World


_TAGS = {"HEALTH_WARN": "WRN", "HEALTH_ERR": "ERR", "HEALTH_OK": "OK"}


def _health(world: World, args: Args) -> Reply:
    state = world.health
    detailed = args.text("detail", "") == "detail"
    if detailed:
        return show(args, state, _detail(world))
    checks = {
        code: {key: value for key, value in entry.items() if key != "detail"}
        for code, entry in state["checks"].items()
    }
    return show(args, {**state, "checks": checks}, health.one_line(state, world.now()))


def _detail(world: World) -> str:
    lines = [health.one_line(world.health, world.now())]
    mutes = {mute["code"]: mute for mute in world.health["mutes"]}
    for code, entry in world.health["checks"].items():
        muted = _muted(world, mutes[code]) if entry["muted"] else ""
        message = entry["summary"]["message"]
        lines.append(f"{muted}[{_TAGS[entry['severity']]}] {code}: {message}")
        lines += [f"    {detail['message']}" for detail in entry["detail"]]
    return "\n".join(lines)


def _muted(world: World, mute: Mapping[str, Any]) -> str:
    left = health.left(mute, world.now())
    ttl, sticky = f" ttl {left}" if left else "", ", STICKY" if mute["sticky"] else ""
    return f"(MUTED{ttl}{sticky}) "


def _mute(world: World, args: Args) -> Reply:
    code = args.text("code")
    mute = health.silenced(
        world.health, code, args.text("ttl", ""), args.flag("sticky"), world.now()
    )
    others = [entry for entry in world.mutes if entry["code"] != code]
    return done(change=Change(mutes=[*others, mute]))


def _unmute(world: World, args: Args) -> Reply:
    code = args.text("code", "")
    kept = [entry for entry in world.mutes if code and entry["code"] != code]
    return done(change=Change(mutes=kept))


COMMANDS = {"health": _health, "health mute": _mute, "health unmute": _unmute}
