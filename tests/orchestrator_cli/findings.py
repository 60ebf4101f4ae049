"""Asks one `orchestrator` package, in a process of its own, what its commands are and print."""

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.daemon import ROOT


SUBJECT = Path(__file__).with_name("subject.py")
OURS = ROOT / "modules" / "orchestrator"
DEBIANS = Path("/usr/share/ceph/mgr/orchestrator")
DEBIANS_CEPH = Path("/usr/lib/python3/dist-packages/ceph")
Case = tuple[str, str, str]  # command line, what -i reads, the backend's mood
Answer = list[Any]  # return value, stdout, stderr, what the backend was asked


@dataclass(frozen=True)
class Findings:
    """COMMANDS of the module, and an answer for each case."""

    commands: list[dict[str, Any]]
    answers: list[Answer]


def find(
    package: Path, cases: Sequence[Case], moment: dt.datetime, container: str = ""
) -> Findings:
    """`moment` is now to the backend, `container` the id of a container in its list of daemons."""
    environment = {"PATH": os.defpath, "MOMENT": moment.isoformat(), "PYTHONPATH": str(ROOT)}
    if container:
        environment["CONTAINER"] = container
    with tempfile.TemporaryDirectory() as folder:
        # Without Debian's mgr_module beside it: both stand on ours.
        tree, packages = Path(folder, "tree"), Path(folder, "packages")
        for place in (tree, packages):
            place.mkdir()
        (tree / "orchestrator").symlink_to(package)
        if package == DEBIANS:
            (packages / "ceph").symlink_to(DEBIANS_CEPH)
        done = subprocess.run(
            [sys.executable, str(SUBJECT), str(tree), str(packages)],
            input=json.dumps([(words.split(), text, mood) for words, text, mood in cases]),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=environment,
        )
    assert done.returncode == 0, done.stderr
    return Findings(**json.loads(done.stdout))
