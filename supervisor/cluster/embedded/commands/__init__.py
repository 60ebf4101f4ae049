"""The monitor commands that the embedded cluster answers: a table a file, a function a command."""

import errno
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from supervisor.cluster.embedded.answers import Args, Refusal, Reply
from supervisor.cluster.embedded.commands import (
    config,
    config_key,
    crush,
    daemon,
    device,
    df,
    fs,
    health,
    log,
    mon,
    osd,
    osd_df,
    osd_list,
    pg,
    pool,
    pool_list,
    pool_set,
    status,
)
from supervisor.cluster.embedded.commands.config import set_option
from supervisor.cluster.embedded.commands.config_key import set_key
from supervisor.cluster.embedded.world import World


Command = Callable[[World, Args], Reply]
_ROOMS = (
    config, config_key, crush, device, df, fs, health, log, mon, osd, osd_df, osd_list, pg, pool,
    pool_list, pool_set, status,
)  # fmt: skip
TABLE: Mapping[str, Command] = {
    prefix: command for room in _ROOMS for prefix, command in room.COMMANDS.items()
}


def run(world: World, service: tuple[str, str], command: Mapping[str, Any], args: Args) -> Reply:
    """Answer one command; raises Refusal."""
    prefix = command.get("prefix")
    if not isinstance(prefix, str):
        raise Refusal(errno.EINVAL, "a command is a JSON object with a text 'prefix'")
    kind, identity = service
    if kind != "mon" or identity:
        return daemon.run(world, kind, identity, prefix, args)
    answer = TABLE.get(prefix)
    if answer is None:
        if any(_prefix(entry) == prefix for entry in world.documents["_mon_commands"]):
            raise Refusal(errno.EINVAL, f"the embedded cluster does not serve '{prefix}'")
        raise Refusal(errno.EINVAL, "command not known")  # a monitor's own words
    return answer(world, args)


def descriptors(captured: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the captured monitor says of the commands that are answered here."""
    found = []
    for entry in captured:
        if _prefix(entry) in TABLE:
            cmd = " ".join(map(_part, entry["sig"]))
            found.append({"cmd": cmd, "desc": entry["help"], "perm": entry["perm"]})
    return found


def _prefix(entry: Mapping[str, Any]) -> str:
    return " ".join(word for word in entry["sig"] if isinstance(word, str))


def _part(part: str | Mapping[str, Any]) -> str:
    if isinstance(part, str):
        return part
    head = {"name": part["name"], "type": part["type"]}
    return ",".join(f"{key}={value}" for key, value in {**head, **part}.items())


__all__ = ["TABLE", "descriptors", "run", "set_key", "set_option"]
