"""A tree of files in which only what was granted is there: a mount namespace of the host's own.

Landlock does not see connect() to a unix socket by path. So the folders of the machine in which
sockets may be, and whatever else is no part of the operating system, are covered by an empty file
system, and what was granted is put back at its place: as it is bound there, not as it is called. A
socket that its server makes anew is seen only where the folder around it was granted.

What is beneath the covers can be had back by who may unmount, or may look into processes outside:
the layers `capabilities`, `syscalls` and Landlock's rule that.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Iterator

from module_host import linux, namespaces


# Folders of / in which nobody but the administrator puts anything. All others are covered.
SYSTEM = frozenset((
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "lost+found", "opt", "proc",
    "sbin", "sys", "usr",
))  # fmt: skip
SHARED = ("/dev/mqueue", "/dev/shm")  # noqa: S108  a name to be covered
# Room for names; a module without the layer `files` can fill no more than this with data.
_COVER = "mode=0755,size=256k,nr_inodes=8k"
_LINKS = 40  # followed in one path, as by the kernel

_NOSUID, _NODEV, _BIND, _RECURSIVE = 2, 4, 1 << 12, 1 << 14  # MS_*


def narrow(granted: Iterable[str], closed: Iterable[str]) -> str:
    """Leave of the covered folders only what is beneath `granted`; `closed` are folders that are
    covered wherever they are. Answers what is covered, in words. Raises OSError: then all is seen.
    """
    namespaces.unshare(namespaces.MOUNTS)
    ways = _Ways()
    granted_places = _Folders(place for path in granted if (place := ways.follow(path)))
    covered = [top for top in _covered(closed, ways) if top not in granted_places]
    if not covered:
        return "nothing to cover"
    covers = _Folders(covered)
    kept = list(_outermost(place for place in granted_places.names if place in covers))
    links = {link: to for link, to in ways.links.items() if link in covers}
    with contextlib.ExitStack() as stack:
        opened: dict[str, int] = {}
        for place in kept:
            with contextlib.suppress(FileNotFoundError):  # a log that is rotated just now
                opened[place] = _open(place, stack)
        mounted: list[str] = []
        try:
            _cover(covered, opened, links, mounted)
        except OSError:
            for target in reversed(mounted):
                linux.unmount(target)
            raise
    return ", ".join(covered)


def hides(name: str, closed: Iterable[str]) -> bool:
    """Whether an absolute name is one that `narrow` covers where it is not granted."""
    top = name.split("/", 2)[1]
    if top not in SYSTEM:
        return os.path.lexists(f"/{top}")
    return name in _Folders((*SHARED, *closed))


class _Folders:
    """Folders, and all that is beneath them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self._beneath = tuple(name.rstrip("/") + "/" for name in self.names)

    def __contains__(self, name: str) -> bool:
        return name in self.names or name.startswith(self._beneath)


def _covered(closed: Iterable[str], ways: "_Ways") -> list[str]:
    with os.scandir("/") as entries:
        tops = [e.path for e in entries if e.name not in SYSTEM and e.is_dir(follow_symlinks=False)]
    others = [place for path in closed if (place := ways.follow(path)) not in ("", "/")]
    tops += [place for place in {*SHARED, *others} if os.path.isdir(place)]  # noqa: PTH112
    return list(_outermost(tops))


def _outermost(places: Iterable[str]) -> Iterator[str]:
    """Without those that are beneath another one."""
    last = "\0"
    for place in sorted(places, key=lambda p: f"{p}/"):
        if not place.startswith(last):
            last = place.rstrip("/") + "/"
            yield place


def _open(place: str, stack: contextlib.ExitStack) -> int:
    fd = os.open(place, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    stack.callback(os.close, fd)
    return fd


def _cover(
    covered: list[str], opened: dict[str, int], links: dict[str, str], mounted: list[str]
) -> None:
    """One empty file system over all of `covered`, and in it what was `opened`."""

    def mount(source: str, target: str, flags: int) -> None:
        linux.mount(source, target, flags=flags)
        mounted.append(target)

    linux.mount("tmpfs", covered[0], kind="tmpfs", flags=_NOSUID | _NODEV, data=_COVER)
    mounted.append(covered[0])
    root = os.open(covered[0], os.O_PATH | os.O_CLOEXEC)
    mask = os.umask(0o022)
    try:
        cover = f"/proc/self/fd/{root}"
        for folder in covered:
            os.makedirs(cover + folder)  # noqa: PTH103
        for place, fd in opened.items():
            _make_place(cover + place, folder=stat.S_ISDIR(os.fstat(fd).st_mode))
        for link, to in links.items():
            os.makedirs(os.path.dirname(cover + link), exist_ok=True)  # noqa: PTH103, PTH120
            with contextlib.suppress(FileExistsError):
                os.symlink(to, cover + link)  # noqa: PTH211
        for folder in covered:
            mount(cover + folder, folder, _BIND)
        for place, fd in opened.items():
            mount(f"/proc/self/fd/{fd}", place, _BIND | _RECURSIVE)
    finally:
        os.umask(mask)
        os.close(root)


def _make_place(name: str, *, folder: bool) -> None:
    if folder:
        os.makedirs(name, exist_ok=True)  # noqa: PTH103
    else:
        os.makedirs(os.path.dirname(name), exist_ok=True)  # noqa: PTH103, PTH120
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))


class _Ways:
    """Follows names to where they lead, and remembers the links on the way."""

    def __init__(self) -> None:
        self.links: dict[str, str] = {}
        self._plain: set[str] = set()

    def follow(self, name: str) -> str:
        """The place without links; "" where there is none, or where it may not be looked at."""
        done, rest, followed = "", _parts(name), 0
        while rest:
            part = rest.pop()
            if part == "..":
                done = done.rpartition("/")[0]
                continue
            here = f"{done}/{part}"
            if here in self._plain:
                done = here
                continue
            try:
                to = self._link(here)
            except OSError:
                return ""
            if not to:
                done = here
                continue
            followed += 1
            if followed > _LINKS:
                return ""
            rest += _parts(to)
            done = "" if to.startswith("/") else done
        return done or "/"

    def _link(self, here: str) -> str:
        """Where the link `here` leads; "" where it is none."""
        if here not in self.links:
            try:
                self.links[here] = os.readlink(here)  # noqa: PTH115
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                self._plain.add(here)
                return ""
        return self.links[here]


def _parts(name: str) -> list[str]:
    """Of a path, the last first."""
    return [part for part in reversed(name.split("/")) if part not in ("", ".")]
