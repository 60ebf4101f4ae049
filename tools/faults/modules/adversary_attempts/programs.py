"""Attempts to run what may not be run: each has a program say a word that only it could say."""

import mmap
import os
import platform
import shutil
import struct
import subprocess
from pathlib import Path

from . import kernel
from .attempt import Family, Target, in_child


programs = Family("programs")

_TRUE = "/bin/true"
_SECONDS = 5


def _runs(*command: str, **options: object) -> str:
    done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise OSError(1, done.stderr.decode(errors="replace")[:200] or f"code {done.returncode}")
    return done.stdout.decode() or "ran"


@programs("run a program of the system", own_word=True)
def run_program(_at: Target) -> str:
    return _runs("/bin/echo", "ran")


@programs("run a program that it wrote itself", own_word=True)
def run_written(at: Target) -> str:
    own = f"{at.own_data}/{at.mark}-true"
    shutil.copy(_TRUE, own)
    try:
        return _runs(own)
    finally:
        Path(own).unlink()


@programs("run a script that it wrote itself, by its first line", own_word=True)
def run_script(at: Target) -> str:
    own = Path(f"{at.own_data}/{at.mark}-script")
    own.write_text("#!/bin/sh\necho ran\n")
    own.chmod(0o700)
    try:
        return _runs(str(own))
    finally:
        own.unlink()


@programs("have the dynamic loader run what it wrote itself", own_word=True)
def run_by_loader(at: Target) -> str:
    own = f"{at.own_data}/{at.mark}-loaded"
    shutil.copy(_TRUE, own)
    loader = {"x86_64": "/lib64/ld-linux-x86-64.so.2"}.get(
        platform.machine(), "/lib/ld-linux-aarch64.so.1"
    )
    try:
        return _runs(loader, own)
    finally:
        Path(own).unlink()


@programs("run a program out of memory (memfd, execveat)", own_word=True)
def run_from_memory(_at: Target) -> str:
    fd = os.memfd_create("program")
    os.write(fd, Path(_TRUE).read_bytes())

    def work() -> str:
        child = os.fork()
        if not child:
            try:
                arguments = struct.pack("@PP", _address(b"true"), 0)
                kernel.call("execveat", fd, b"", arguments, struct.pack("@P", 0), 0x1000)
            except OSError as error:
                os._exit(error.errno or 1)
        _, status = os.waitpid(child, 0)
        number = os.waitstatus_to_exitcode(status)
        if number:
            raise OSError(number, os.strerror(number))
        return "ran"

    try:
        return in_child(work)
    finally:
        os.close(fd)


@programs(
    "get another user's rights by a set-user-id program",
    own_word=True,
    closed="no such program that tells",
)
def run_set_user_id(at: Target) -> str:
    def work() -> str:
        if not os.geteuid():
            os.setresuid(65534, 65534, 65534)
        return _runs(at.set_user_id, "-u")

    return "root" if in_child(work).strip() == "0" else ""


@programs(
    "enter the kernel by its old door, where other numbers count (int 0x80)",
    own_word=True,
    closed="not on this machine",
)
def old_door(_at: Target) -> str:
    import ctypes

    if platform.machine() != "x86_64":
        raise OSError(38, "no such door on this machine")

    def work() -> str:
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid); int 0x80; ret
        function = ctypes.CFUNCTYPE(ctypes.c_int)(_address_of(code))
        pid = function()
        if pid != os.getpid():
            raise OSError(38, f"it answers {pid}")
        return "getpid answers"

    return in_child(work)


@programs("enter the kernel by the x32 numbers", own_word=True, closed="seldom built into kernels")
def x32_door(_at: Target) -> str:
    return in_child(lambda: f"getpid answers {kernel.raw(0x40000000 | 39)}")


def _address(text: bytes) -> int:
    import ctypes

    buffer = ctypes.create_string_buffer(text)
    _kept.append(buffer)
    return ctypes.addressof(buffer)


def _address_of(code: mmap.mmap) -> int:
    import ctypes

    return ctypes.addressof(ctypes.c_char.from_buffer(code))


_kept: list[object] = []  # what the kernel is to find while it looks
