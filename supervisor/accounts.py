"""Users and groups of this machine, from its databases (passwd, group, whatever NSS asks)."""

import grp
import os
import pwd


class UnknownAccountError(LookupError):
    """No such user or group; the text is a sentence."""


def user_id(user: str | int) -> int:
    """The uid of a user by name; a number is one. Raises UnknownAccountError for a name."""
    if isinstance(user, int):
        return user
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise UnknownAccountError(f"there is no user {user!r}") from None


def group_id(group: str) -> int:
    """The gid of a group by name or in digits. Raises UnknownAccountError for a name."""
    if group.isascii() and group.isdigit():
        return int(group)
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise UnknownAccountError(f"there is no group {group!r}") from None


def user_name(uid: int) -> str:
    """The name of a user; its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def groups(uid: int, gid: int) -> frozenset[int]:
    """The groups of a user as the database has them, and `gid`, which its process runs with."""
    try:
        user = pwd.getpwuid(uid)
    except KeyError:
        return frozenset((gid,))
    return frozenset((gid, *os.getgrouplist(user.pw_name, user.pw_gid)))
