"""docs/guide.md names files and tests that exist, and deviations that are listed."""

import re
import subprocess
import sys

from tests.daemon import ROOT


PAGE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
DEVIATIONS = (ROOT / "docs" / "deviations.md").read_text(encoding="utf-8")
SECTIONS = """
Creating a module. Installing a module. Logging. Exposing commands. Responses and formatting.
Configuration options. KV store. Accessing cluster data. Exposing health checks.
What if the mons are down? Reporting if your module cannot run. Sending commands.
Receiving notifications. Accessing RADOS or CephFS. Implementing standby mode.
Communicating between modules. Shutting down cleanly. Limitations. Debugging. Is something missing?
"""


def table() -> list[list[str]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.removesuffix("|")[1:].split("|")] for line in lines]


HEAD, _, *ROWS = table()


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_row_is_whole():
    """Six cells; a statement that is implemented is proved, one that is not says so."""
    assert HEAD == ["section", "statement", "in", "implemented in", "proved by", "differs"]
    for row in ROWS:
        assert len(row) == 6, row
        _, statement, release, files, tests, _ = row
        assert statement
        assert release in ("P", "N"), row
        assert (files == "not yet") == (tests == ""), row


def test_every_section_of_cephs_guide_is_there_in_its_order():
    wanted = [part.strip() for part in re.split(r"(?<=\?)|\.", SECTIONS) if part.strip()]
    assert list(dict.fromkeys(row[0] for row in ROWS)) == wanted


def test_every_file_exists():
    missing = [name for row in ROWS for name in quoted(row[3]) if not (ROOT / name).is_file()]
    assert not missing
    assert all(quoted(row[3]) or row[3] == "not yet" for row in ROWS)


def test_every_test_is_collected():
    """By pytest itself, so that a name in a comment does not count."""
    named = sorted({name for row in ROWS for name in quoted(row[4])})
    files = sorted({name.partition("::")[0] for name in named})
    assert not [name for name in files if not (ROOT / name).is_file()]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    collected = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}
    collected |= {name.partition("::")[0] for name in collected}
    assert not [name for name in named if name not in collected]


def test_every_deviation_is_in_the_list():
    """A link's text is the first cell of a row of deviations.md."""
    listed = {
        line.split("|")[1].strip() for line in DEVIATIONS.splitlines() if line.startswith("|")
    }
    for row in ROWS:
        links = re.findall(r"\[((?:[^\[\]])+)\]\(deviations\.md\)", row[5])
        assert bool(links) == bool(row[5]), row
        assert not [text for text in links if text not in listed]
