"""Attempts on files: to read what others keep, to change it, to be followed into it by a link."""

import os
import re
from pathlib import Path

from . import kernel
from .attempt import Family, Target, read


files = Family("files")

_SECRETS = {
    "secret_file": "read a file of the supervisor's user",
    "sibling_file": "read a sibling's data folder",
    "sibling_log": "read a sibling's log",
    "database": "read the database with everybody's keys and options",
    "config": "read the supervisor's configuration",
    "token": "read the file with the host agent's token",
    "crash": "read a record of another module's crash",
    "shm_file": "read shared memory (POSIX, in /dev/shm)",
}


def _reads(field: str) -> None:
    def work(at: Target) -> str:
        path = getattr(at, field)
        found = read(path)
        if os.path.exists(f"{path}-wal"):
            found += read(f"{path}-wal")
        return " ".join(set(re.findall(r"secret-[0-9a-f]+", found))) or found

    files.add(f"read-{field}", _SECRETS[field], work)


for _field in _SECRETS:
    _reads(_field)


@files("read the machine's passwords", own_word=True, closed="takes root")
def read_shadow(_at: Target) -> str:
    return f"{len(read('/etc/shadow'))} characters"


@files("list the data folders of all modules", own_word=True)
def list_siblings(at: Target) -> str:
    folder = Path(at.sibling_file).parent.parent
    return ", ".join(entry.name for entry in folder.iterdir() if entry.name == "victim")


_UNSEEN = "Landlock does not see who asks about a file without opening it"


@files("learn size and time of a secret file", gap=_UNSEEN)
def stat_secret(at: Target) -> str:
    return f"size of {os.stat(at.sized_file).st_size}"


@files("watch what happens in a sibling's data folder (inotify)", own_word=True, gap=_UNSEEN)
def watch_sibling(at: Target) -> str:
    fd = kernel.call("inotify_init1", os.O_CLOEXEC)
    try:
        folder = os.fsencode(os.path.dirname(at.sibling_file))
        return f"watch {kernel.call('inotify_add_watch', fd, folder, 0xFFF)}"
    finally:
        os.close(fd)


@files("read a secret through a symbolic link in the own folder")
def symlink_to_secret(at: Target) -> str:
    link = f"{at.own_data}/{at.mark}-link"
    os.symlink(at.secret_file, link)
    try:
        return read(link)
    finally:
        os.unlink(link)


@files("read a secret through a hard link in the own folder")
def hardlink_to_secret(at: Target) -> str:
    link = f"{at.own_data}/{at.mark}-hard"
    os.link(at.secret_file, link)
    try:
        return read(link)
    finally:
        os.unlink(link)


@files("move a secret into the own folder, and read it there")
def move_secret(at: Target) -> str:
    moved = f"{at.own_data}/{at.mark}-moved"
    os.rename(at.secret_file, moved)
    try:
        return read(moved)
    finally:
        os.rename(moved, at.secret_file)


@files("read a secret through the root folder of its own process in /proc")
def proc_self_root(at: Target) -> str:
    return read(f"/proc/self/root{at.secret_file}")


@files("write to a file outside")
def write_outside(at: Target) -> None:
    _append(at.victim_file, at.mark)


@files("make a file outside")
def create_outside(at: Target) -> None:
    _append(f"{at.outside}/{at.mark}", at.mark)


@files("make a file in /dev/shm")
def create_shm(at: Target) -> None:
    _append(f"/dev/shm/{at.mark}", at.mark)


@files("truncate a file outside")
def truncate_outside(at: Target) -> None:
    os.truncate(at.victim_file, 0)


@files("remove a file outside")
def remove_outside(at: Target) -> None:
    os.unlink(at.victim_file)


@files("replace a file outside with one of its own")
def replace_outside(at: Target) -> None:
    own = f"{at.own_data}/{at.mark}-own"
    _append(own, at.mark)
    os.rename(own, at.victim_file)


@files("write to a sibling's data folder")
def write_sibling(at: Target) -> None:
    _append(at.sibling_file, at.mark)


_META = "Landlock does not see changes of modes, times, owners and attributes"


@files("open a sibling's secret to everybody (chmod)", gap=_META)
def chmod_sibling(at: Target) -> None:
    os.chmod(at.sibling_file, 0o644)


@files("lock a sibling out of its folder (chmod)", gap=_META)
def chmod_folder(at: Target) -> None:
    os.chmod(at.outside, 0)


@files("give a file outside to another user", closed="takes root")
def chown_outside(at: Target) -> None:
    os.chown(at.victim_file, 65533, 65533)


@files("change the times of a file outside", gap=_META)
def utime_outside(at: Target) -> None:
    os.utime(at.victim_file, (1, 1))


@files("set an attribute of a file outside", gap=_META, closed="takes a file system that has them")
def setxattr_outside(at: Target) -> None:
    os.setxattr(at.victim_file, "user.mark", at.mark.encode())


