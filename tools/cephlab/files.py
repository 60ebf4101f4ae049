"""Writes a few folders and files into CephFS; runs under Debian's Python, which has libcephfs."""

import os
import sys

import cephfs


FOLDERS = ("home", "projects")
FILES = 12


def main(conf: str) -> None:
    """Mount, write, read back, unmount."""
    # the root folder is root's: a plain user writes there only if the client does not check
    files = cephfs.LibCephFS(conffile=conf, conf={"client_permissions": "false"})
    files.mount()
    for folder in FOLDERS:
        files.mkdir(f"/{folder}", 0o755)
        for number in range(FILES):
            fd = files.open(f"/{folder}/{number}.txt", os.O_CREAT | os.O_RDWR, 0o644)
            files.write(fd, b"y" * 8192, 0)
            files.fsync(fd, 0)
            files.read(fd, 0, 8192)
            files.close(fd)
    files.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
