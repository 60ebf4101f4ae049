"""Orphans come to the supervisor, and it ends them, whichever of its threads they belong to."""

import os
import signal
import subprocess
import sys

from supervisor.linux import children
from tests.conditions import poll_for
from tests.daemon import ROOT


SCENE = """
import subprocess, threading
from supervisor.edge.orphans import adopt_orphans, end_orphans

def sleeper():
    return subprocess.Popen(["sleep", "600"])

def of_a_thread():
    mine.append(sleeper().pid)
    asked.wait()

adopt_orphans()
asked, mine = threading.Event(), [sleeper().pid]
thread = threading.Thread(target=of_a_thread)
thread.start()
subprocess.run(["sh", "-c", "sleep 600 & sleep 600 &"], check=True)  # nobody's children any more
print("ready", flush=True)
input()
end_orphans()
asked.set()
thread.join()
print("ended", flush=True)
input()
"""


def test_every_child_of_every_thread_is_ended():
    """Its own, another thread's, and those that it has adopted: all are killed and reaped."""
    with subprocess.Popen(
        [sys.executable, "-c", SCENE],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as scene:
        try:
            assert scene.stdout.readline() == "ready\n"
            poll_for(lambda: len(children(scene.pid)) == 4, 20, "four children")
            scene.stdin.write("\n")
            scene.stdin.flush()
            assert scene.stdout.readline() == "ended\n"
            assert children(scene.pid) == []
        finally:
            for pid in [*children(scene.pid), scene.pid]:
                os.kill(pid, signal.SIGKILL)


def test_a_process_that_is_gone_has_no_children():
    """It is no error: it may end at any time."""
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    assert children(gone.pid) == []
