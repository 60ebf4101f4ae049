"""Which programs a module may run, and what root's powers are worth behind the walls."""

import os

import pytest

from tests.module_host.attempts import attempt
from tests.module_host.standin import text


RUN = "__import__('subprocess').run"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities to drop")


def test_without_the_grant_no_program_is_run(standin):
    """By no name and no descriptor, not even one that lies in memory."""
    host = standin.run()
    for path in ("true", "/bin/sh", "/lib64/ld-linux-x86-64.so.2"):
        assert attempt(standin, host, f"{RUN}(['{path}'])") in ("EACCES", "ENOENT"), path
    memory = """
import os, subprocess
fd = os.memfd_create("x")
os.write(fd, open("/bin/true", "rb").read())
try:
    result = subprocess.run([f"/proc/self/fd/{fd}"], pass_fds=[fd]).returncode
except OSError as error:
    result = error.errno
"""
    assert standin.call(host, "execute", memory) == 13
    child = "import os; pid = os.fork(); pid or os._exit(7); result = os.waitpid(pid, 0)[1] >> 8"
    assert standin.call(host, "execute", child) == 7
    assert "programs: enforced (none may be run)" in text(host)


def test_with_the_grant_programs_of_the_system_are_run(standin):
    """But none that the module could have written."""
    host = standin.run(subprocess=True)
    data = standin.folder / "data" / "probe"
    assert attempt(standin, host, f"{RUN}(['true'], check=True)") == "done"
    copy = f"__import__('shutil').copy('/bin/true', '{data}/true')"
    assert attempt(standin, host, copy) == "done"
    assert attempt(standin, host, f"{RUN}(['{data}/true'])") == "EACCES"


def test_the_layer_is_what_stops_programs(standin):
    """Switched off, they run, behind the other walls."""
    host = standin.run(without=["programs"])
    assert attempt(standin, host, f"{RUN}(['true'], check=True)") == "done"


@needs_root
def test_root_is_held_to_the_mode_bits(standin):
    """Without its capabilities; nothing that it runs gets them back."""
    data = standin.folder / "data" / "probe"
    host = standin.run(subprocess=True)
    file = data / "another's"
    file.write_text("x")
    file.chmod(0o600)
    os.chown(file, 65534, 65534)
    assert attempt(standin, host, f'open("{file}")') == "EACCES"
    shell = f"result = __import__('subprocess').run(['cat', \"{file}\"]).returncode"
    assert standin.call(host, "execute", shell) == 1
    status = standin.call(host, "execute", "result = open('/proc/self/status').read()")
    assert "CapPrm:\t0000000000000000" in status
    assert "capabilities: enforced (all dropped)" in text(host)
    off = standin.run(uid=0, without=["capabilities"])
    assert attempt(standin, off, f'open("{file}")') == "done"


@needs_root
def test_root_keeps_what_its_grants_need(standin):
    """Folders of another user that the operator granted, and one of its own that is."""
    theirs = standin.folder / "theirs"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, 65534, 65534)
    reader = standin.run(read_paths=[str(theirs)])
    assert attempt(standin, reader, f"__import__('os').listdir('{theirs}')") == "done"
    assert "kept DAC_READ_SEARCH for what it may read" in text(reader)
    writer = standin.run(write_paths=[str(theirs)])
    assert attempt(standin, writer, f"open('{theirs}/x', 'w')") == "done"
    data = standin.folder / "data" / "probe"
    data.chmod(0o700)
    os.chown(data, 65534, 65534)
    old = standin.run(uid=0)  # who has one of its own owns its data
    assert attempt(standin, old, f"open('{data}/x', 'w')") == "done"
    assert f"kept DAC_OVERRIDE for {data}, another user's" in text(old)
