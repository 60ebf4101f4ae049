"""The objects that upstream's modules hand each other, with the classes of Debian's packages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).parent / "packages" / "upstream_objects.py"


@pytest.mark.ceph
def test_upstream_objects_come_back_equal_in_a_process_of_their_own():
    """In a child, because upstream's `mgr_module` must not meet ours in one process."""
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(ROOT)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    checked = json.loads(done.stdout)
    assert len(checked) > 40
    assert [name for name, verdict in checked.items() if verdict != "equal"] == []
