"""What a module's class declares: learned from the host's Loaded message, or from nothing yet."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class OptionDeclaration:
    """One entry of MODULE_OPTIONS, everything as text; None: not declared."""

    name: str
    type: str = "str"
    default: str | None = None
    desc: str = ""
    long_desc: str = ""
    min: str | None = None
    max: str | None = None
    enum_allowed: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()
    runtime: bool = False
    level: str = "advanced"


@dataclass(frozen=True)
class CommandDeclaration:
    """One command descriptor, in upstream's grammar."""

    cmd: str
    desc: str = ""
    perm: str = "rw"
    poll: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything that the supervisor knows of a class without running the module."""

    can_run: bool
    error: str = ""
    options: tuple[OptionDeclaration, ...] = ()
    commands: tuple[CommandDeclaration, ...] = ()
    notify_types: frozenset[str] = field(default_factory=frozenset)
    has_active: bool = True
    has_standby: bool = False
    origin: str = ""

    @property
    def refusal(self) -> str | None:
        """Why the module cannot run as things are; None: it can."""
        if self.can_run and self.has_active:
            return None
        if self.error:
            return self.error
        if self.has_active:
            return "can_run refused without a reason"
        return "it has no class derived from MgrModule"

    def option_report(self) -> dict[str, dict[str, Any]]:
        """Options in the JSON shape of `mgr dump` (upstream contract, section 3.9)."""
        return {
            o.name: {
                "name": o.name,
                "type": o.type,
                "level": o.level,
                "flags": 1 if o.runtime else 0,
                "default_value": o.default or "",
                "min": o.min or "",
                "max": o.max or "",
                "enum_allowed": list(o.enum_allowed),
                "desc": o.desc,
                "long_desc": o.long_desc,
                "tags": list(o.tags),
                "see_also": list(o.see_also),
            }
            for o in sorted(self.options, key=lambda o: o.name)
        }
