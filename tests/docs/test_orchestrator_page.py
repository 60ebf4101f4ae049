"""docs/orchestrator.md does what it says: its backend and client are loaded, its sessions typed."""

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from module_host import testing
from tests.daemon import ROOT
from tests.docs import snippets
from tests.docs.reader import Project, reading


testing.activate(ROOT / "modules")
PAGE = (ROOT / "docs" / "orchestrator.md").read_text(encoding="utf-8")
SAMPLE = ROOT / "modules" / "test_orchestrator" / "dummy_data.json"


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    """Types every line of the page, once, in its order."""
    with reading(PAGE, lambda folder: _copy(SAMPLE, folder)) as found:
        yield found


def _copy(file: Path, folder: Path) -> None:
    shutil.copy(file, folder)


@pytest.mark.parametrize(
    "block", sorted(block.line for block in snippets.blocks(PAGE) if block.kind == "console")
)
def test_a_session_prints_what_the_page_shows(project, block):
    """Each line of the fenced block at that line of the page."""
    project.check(block)


def test_the_modules_of_the_page_run(project):
    """Both are loaded and none has failed."""
    states = {name: row["state"] for name, row in project.daemon.ps().items()}
    assert (states["paper"], states["reader"]) == ("running", "running")


def test_the_specs_of_the_page_are_valid():
    """Every YAML block is read as `orch apply -i` reads it."""
    interface = importlib.import_module("orchestrator._interface")
    found = [block.text for block in snippets.blocks(PAGE) if block.kind == "yaml"]
    specs = [interface.json_to_generic_spec(s) for text in found for s in yaml.safe_load_all(text)]
    assert [spec.service_type for spec in specs] == ["host", "mds"]


def test_placements_of_the_page_are_read_and_written_back():
    """The table's first column."""
    placement = importlib.import_module("ceph.deployment.service_spec").PlacementSpec
    table = PAGE.partition("| placement | means |\n|---|---|\n")[2].partition("\n\n")[0]
    shown = [line.split("`")[1] for line in table.splitlines()]
    assert len(shown) == 7
    for text in shown:
        read = placement.from_string(text)
        assert placement.from_string(read.pretty_str()) == read
    assert placement.from_string("count-per-host:2 label:osd").count_per_host == 2


def test_every_block_is_used():
    """A fence of another kind would be a snippet that nobody executes."""
    kinds = {block.kind for block in snippets.blocks(PAGE)}
    assert kinds == {"python", "console", "yaml"}
