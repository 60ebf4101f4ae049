"""Our `ceph.deployment` in this process, and Debian's in another."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from module_host.testing.paths import PACKAGES
from tests.daemon import ROOT


sys.path.insert(0, str(PACKAGES))

PROGRAM = Path(__file__).with_name("questions.py")
DEBIAN = "/usr/lib/python3/dist-packages"
# Behind the environment's own packages, so that both sides have one PyYAML.
START = f"""
import runpy, sys
sys.path[:] = [p for p in sys.path if "python_common" not in p] + [{DEBIAN!r}]
sys.path.insert(0, {str(ROOT)!r})
runpy.run_path({str(PROGRAM)!r}, run_name="__main__")
"""


class Debians:
    """The same questions, answered by Debian's package."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def answer(self, question):
        """As questions.answer()."""
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"Debian's side ended at {question}"
        return json.loads(line)

    def end(self):
        """End its process."""
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def debians():
    """One process for all tests."""
    asked = Debians()
    yield asked
    asked.end()
