"""`osd pool get`, `osd pool set`, `osd pool set-quota`: one table of the variables of a pool."""

import errno
from collections.abc import Callable
from typing import Any

from supervisor.cluster.embedded.answers import Args, Refusal, Reply, done, finite, fitting, show
from supervisor.cluster.embedded.commands.crush import rule_named
from supervisor.cluster.embedded.commands.osd import drafted
from supervisor.cluster.embedded.commands.pool import (
    ERASURE,
    SURE,
    check_autoscale,
    check_groups,
    check_load,
    check_size,
    pool_in,
    set_flag,
)
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]
Setter = Callable[[World, Document, str, Args], None]
_TRUE, _FALSE = ("true", "1"), ("false", "0")
UNITS = "KMGTPE"  # each a step of 1024, or of 1000, above the one before
FLAGS = (
    "hashpspool", "nodelete", "nopgchange", "nosizechange", "write_fadvise_dontneed", "noscrub",
    "nodeep-scrub", "bulk",
)  # fmt: skip
COUNTS = ("pg_num_min", "pg_num_max")
PRIORITIES = ("recovery_priority", "recovery_op_priority", "scrub_priority")
SIZES = ("target_size_bytes", "compression_max_blob_size", "compression_min_blob_size")
DECIMALS = (
    "target_size_ratio", "pg_autoscale_bias", "scrub_min_interval", "scrub_max_interval",
    "deep_scrub_interval", "compression_required_ratio",
)  # fmt: skip
CHOICES = {
    "compression_mode": ("none", "passive", "aggressive", "force"),
    "compression_algorithm": ("none", "snappy", "zlib", "zstd", "lz4"),
}


def whole(text: str) -> int:
    """A whole number; EINVAL otherwise."""
    try:
        return fitting(int(text))
    except ValueError:
        raise Refusal(
            errno.EINVAL,
            f"error parsing integer value '{text}':"
            f" Expected option value to be integer, got '{text}'",
        ) from None


def octets(text: str) -> int:
    """A size such as `10G`; EINVAL otherwise."""
    return _scaled(text, text.strip().rstrip("iB").upper(), 2**10)


def figures(text: str) -> int:
    """A count such as `10K`, which is 10000; EINVAL otherwise."""
    return _scaled(text, text.strip(), 10**3)


def _scaled(text: str, digits: str, step: int) -> int:
    power = UNITS.index(digits[-1]) + 1 if digits[-1:] in tuple(UNITS) else 0
    number = digits[:-1] if power else digits
    if not number.isascii() or not number.isdigit():
        raise Refusal(
            errno.EINVAL, f"error parsing value '{text}': give a number, or one with K, M, G, T"
        )
    return fitting(int(number) * step**power)


def decimal(text: str) -> float:
    """A number; EINVAL otherwise."""
    try:
        return finite(float(text))
    except ValueError:
        raise Refusal(
            errno.EINVAL,
            f"error parsing floating point value '{text}': strict_strtod: expected double,"
            f" got: '{text}'",
        ) from None


def _natural(text: str) -> int:
    if whole(text) < 0:
        raise Refusal(errno.EINVAL, f"{text} is negative")
    return whole(text)


def _positive(text: str) -> float:
    if decimal(text) < 0:
        raise Refusal(errno.EINVAL, f"{text} is negative")
    return decimal(text)


def truth(text: str) -> bool:
    """true, false, 1 or 0; EINVAL otherwise."""
    if text.lower() in (*_TRUE, *_FALSE):
        return text.lower() in _TRUE
    raise Refusal(errno.EINVAL, "expecting value 'true', 'false', '0', or '1'")


def _size(_: World, pool: Document, text: str, args: Args) -> None:
    copies = whole(text)
    if pool["type"] == ERASURE:
        raise Refusal(errno.ENOTSUP, "can not change the size of an erasure-coded pool")
    check_size(copies)
    if copies == 1 and not args.flag(SURE):
        raise Refusal(
            errno.EPERM,
            "WARNING: setting pool size 1 could lead to data loss without recovery. If you are"
            " *ABSOLUTELY CERTAIN* that is what you want, pass the flag --yes-i-really-mean-it.",
        )
    _allowed(pool, "nosizechange")
    pool.update(size=copies, min_size=min(pool["min_size"], copies))


def _allowed(pool: Document, flag: str) -> None:
    if flag in pool["flags_names"].split(","):
        raise Refusal(errno.EPERM, f"pool has flag {flag}; unset it first")


def _min_size(_: World, pool: Document, text: str, __: Args) -> None:
    least, size = whole(text), pool["size"]
    if not 1 <= least <= size:
        raise Refusal(
            errno.EINVAL, f"pool min_size must be between 1 and size, which is set to {size}"
        )
    pool["min_size"] = least


def _pg_num(_: World, pool: Document, text: str, __: Args) -> None:
    groups = whole(text)
    check_groups(groups)
    _allowed(pool, "nopgchange")
    # A real manager splits or merges step by step towards the target; here it is reached at once.
    for key in ("pg_num", "pg_num_target", "pg_num_pending", "pg_placement_num",
                "pg_placement_num_target"):  # fmt: skip
        pool[key] = groups


def _pgp_num(_: World, pool: Document, text: str, __: Args) -> None:
    groups = whole(text)
    if not 0 < groups <= pool["pg_num_target"]:
        raise Refusal(errno.EINVAL, f"specified pgp_num {groups} > pg_num {pool['pg_num_target']}")
    pool.update(pg_placement_num=groups, pg_placement_num_target=groups)


