"""A host takes a new log file as a descriptor: whatever wrote to the old one writes to the new one."""

import os
import socket

import pytest

from tests.module_host.standin import text


FILE_HANDLER = """
import logging
handler = logging.FileHandler(path)
handler.setFormatter(logging.Formatter("by handler: %(message)s"))
logging.getLogger("named").addHandler(handler)
logging.getLogger("named").warning("word")
"""
WORDS = """
import faulthandler, logging, os, sys
os.write(1, b"written to 1\\n")
os.write(2, b"written to 2\\n")
print("printed")
sys.stderr.write("said\\n")
logging.getLogger("named").warning("again")
"""


def renew(standin, host, name="next.log"):
    """Open the next file in the host's stead and hand it over; answers its path."""
    path = standin.folder / "log" / name
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    with socket.socket(fileno=os.dup(host.renewals)) as renewals:
        socket.send_fds(renewals, [b"l"], [fd])
    os.close(fd)
    # Whoever asks /proc sees the file under the number that never changes.
    look = f"import os; result = os.readlink('/proc/self/fd/1') == {str(path)!r}"
    return path, lambda: standin.call(host, "execute", look)


@pytest.mark.parametrize("spelling", ["{folder}/log/probe.log", "{folder}/data/../log/probe.log"])
def test_every_way_to_the_log_leads_to_the_new_file(standin, spelling):
    """Standard streams, handlers by name, also one that is made afterwards, and stacks."""
    path = spelling.format(folder=standin.folder)
    host = standin.run(log_file=path)
    standin.call(host, "execute", FILE_HANDLER, path=path)
    new, there = renew(standin, host)
    standin.until(there)
    host.log.rename(standin.folder / "log" / "old.log")
    standin.call(host, "execute", WORDS)
    standin.call(host, "execute", FILE_HANDLER, path=path)
    standin.call(host, "execute", "import faulthandler; faulthandler.dump_traceback(1)")
    lines = new.read_text()
    for word in ("written to 1", "written to 2", "printed", "said", "by handler: again"):
        assert lines.count(f"{word}\n") == 1, word
    assert lines.count("by handler: word\n") == 2  # two handlers by then
    assert "most recent call first" in lines
    assert "by handler: word\n" in (standin.folder / "log" / "old.log").read_text()


def test_a_stream_that_the_module_closed_or_redirected_stays_so(standin):
    """Its number may be anything by now: nothing is put over it."""
    host = standin.run()
    mine = standin.folder / "data" / "probe" / "mine"
    redirect = f"import os; fd = os.open({str(mine)!r}, os.O_RDWR | os.O_CREAT); os.dup2(fd, 2)"
    standin.call(host, "execute", redirect)
    _new, there = renew(standin, host)
    standin.until(there)
    standin.call(host, "execute", "import os; os.write(2, b'to my own file')")
    assert mine.read_text() == "to my own file"
    standin.call(host, "execute", "import os; os.close(2)")
    newer, there = renew(standin, host, "newer.log")
    standin.until(there)
    refusal = standin.call(host, "execute", "import os; os.fstat(2)")
    assert "Bad file descriptor" in refusal.message
    standin.call(host, "execute", "print('still here')")
    assert "still here" in newer.read_text()


def test_other_files_of_the_module_are_its_own_affair(standin):
    """A FileHandler of another path opens that."""
    host = standin.run()
    own = standin.folder / "data" / "probe" / "own.log"
    standin.call(host, "execute", FILE_HANDLER, path=str(own))
    assert "by handler" not in text(host)
    assert own.read_text() == "by handler: word\n"


def test_programs_inherit_the_new_file_and_not_the_socket(standin):
    """What the module starts after a rotation writes to the current file; descriptor 3 is closed."""
    host = standin.run(subprocess=True)
    new, there = renew(standin, host)
    standin.until(there)
    source = "import subprocess; result = subprocess.run(['sh', '-c', 'echo child; : >&3'], close_fds=False).returncode"
    assert standin.call(host, "execute", source) != 0
    assert new.read_text().startswith("child\n")
