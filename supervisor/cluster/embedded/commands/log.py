"""`log`: write to the cluster log, and read it."""

import errno

from supervisor.cluster.embedded import clog
from supervisor.cluster.embedded.answers import Args, Change, Refusal, Reply, done, show
from supervisor.cluster.embedded.world import World


def _log(_: World, args: Args) -> Reply:
    text = args.text("logtext")
    return done(change=Change(log=[("client.admin", "cluster", clog.INFO, text)]))


def _last(world: World, args: Args) -> Reply:
    level = args.text("level", "info")
    if level not in clog.NAMES:
        raise Refusal(errno.EINVAL, f"level '{level}' is not one of {', '.join(clog.NAMES)}")
    count = args.number("num", 20)
    entries = world.log.last(count, clog.NAMES[level], args.text("channel", "cluster"))
    return show(args, entries, "\n".join(map(clog.line, entries)))


COMMANDS = {"log": _log, "log last": _last}
