"""Upstream's mgr_module: ours has its names, and it runs unmodified on our ceph_module."""

import ast
import functools
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api import house  # noqa: F401  puts api/ on sys.path


pytestmark = pytest.mark.ceph

TREE = Path("/usr/share/ceph/mgr")
CHILD = Path(__file__).with_name("upstream_child.py")
# Implementation of upstream's, which nothing outside of its file uses.
INTERNAL = {"get_args", "get_origin", "OptionTypeLabel", "__del__", "_cleanup"}
INTERNAL |= {"_get_arg_value"}


def findings(which, name, expression, log_dir):
    done = subprocess.run(
        [sys.executable, str(CHILD), which, name, expression, str(log_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@functools.cache
def upstreams(file):
    """Every function and class of a file of upstream's: [(class or None, name, node)]."""
    found = []
    for node in ast.parse((TREE / file).read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in INTERNAL:
            found.append((None, node.name, node))
        if isinstance(node, ast.Assign):
            found += [(None, t.id, None) for t in node.targets if isinstance(t, ast.Name)]
        if isinstance(node, ast.ClassDef):
            found += [
                (node.name, inner.name, inner)
                for inner in node.body
                if isinstance(inner, ast.FunctionDef | ast.ClassDef) and inner.name not in INTERNAL
            ]
    return found


def ours(module, owner, name):
    holder = importlib.import_module(module)
    holder = getattr(holder, owner) if owner else holder
    assert hasattr(holder, name), f"{owner or module}.{name} is missing"
    return inspect.getattr_static(holder, name) if owner else getattr(holder, name)


@pytest.mark.parametrize("module", ["mgr_module", "mgr_util"])
def test_every_name_of_upstreams_file_exists_in_ours(module):
    for owner, name, _ in upstreams(f"{module}.py"):
        if name not in ("T", "Module_T", "ConfEntity", "logger"):
            ours(module, owner, name)


@pytest.mark.parametrize("module", ["mgr_module", "mgr_util"])
def test_signatures_are_upstreams(module):
    """What can be passed to upstream's, positionally or by name, can be passed to ours."""
    wrong = []
    for owner, name, node in upstreams(f"{module}.py"):
        if not isinstance(node, ast.FunctionDef) or name.startswith("__"):
            continue
        function = ours(module, owner, name)
        if isinstance(function, property):
            continue
        function = getattr(function, "__func__", function)
        names = [argument.arg for argument in node.args.args]
        found = [
            parameter.name
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL)
        ]
        if found[: len(names)] != names:
            wrong.append(f"{owner}.{name}{names}: ours has {found}")
    assert wrong == []


HANDLERS = """
from enum import Enum
from typing import List, Optional, Sequence
class Colour(Enum):
    red = "red"
    blue = "dark-blue"
def a(self, x: str, n: int = 3, f: float = 1.0, flag: bool = False) -> int: "Help"
def b(self, x: str, y: Optional[str] = None): "No return annotation\\nat all"
def c(self, many: Sequence[str], more: Optional[List[int]] = None) -> int: pass
def d(mgr, colour: Colour, _: str = "", inbuf: Optional[str] = None) -> int: pass
def e(self, inbuf: str, colours: List[Colour]) -> int: pass
def f(self) -> int: pass
def g(self, width: int = 80, print_header: bool = False): pass
"""
DUMP = f"""(lambda space: (
    exec({HANDLERS!r}, space),
    mgr_module.CLICommand.COMMANDS.clear(),
    [mgr_module.CLICommand(n, perm="r", poll=n == "a")(space[n]) for n in "abcdefg"],
    mgr_module.CLICommand.dump_cmd_list())[-1])({{}})"""


def test_descriptors_equal_upstreams(tmp_path):
    both = [findings(which, "iostat", DUMP, tmp_path) for which in ("own", "upstream")]
    assert both[0] == both[1]
    assert len(both[0]) == 7


@pytest.mark.parametrize("which", ["own", "upstream"])
def test_upstreams_selftest_passes(which, tmp_path):
    expression = "[module._self_test(), memory.keys, memory.uris]"
    found = findings(which, "selftest", expression, tmp_path)
    assert found == [None, {"testkey": "testvalue"}, ["http://this.is.a.test.com"]]


@pytest.mark.parametrize("which", ["own", "upstream"])
def test_records_of_an_upstream_module_go_to_its_own_file_alone(which, tmp_path):
    """`log_to_file` is on by default here; with upstream's handlers too, nothing comes twice."""
    assert findings(which, "selftest", "module.log.error('a line')", tmp_path) is None
    assert "a line" in (tmp_path / "mgr.x.selftest.log").read_text()
    expression = "[module.log.error('a line'), memory.daemon_lines]"
    assert findings(which, "selftest", expression, tmp_path) == [None, []]


@pytest.mark.parametrize("which", ["own", "upstream"])
def test_pg_autoscaler_works_out_its_table(which, tmp_path):
    """It reads pools, roots and rules of the maps, none of which needs the CRUSH function."""
    pools = "module.get_osdmap().get_pools_by_name()"
    # Rules that start at different buckets of one tree make it pass all of them over.
    one_root = "[pool.update(crush_rule=0) for pool in memory.documents['osd_map']['pools']]"
    table = f"module._get_pool_status(module.get_osdmap(), {pools})[0]"
    expression = f"[module.config_notify(), {one_root}, {table}][-1]"
    rows = findings(which, "pg_autoscaler", expression, tmp_path)
    assert {row["pool_name"] for row in rows} >= {"rep", "ecp"}, rows


@pytest.mark.parametrize("which", ["own", "upstream"])
def test_balancer_answers_its_status(which, tmp_path):
    expression = "module._handle_command('', {'prefix': 'balancer status'})"
    status, stdout, _ = findings(which, "balancer", expression, tmp_path)
    assert status == 0
    assert json.loads(stdout)["mode"] == "upmap"


@pytest.mark.parametrize("which", ["own", "upstream"])
def test_a_plan_of_the_balancer_is_refused_in_a_sentence(which, tmp_path):
    """Planning by upmap needs the CRUSH function; the answer says so."""
    plan = "module._handle_command('', {'prefix': 'balancer optimize', 'plan': 'p'})"
    found = findings(which, "balancer", plan, tmp_path)
    assert "upmaps cannot be computed: they need the CRUSH mapping function" in str(found)


@pytest.mark.parametrize("which", ["own", "upstream"])
def test_progress_follows_an_osd_that_is_marked_out(which, tmp_path):
    """It compares where PGs are in the map before and after."""
    change = """(lambda old: [
        memory.documents.__setitem__("osd_map", __import__("copy").deepcopy(memory.documents["osd_map"])),
        memory.documents["osd_map"]["osds"][0].update({"in": 0, "weight": 0.0}),
        memory.documents.__setitem__("pg_stats", __import__("copy").deepcopy(memory.documents["pg_stats"])),
        [pg.update(acting=[2], up=[2]) for pg in memory.documents["pg_stats"]["pg_stats"]],
        module._osdmap_changed(old, module.get_osdmap()),
        [event.to_json()["message"] for event in module._events.values()]][-1])(module.get_osdmap())"""
    assert findings(which, "progress", change, tmp_path) == ["Rebalancing after osd.0 marked out"]


def test_the_real_context_opens_librados(tmp_path):
    """The capsule is a CephContext, made without connecting; the same one for every caller."""
    conf = tmp_path / "ceph.conf"
    conf.write_text("[global]\nmon host = 127.0.0.1:1\n")
    expression = f"""(lambda identity, context, rados: [
        type(context.capsule(identity)).__name__,
        context.capsule(identity) is context.capsule(identity),
        rados.Rados(context=context.capsule(identity)).conf_get('mon_host')])(
            __import__('dataclasses').replace(memory.identity, conf_path={str(conf)!r}),
            __import__('module_host.ceph.context', fromlist=['x']), __import__('rados'))"""
    assert findings("own", "iostat", expression, tmp_path) == ["PyCapsule", True, "127.0.0.1:1"]


def test_our_classes_name_the_module_they_are_imported_from():
    mgr_module = importlib.import_module("mgr_module")
    for name in ("MgrModule", "OSDMap", "HandleCommandResult", "NotifyType"):
        assert getattr(mgr_module, name).__module__ == "mgr_module"
