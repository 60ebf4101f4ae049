"""The configuration database: who is given which option, and whether a value is one."""

import errno
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supervisor.cluster.embedded.answers import Refusal
from supervisor.core.facts import OptionDeclaration
from supervisor.core.options import normalise


TYPES = ("mon", "mgr", "osd", "mds", "client")
Document = dict[str, Any]
Sections = Mapping[str, Mapping[str, str]]
_LEVEL_PAIR = re.compile(r"^\d+/\d+$")


@dataclass(frozen=True)
class Setting:
    """One option set in one section."""

    section: str
    mask: str
    name: str
    value: str

    @property
    def depth(self) -> int:
        """0 for global, 1 for a type, 2 for one daemon, and a mask makes it narrower."""
        return 0 if self.section == "global" else 1 + ("." in self.section)


class ConfigDb:
    """What is set, and the declarations of what may be. Changes come in through `apply`."""

    def __init__(self, options: Sequence[Document], sections: Sections, modules: Document) -> None:
        self.options = {option["name"]: option for option in options}
        self.sections: dict[str, dict[str, str]] = {
            section: dict(values) for section, values in sections.items()
        }
        self.modules = modules  # {module: {option: declaration in MgrMap's shape}}

    def apply(self, changes: Mapping[tuple[str, str], str | None]) -> None:
        """Take over what was committed."""
        for (section, name), value in changes.items():
            if value is not None:
                self.sections.setdefault(section, {})[name] = value
            elif name in self.sections.get(section, {}):
                del self.sections[section][name]
                if not self.sections[section]:
                    del self.sections[section]

    def settings(self) -> Iterator[Setting]:
        """Everything set, wider sections first."""
        for key in sorted(self.sections, key=_section_order):
            section, _, mask = key.partition("/")
            for name, value in sorted(self.sections[key].items()):
                yield Setting(section, mask, name, value)

    def effective(self, entity: str, places: Mapping[str, str]) -> dict[str, Setting]:
        """What `entity` ("osd", "osd.3") is given; `places`: its class and host, for masks."""
        kind = entity.partition(".")[0]
        found: dict[str, Setting] = {}
        for setting in sorted(self.settings(), key=lambda s: (s.depth, bool(s.mask))):
            where, _, what = setting.mask.partition(":")
            fits = not setting.mask or places.get(where) == what
            if fits and setting.section in ("global", kind, entity):
                found[setting.name] = setting
        return found

    def declaration(self, name: str) -> Document | None:
        """The option's declaration: of Ceph, or in MgrMap's shape of a module. None: unknown."""
        if not name.startswith("mgr/"):
            return self.options.get(name)
        _, _, rest = name.partition("/")
        module, _, key = rest.partition("/")
        declared: Document = self.modules.get(module, {})
        # "mgr/<module>/<mgr id>/<key>" is the same option for one manager only.
        found: Document | None = declared.get(key) or declared.get(key.partition("/")[2])
        return found

    def normalise(self, name: str, value: str) -> str:
        """The value as it is stored; EINVAL with a monitor's sentence where it cannot be."""
        declared = self.declaration(name)
        if declared is None:
            raise Refusal(errno.EINVAL, f"unrecognized config option '{name}'")
        if "no_mon_update" in _flags(declared):
            raise Refusal(errno.EINVAL, f"{name} is special and cannot be stored by the mon")
        # Debug levels are text to the declaration; a single level stands for both.
        default = str(declared.get("default", ""))
        if name.startswith("debug_") and _LEVEL_PAIR.match(default) and value.isdigit():
            value = f"{value}/{value}"
        try:
            _check_permitted(declared, value)
            return normalise(_declaration(declared), value)
        except ValueError as error:
            text = str(error)
            prefix = "" if text.startswith("error parsing value") else "error parsing value: "
            raise Refusal(errno.EINVAL, f"{prefix}{text}") from None

    def runtime(self, name: str) -> bool:
        """Whether a running daemon takes the value up."""
        declared = self.declaration(name) or {}
        if name.startswith("mgr/"):
            return True  # whatever the declaration's flag says, as ceph-mgr 16.2.15 does
        return bool(declared.get("can_update_at_runtime"))

    def level(self, name: str) -> str:
        """basic, advanced or dev; unknown where the option is not declared."""
        return str((self.declaration(name) or {}).get("level", "unknown"))


def section_of(who: str) -> str:
    """`who` as a section of the database; EINVAL where it is none."""
    section, _, mask = who.partition("/")
    kind, dot, identity = section.partition(".")
    known = section == "global" or (kind in TYPES and bool(identity) == bool(dot))
    if not known or (mask and mask.partition(":")[0] not in ("class", "host")):
        raise Refusal(errno.EINVAL, f"unrecognized config target '{who}'")
    return who


def text_of(value: Any) -> str:
    """A default, as `ceph config get` prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, float) else str(value)


def _section_order(key: str) -> tuple[int, int, str]:
    section = key.partition("/")[0]
    kind = section.partition(".")[0]
    return (TYPES.index(kind) + 1 if kind in TYPES else 0, "." in section, key)


def _flags(declared: Document) -> Sequence[str]:
    flags = declared.get("flags", ())
    return flags if isinstance(flags, list) else ()


def _check_permitted(declared: Document, value: str) -> None:
    # Ceph lists the values of its own options in the order of their declaration, a module's sorted.
    permitted = declared.get("enum_values", ())
    if permitted and value not in permitted:
        raise ValueError(f"'{value}' is not one of the permitted values: {', '.join(permitted)}")


def _declaration(declared: Document) -> OptionDeclaration:
    def text(key: str) -> str | None:
        value = declared.get(key)
        return None if value in (None, "") else str(value)

    low, high = text("min"), text("max")
    if "can_update_at_runtime" in declared and (low is None) != (high is None):
        # One end alone counts for Ceph's own options, unlike those of modules.
        low, high = low or str(-(2**63)), high or str(2**63 - 1)
    return OptionDeclaration(
        name=declared["name"],
        type=declared["type"],
        min=low,
        max=high,
        enum_allowed=tuple(declared.get("enum_allowed", ())),
    )