def _crush_rule(world: World, pool: Document, text: str, _: Args) -> None:
    rule = rule_named(world, text, what=f"crush rule {text} does not exist")
    if rule["type"] != pool["type"]:
        raise Refusal(errno.EINVAL, f"crush rule {text} type does not match pool")
    pool["crush_rule"] = rule["rule_id"]


def _autoscale(_: World, pool: Document, text: str, __: Args) -> None:
    check_autoscale(text)
    pool["pg_autoscale_mode"] = text


def _fast_read(_: World, pool: Document, text: str, __: Args) -> None:
    pool["fast_read"] = truth(text)


def _flag(name: str) -> Setter:
    def setter(_: World, pool: Document, text: str, __: Args) -> None:
        set_flag(pool, name, on=truth(text))

    return setter


def _option(name: str, parse: Callable[[str], Any]) -> Setter:
    def setter(_: World, pool: Document, text: str, __: Args) -> None:
        value = parse(text)
        # Zero and "unset" mean that the cluster's own setting counts again.
        if value in (0, "unset"):
            pool["options"].pop(name, None)
        else:
            pool["options"][name] = value

    return setter


def _choice(name: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in (*CHOICES[name], "unset"):
            raise Refusal(errno.EINVAL, f"'{text}' is not one of {', '.join(CHOICES[name])}, unset")
        return text

    return parse


SETTERS: dict[str, Setter] = {
    "size": _size,
    "min_size": _min_size,
    "pg_num": _pg_num,
    "pgp_num": _pgp_num,
    "crush_rule": _crush_rule,
    "pg_autoscale_mode": _autoscale,
    "fast_read": _fast_read,
    **{name: _flag(name) for name in FLAGS},
    **{name: _option(name, _natural) for name in COUNTS},
    **{name: _option(name, whole) for name in PRIORITIES},
    **{name: _option(name, octets) for name in SIZES},
    **{name: _option(name, _positive) for name in DECIMALS},
    **{name: _option(name, _choice(name)) for name in CHOICES},
}


def _set(world: World, args: Args) -> Reply:
    variable, value = args.text("var"), args.text("val")
    change, map_ = drafted(world)
    pool = pool_in(map_, args.text("pool"))
    setter = SETTERS.get(variable)
    if setter is None:
        raise Refusal(
            errno.EINVAL,
            f"the embedded cluster does not know the pool variable '{variable}'; a real Ceph may."
            f" It knows {', '.join(sorted(SETTERS))}",
        )
    setter(world, pool, value, args)
    if variable in ("size", "pg_num"):
        check_load(world, map_, pool)
    pool["last_change"] = str(map_["epoch"])
    return done(f"set pool {pool['pool']} {variable} to {value}", change)


def _values(world: World, pool: Document) -> Document:
    rules = {rule["rule_id"]: rule["rule_name"] for rule in world.crush["rules"]}
    flags = pool["flags_names"].split(",")
    return {
        "size": pool["size"], "min_size": pool["min_size"], "pg_num": pool["pg_num"],
        "pgp_num": pool["pg_placement_num"], "crush_rule": rules.get(pool["crush_rule"], ""),
        **{name: name in flags for name in FLAGS if name != "bulk"},
        **({"allow_ec_overwrites": "ec_overwrites" in flags} if pool["type"] == ERASURE else {}),
        "use_gmt_hitset": pool["use_gmt_hitset"],
        **({"erasure_code_profile": pool["erasure_code_profile"]}
           if pool["type"] == ERASURE else {}),
        "fast_read": int(pool["fast_read"]), "pg_autoscale_mode": pool["pg_autoscale_mode"],
        **pool["options"], "bulk": "bulk" in flags,
    }  # fmt: skip


def _text(name: str, value: object) -> str:
    if name == "use_gmt_hitset":
        return str(int(bool(value)))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _get(world: World, args: Args) -> Reply:
    name, variable = args.text("pool"), args.text("var")
    pool = pool_in(world.osd_map, name)
    values = _values(world, pool)
    head = {"pool": name, "pool_id": pool["pool"]}
    if variable != "all":
        if variable not in values:
            if variable in SETTERS:
                text = f"option '{variable}' is not set on pool '{name}'"
                raise Refusal(errno.ENOENT, text)
            text = f"the embedded cluster does not know the pool variable '{variable}'"
            raise Refusal(errno.EINVAL, f"{text}; a real Ceph may")
        values = {variable: values[variable]}
    plain = "\n".join(f"{key}: {_text(key, value)}" for key, value in values.items())
    return show(args, {**head, **values}, plain)


def _set_quota(world: World, args: Args) -> Reply:
    name, field = args.text("pool"), args.text("field")
    if field not in ("max_bytes", "max_objects"):
        raise Refusal(errno.EINVAL, f"'{field}' is neither max_bytes nor max_objects")
    limit = (octets if field == "max_bytes" else figures)(args.text("val"))
    change, map_ = drafted(world)
    pool = pool_in(map_, name)
    pool.update({f"quota_{field}": limit, "last_change": str(map_["epoch"])})
    return done(f"set-quota {field} = {limit} for pool {name}", change)


COMMANDS = {"osd pool set": _set, "osd pool get": _get, "osd pool set-quota": _set_quota}
