"""Keys of module options in the configuration database. What a value may be: proto.optionvalues."""

from __future__ import annotations

from dataclasses import dataclass

from proto.optionvalues import normalise


__all__ = ["OptionKey", "full_key", "normalise", "split_key", "unrecognized"]


@dataclass(frozen=True)
class OptionKey:
    """A full key, taken apart: "mgr/<module>/[<mgr id>/]<key>"."""

    module: str
    key: str
    mgr_id: str | None = None

    def __str__(self) -> str:
        """The full key."""
        return full_key(self.module, self.key, self.mgr_id)


def full_key(module: str, key: str, mgr_id: str | None = None) -> str:
    """The key in the configuration database; localized with `mgr_id`."""
    return f"mgr/{module}/{key}" if mgr_id is None else f"mgr/{module}/{mgr_id}/{key}"


def split_key(full: str) -> OptionKey:
    """Take a full key apart; a fourth part makes it localized. Raises ValueError otherwise."""
    head, _, rest = full.partition("/")
    module, _, key = rest.partition("/")
    if head != "mgr" or not module or not key:
        raise ValueError(unrecognized(full))
    mgr_id, slash, local = key.partition("/")
    if not slash:
        return OptionKey(module, key)
    if not mgr_id or not local:
        raise ValueError(unrecognized(full))
    return OptionKey(module, local, mgr_id)


def unrecognized(full: str) -> str:
    """What the monitor says of an option that nobody declared."""
    return f"unrecognized config option '{full}'"