@files("write to the published state that all modules read")
def write_state(at: Target) -> None:
    _append(f"{at.state}/{at.mark}", at.mark)


@files("write to the page of versions that all modules read")
def write_page(at: Target) -> None:
    with open(f"{at.state}/versions", "r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(at.mark.encode())


@files("change the source of a module")
def write_source(at: Target) -> None:
    _append(at.source, f"# {at.mark}\n")


@files("change the configuration")
def write_config(at: Target) -> None:
    _append(at.config, f"# {at.mark}\n")


@files("write to a sibling's log")
def write_sibling_log(at: Target) -> None:
    _append(at.sibling_log, at.mark)


@files("replace its own log with a link, for the next rotation to follow", restart=True)
def link_own_log(at: Target) -> None:
    os.rename(at.own_log, f"{at.own_log}.{at.mark}")
    os.symlink(at.victim_file, at.own_log)


@files("have its own log be a second name of a file outside")
def hardlink_own_log(at: Target) -> None:
    os.link(at.victim_file, f"{at.own_log}.{at.mark}")


@files("replace its own data folder with a link to the sibling's", restart=True)
def link_own_data(at: Target) -> None:
    os.rename(at.own_data, f"{at.own_data}.{at.mark}")
    os.symlink(os.path.dirname(at.sibling_file), at.own_data)


@files(
    "plant links to a victim's file and folder in the own folder, for whoever changes owners, "
    "modes or contents there at the next start", restart=True,
    closed="always: nobody follows what is in a module's folder",
)  # fmt: skip
def plant_links(at: Target) -> None:
    for number, name in enumerate(("agent.json", "main.db", "main.db-wal", "planted")):
        link = f"{at.own_data}/{name}"
        if not os.path.lexists(link):
            os.symlink(at.outside if number == 3 else at.victim_file, link)


@files(
    "have its scratch folder be a link to a folder outside at the next start", restart=True,
    closed="always: nobody writes there but the module, behind its walls",
)  # fmt: skip
def link_scratch(at: Target) -> None:
    scratch = f"{at.own_data}/tmp"
    os.rename(scratch, f"{at.own_data}/{at.mark}-scratch")
    os.symlink(at.outside, scratch)


@files("write a setting of the kernel (/proc/sys)", own_word=True, closed="takes root")
def write_proc_sys(_at: Target) -> str:
    return _rewrite("/proc/sys/kernel/core_pattern")


@files("write a setting of a device (/sys)", own_word=True, closed="takes root and a writable /sys")
def write_sys(_at: Target) -> str:
    return _rewrite("/sys/kernel/mm/transparent_hugepage/enabled", chosen=True)


@files(
    "reach for the machine's emergency keys",
    own_word=True,
    closed="takes root and a kernel that has them",
)
def open_sysrq(_at: Target) -> str:
    return _opens("/proc/sysrq-trigger", os.O_WRONLY)


@files("write to the kernel's log (/dev/kmsg)", own_word=True, closed="takes root")
def open_kmsg(_at: Target) -> str:
    return _opens("/dev/kmsg", os.O_WRONLY)


@files("read the disk below the file system", own_word=True, closed="takes root and a disk")
def open_disk(_at: Target) -> str:
    return _opens(_disk(), os.O_RDONLY)


@files("make a device node of its own", own_word=True, closed="takes root")
def make_device(at: Target) -> str:
    node = f"{at.own_data}/{at.mark}-null"
    os.mknod(node, 0o20600, os.makedev(1, 3))
    os.unlink(node)
    return "made"


@files("open a file by its handle, past all paths", closed="takes root")
def open_by_handle(at: Target) -> str:
    import ctypes
    import struct

    handle = ctypes.create_string_buffer(struct.pack("=Ii", 128, 0) + bytes(128), 136)
    mount = ctypes.create_string_buffer(4)
    kernel.call("name_to_handle_at", -100, os.fsencode(at.secret_file), handle, mount, 0)
    folder = os.open(at.own_data, os.O_RDONLY)
    try:
        fd = kernel.call("open_by_handle_at", folder, handle, os.O_RDONLY)
    finally:
        os.close(folder)
    with os.fdopen(fd) as file:
        return file.read()


def _append(path: str, text: str) -> None:
    with open(path, "a") as file:
        file.write(text)


def _rewrite(path: str, *, chosen: bool = False) -> str:
    """Write what is there already; `chosen`: of a list, the word in brackets."""
    text = read(path)
    if chosen:
        text = text.partition("[")[2].partition("]")[0]
    with open(path, "w") as file:
        file.write(text)
    return f"{len(text)} characters"


def _opens(path: str, flags: int) -> str:
    os.close(os.open(path, flags))
    return path


def _disk() -> str:
    lines = Path("/proc/partitions").read_text().split("\n")[2:]
    names = [line.split()[3] for line in lines if line.split()]
    return f"/dev/{next(name for name in names if not name.startswith(('loop', 'ram', 'zram')))}"
