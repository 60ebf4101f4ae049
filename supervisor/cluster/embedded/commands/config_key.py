"""`config-key ...`: the key-value store that modules and operators share."""

import errno

from supervisor.cluster.embedded.answers import Args, Change, Refusal, Reply, done, show
from supervisor.cluster.embedded.world import World


LIMIT = 65536  # mon_config_key_max_entry_size


def set_key(key: str, value: str | None) -> Reply:
    """Set or remove a key; EFBIG beyond the monitors' limit on a value."""
    if value is None:
        return done("key deleted", Change(keys={key: None}))
    if len(value.encode(errors="surrogatepass")) > LIMIT:
        raise Refusal(
            errno.EFBIG,
            f"error: entry size limited to {LIMIT} bytes."
            " Use 'mon config key max entry size' to manually adjust",
        )
    return done(f"set {key}", Change(keys={key: value}))


def _set(_: World, args: Args) -> Reply:
    key = args.text("key")
    if args.has("val"):
        return set_key(key, args.text("val"))
    try:
        return set_key(key, args.inbuf.decode())
    except UnicodeDecodeError:
        raise Refusal(
            errno.EINVAL, f"the value for {key} is not text: the embedded cluster stores UTF-8 only"
        ) from None


def _get(world: World, args: Args) -> Reply:
    key = args.text("key")
    if key not in world.keys:
        raise Refusal(errno.ENOENT, f"key '{key}' doesn't exist")
    return Reply(world.keys[key].encode())


def _rm(_: World, args: Args) -> Reply:
    return set_key(args.text("key"), None)


def _exists(world: World, args: Args) -> Reply:
    key = args.text("key")
    if key not in world.keys:
        raise Refusal(errno.ENOENT, f"key '{key}' doesn't exist")
    return done(f"key '{key}' exists")


def _ls(world: World, args: Args) -> Reply:
    return show(args, sorted(world.keys))


def _dump(world: World, args: Args) -> Reply:
    prefix = args.text("key", "")
    return show(args, {k: v for k, v in sorted(world.keys.items()) if k.startswith(prefix)})


COMMANDS = {
    "config-key set": _set,
    "config-key get": _get,
    "config-key rm": _rm,
    "config-key del": _rm,
    "config-key exists": _exists,
    "config-key ls": _ls,
    "config-key dump": _dump,
}
