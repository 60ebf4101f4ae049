"""What stands around a run of the kit: documents from files, sys.path, an author's own process."""

import gzip
import json
import subprocess
import sys

import pytest

from module_host import testing
from tests.daemon import GOOD, ROOT


def test_documents_come_from_files(tmp_path):
    one = {"osd_map": {"epoch": 1}, "df": {"pools": []}}
    (tmp_path / "all.json").write_text(json.dumps(one))
    (tmp_path / "all.json.gz").write_bytes(gzip.compress(json.dumps(one).encode()))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "osd_map.json").write_text('{"epoch": 1}')
    (folder / "df.json").write_text('{"pools": []}')
    for source in ("all.json", "all.json.gz", "folder"):
        assert testing.documents(tmp_path / source) == one


def test_documents_come_from_a_running_supervisor(tmp_path):
    """Its folder of published state holds NAME.VERSION; the newest counts."""
    for name, text in {"osd_map.9": '{"epoch": 9}', "osd_map.10": '{"epoch": 10}'}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "versions").write_bytes(b"\0" * 100)
    assert testing.documents(tmp_path) == {"osd_map": {"epoch": 10}}


@pytest.mark.parametrize("text", ["", "[1]", "{"])
def test_files_that_hold_no_documents_are_refused_by_name(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError, match=r"x.json holds no documents"):
        testing.documents(tmp_path / "x.json")
    with pytest.raises(ValueError, match=r"nothing.json holds no documents"):
        testing.documents(tmp_path / "nothing.json")
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(ValueError, match=r"no file is called NAME\.json"):
        testing.documents(folder)
    (folder / "a.json").write_text("{")
    with pytest.raises(ValueError, match=r"a\.json is no JSON"):
        testing.documents(folder)


def test_a_trees_own_mgr_module_comes_before_ours(tmp_path):
    """As in a host: Ceph's own tree stands on its own mgr_module."""
    (tmp_path / "mgr_module.py").touch()
    api = str(ROOT / "module_host" / "api" / "pacific")
    packages = str(ROOT / "module_host" / "api" / "python_common")
    assert testing.paths(GOOD, tmp_path) == [str(tmp_path), api, str(GOOD)]
    assert testing.paths(GOOD) == [api, packages, str(GOOD)]
    newest = str(ROOT / "module_host" / "api" / "main")
    assert testing.paths(GOOD, level="main") == [newest, str(GOOD)]
    with pytest.raises(ValueError, match="nowhere is no folder"):
        testing.paths(tmp_path / "nowhere")


AUTHORS = """
import sys
from module_host import testing
sys.path.insert(0, {tree!r})
{before}
testing.activate({tree!r})
from hello import Module
with testing.run(Module, state={{"osd_map": {{"osds": []}}}}) as hello:
    hello.serve()
    print(hello.command("hello Ceph").stdout, sorted(n for n in sys.modules if n in {forbidden!r}))
"""
FORBIDDEN = ("supervisor", "mgrctl", "tests", "pytest", "structlog", "psutil")


def authors(folder, before=""):
    text = AUTHORS.format(tree=str(ROOT / "modules"), before=before, forbidden=FORBIDDEN)
    for name in ("module_host", "proto"):
        target = folder / name
        if not target.exists():
            target.symlink_to(ROOT / name)
    return subprocess.run(
        [sys.executable, "-P", "-c", text],
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_kit_needs_nothing_but_what_a_host_has(tmp_path):
    """An author's process holds neither the supervisor nor a test framework of ours."""
    done = authors(tmp_path)
    assert done.stdout == "Hello, Ceph! []\n", done.stderr


def test_a_foreign_mgr_module_is_named(tmp_path):
    (tmp_path / "mgr_module.py").touch()
    done = authors(tmp_path, before="import mgr_module")
    assert "mgr_module was imported from" in done.stderr
    assert "before testing.activate() was called" in done.stderr


def test_a_class_without_mgr_module_gets_told(tmp_path):
    text = "from module_host import testing\nwith testing.run(dict): pass"
    for name in ("module_host", "proto"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "mgr_module was never imported: call module_host.testing.activate()" in done.stderr


NEWEST = """
from module_host import testing
testing.activate({tree!r}, level="main")
from ledger import Module
with testing.run(Module, ceph_options={{"mgr_pool": True}}) as ledger:
    print(ledger.command("ledger add book --owner ann --amount 3").stdout)
    print(ledger.command("ledger list").stdout)
    try:
        ledger.module.get("osd_map")["osds"] = 1
    except TypeError as error:
        print(type(error).__name__)
    try:
        ledger.module.set_module_option("log_level", "loud")
    except ValueError as error:
        print(type(error).__name__)
"""


def test_a_module_of_level_main_runs_in_the_kit(tmp_path):
    """With its own database, read-only documents, and refused values as ValueError."""
    tree = str(ROOT / "tests" / "trees" / "newest")
    for name in ("module_host", "proto"):
        (tmp_path / name).symlink_to(ROOT / name)
    text = NEWEST.format(tree=tree).replace(
        "testing.run(Module,", 'testing.run(Module, state={"osd_map": {"osds": []}},'
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", text],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "added", '[{"item": "book", "owner": "ann", "amount": 3}]', "TypeError", "ValueError",
    ], done.stderr  # fmt: skip


def test_an_unknown_level_is_refused():
    with pytest.raises(ValueError, match="level is one of pacific, main, not 'squid'"):
        testing.paths(GOOD, level="squid")
