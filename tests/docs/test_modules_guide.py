"""docs/modules.md does what it says: its modules are loaded, its sessions typed, its tests run."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from module_host import testing
from tests.daemon import ROOT
from tests.docs import snippets
from tests.docs.reader import Project, reading
from tests.inprocess import mgrctl


testing.activate()
GUIDE = ROOT / "docs" / "modules.md"
PAGE = GUIDE.read_text(encoding="utf-8")
SESSIONS = snippets.typed(PAGE)
# The two sides of a real call, for the table of what crosses.
CALLER = """
from mgr_module import CLICommand, MgrModule

class Module(MgrModule):
    @CLICommand("crossing")
    def crossing(self, setup: str, value: str):
        '''Send a value and compare what comes back'''
        space = {"self": self}
        exec(setup, space)
        sent = eval(value, space)
        try:
            got = self.remote("crossing_far", "give_back", sent)
        except RuntimeError as error:
            return 0, f"refused: {error}", ""
        return 0, f"{'same' if self.alike(sent, got) else repr(got)}", ""

    @CLICommand("look")
    def look(self, value: str):
        '''Show a value'''
        return 0, repr(eval(value, {"self": self})), ""

    def alike(self, sent, got):
        if isinstance(sent, BaseException):
            return type(sent) is type(got) and sent.args == got.args
        return type(sent) is type(got) and (sent == got or repr(sent) == repr(got))
"""
FAR = """
from mgr_module import MgrModule

class Module(MgrModule):
    def give_back(self, value):
        return value
"""
THINGS = """
import enum
from collections import namedtuple
from dataclasses import dataclass

Pair = namedtuple("Pair", "a b")

class Colour(enum.Enum):
    red = 1

@dataclass
class Point:
    x: int
    y: int
    def __reduce__(self):
        raise AssertionError("nothing of a class runs")

class NoSuchThing(Exception):
    pass

class Closing:
    def __del__(self):
        pass
"""


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    """Types every line of the guide, once, in its order."""
    with reading(PAGE, _plant, enable=("crossing", "crossing_far")) as found:
        yield found


def _plant(folder: Path) -> None:
    for module, text in {"crossing": CALLER, "crossing_far": FAR}.items():
        package = folder / "my-modules" / module
        package.mkdir()
        (package / "__init__.py").write_text("from .module import Module\n")
        (package / "module.py").write_text(text)
    (folder / "my-modules" / "things.py").write_text(THINGS)


@pytest.mark.parametrize("block", sorted({line.block for line in SESSIONS}))
def test_a_session_prints_what_the_guide_shows(project, block):
    """Each line of the fenced block at that line of the page."""
    project.check(block)


def test_every_module_of_the_guide_is_loaded(project):
    """Each package in the tree is known, and none has a defect that the guide does not show."""
    packages = {p.parent.name for p in (project.folder / "my-modules").glob("*/module.py")}
    rows = project.daemon.ps()
    assert packages <= set(rows)
    listed = project.daemon.mgrctl("mgr module ls --format json").json
    errors = {m["name"]: m["error_string"] for m in listed["disabled_modules"] if m["error_string"]}
    assert {name for name in errors if name in packages} <= {"picky"}


def test_every_block_is_used():
    """A fence of another kind would be a snippet that nobody executes."""
    kinds = {block.kind for block in snippets.blocks(PAGE)}
    assert kinds == {"python", "console"}
    assert all(block.path for block in snippets.blocks(PAGE) if block.kind == "python")


def test_placeholders_stand_for_what_varies_and_no_more():
    assert snippets.same("a ... c\n", "a b c\n")
    assert snippets.same("a\n...\nd\n", "a\nb\nc\nd\n")
    assert not snippets.same("a\n", "a\nb\n")
    assert not snippets.same("a ... c\n", "a b d\n")
    assert not snippets.same("", "a\n")
    assert not snippets.same("a.c\n", "abc\n")


def rows(heading: str) -> list[list[str]]:
    """Cells of the table that follows `heading`."""
    text = PAGE.split(f"\n{heading}\n", 1)[1]
    lines = [line for line in text.split("\n## ", 1)[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


CROSSING = rows("### What crosses")


def test_values_cross_as_the_table_says(project):
    """Each row is sent through a real remote() and back."""
    setup = "import collections, datetime, pathlib, threading, types, zoneinfo, things"
    wrong = []
    for value, outcome in CROSSING:
        code = value.strip("`").replace("\\|", "|")
        answered = mgrctl(project.daemon.socket, "crossing", setup, code)
        assert answered.code == 0, answered
        sentence = outcome.removeprefix("no: ").strip("`")
        refused = f"refused: crossing_far.give_back(): {sentence}"
        if answered.out.strip() != ("same" if outcome == "yes" else refused):
            wrong.append((value, outcome, answered.out))
    assert not wrong
    assert {outcome == "yes" for _, outcome in CROSSING} == {True, False}


def test_get_knows_every_name_of_the_table(project):
    names = [word.strip("`") for row in rows("### Names of `get()`") for word in row[0].split()]
    assert len(names) == 30
    unknown = f"[name for name in {names} if self.get(name) is None]"
    assert mgrctl(project.daemon.socket, "look", unknown).out == "[]\n"


@pytest.mark.parametrize("row", rows("### Types of options"), ids=lambda row: row[0])
def test_an_option_reads_as_the_table_says(row):
    """The value is stored and read back as in production (tests/testing/test_same_refusals.py)."""
    kind, text, value = (cell.strip("`") for cell in row)
    mgr_module = importlib.import_module("mgr_module")
    option = {"name": "o"} if kind == "none" else {"name": "o", "type": kind}
    cls = type("Module", (mgr_module.MgrModule,), {"MODULE_OPTIONS": [option]})
    with testing.run(cls, name="typed", options={"o": text}) as typed:
        assert repr(typed.module.get_module_option("o")) == value


def test_the_handle_offers_what_the_table_says():
    table = "".join(row[0] for row in rows("### What `running` offers"))
    names = {re.match(r"\w+", text).group() for text in re.findall(r"`([^`]+)`", table)}
    assert len(names) == 23
    mgr_module = importlib.import_module("mgr_module")
    with testing.run(type("Module", (mgr_module.MgrModule,), {}), name="bare") as running:
        assert not [name for name in names if not hasattr(running, name)]
    assert "module_host.testing" in PAGE


TYPES = rows("### Arguments")


@pytest.mark.parametrize("row", TYPES, ids=lambda row: row[0])
def test_an_annotation_means_what_the_table_says(row):
    from module_host.mgr import argdesc

    space: dict[str, object] = {}
    exec(
        "import enum\nfrom typing import *\nColour = enum.Enum('Colour', {'red': 'red', 'blue': 'blue'})",
        space,
    )
    annotation, descriptor, _ = row
    described = argdesc.describe("x", eval(annotation.strip("`").replace("\\|", "|"), space), False)
    assert described == "name=x," + descriptor.strip("`").replace("\\|", "|")


def test_modules_of_the_guide_are_valid_and_short():
    """A reader copies them; each fits a screen."""
    for block in snippets.blocks(PAGE):
        if block.path.startswith("my-modules"):
            ast.parse(block.text)
            assert block.text.count("\n") <= 60, block.path
