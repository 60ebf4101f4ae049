"""Operators: who is let in at the control socket, and what each role may send."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from supervisor.core.demand import Demand, demand


class Role(StrEnum):
    """From most to least."""

    ADMIN = "admin"
    OPERATOR = "operator"
    READ_ONLY = "read-only"


_MOST = {Role.ADMIN: Demand.CONTROL, Role.OPERATOR: Demand.WRITE, Role.READ_ONLY: Demand.READ}
# As of a monitor, where no capability but `allow *` covers the key-value store: it has secrets.
SECRETS = "config-key"


@dataclass(frozen=True)
class Members:
    """Users and groups of one role, by number."""

    uids: frozenset[int] = frozenset()
    gids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Operators:
    """The table `[operators]`. Root and the supervisor's own user are admins whatever it says."""

    members: Mapping[Role, Members] = field(default_factory=dict)

    @property
    def others(self) -> bool:
        """Whether anybody but root and the supervisor's own user is to be let in."""
        return any(some.uids or some.gids for some in self.members.values())

    def role(self, uid: int, gids: Collection[int], own_uid: int) -> Role | None:
        """The highest role of a user with these groups; None: not let in."""
        if uid in (0, own_uid):
            return Role.ADMIN
        for role in Role:
            listed = self.members.get(role, Members())
            if uid in listed.uids or not listed.gids.isdisjoint(gids):
                return role
        return None


def refusal(
    role: Role, prefix: str, permission: str | None, arguments: Mapping[str, Any]
) -> str | None:
    """Why an operator of `role` may not send the command; None: it may."""
    asked = demand(prefix, permission, arguments)
    if prefix.split()[:1] == [SECRETS]:
        asked = Demand.CONTROL
    if asked <= _MOST[role]:
        return None
    needed = next(one for one in reversed(Role) if _MOST[one] >= asked)
    return f"the role '{role}' does not cover '{prefix}': it takes '{needed}'"
