"""Ceph's own tests of the package, which Debian ships beside it, on ours."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from module_host.testing.paths import PACKAGES
from tests.deployment.conftest import DEBIAN


pytestmark = pytest.mark.ceph

# They look up names in the Internet, or read files that Debian does not ship.
ELSEWHERE = (
    "test_utils.py::test_valid_addr[addr_object0]",
    "test_utils.py::test_valid_addr[addr_object1]",
    "test_inventory.py::test_from_json",
)
START = f"""
import sys
sys.path[:0] = [{str(PACKAGES)!r}]
sys.path += [{DEBIAN!r}]
import pytest
ended = pytest.main(sys.argv[1:])
from ceph.deployment import service_spec
assert service_spec.__file__.startswith({str(PACKAGES)!r})
sys.exit(ended)
"""


def test_they_pass(tmp_path):
    """In a folder of their own: in theirs, pytest would import Debian's package for them."""
    for file in Path(DEBIAN, "ceph", "tests").glob("test_*.py"):
        shutil.copy(file, tmp_path)
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", f"--rootdir={tmp_path}"]
    left_out = [f"--deselect={name}" for name in ELSEWHERE]
    done = subprocess.run(
        [sys.executable, "-c", START, *options, *left_out, str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 270
