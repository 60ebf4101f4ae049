"""The package that modules import: in every fact the same as Debian's, save what is listed here."""

import json
import subprocess
import sys

import pytest

from tests.daemon import ROOT


PACIFIC = ROOT / "module_host" / "api" / "pacific"
OURS = ROOT / "module_host" / "api" / "python_common"
THEIRS = "/usr/lib/python3/dist-packages"


def facts(kinds, *folders):
    done = subprocess.run(
        [sys.executable, "-m", "tests.orchestrator.facts", kinds, *map(str, (PACIFIC, *folders))],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def debians():
    return facts("common", "/usr/share/ceph/mgr", THEIRS)


@pytest.fixture(scope="module", params=[OURS, THEIRS], ids=["our specs", "Debian's specs"])
def ours(request):
    return facts("common", ROOT / "modules", request.param)


def differences(debians, ours):
    return {
        label: (fact, ours.get(label, "is missing"))
        for label, fact in debians.items()
        if ours.get(label, "is missing") != fact
    }


ALIKE = (
    "daemons", "names", "services", "inventory", "events", "errors", "backend", "client",
    "commands",
)  # fmt: skip
# What Debian's file has for itself alone: nobody imports it.
ITS_OWN = {"FuncT", "InnerCliCommandCallable", "T", "_cli_command", "_mk_orch_methods"}


@pytest.mark.ceph
@pytest.mark.parametrize("kind", ALIKE)
def test_it_is_as_debians(debians, ours, kind):
    """States, reports, names, texts, errnos, what a client calls and what it is told."""
    assert len(debians[kind]) > 5
    assert differences(debians[kind], ours[kind]) == {}


@pytest.mark.ceph
def test_every_name_of_debians_is_there(debians, ours):
    """And every class goes by the name by which its instances cross."""
    lacking = differences(debians["exports"], ours["exports"])
    words = {label.partition(" ")[0].rpartition(".")[2] for label in lacking}
    assert words == ITS_OWN


@pytest.mark.ceph
def test_whoever_calls_debians_methods_can_call_ours(debians, ours):
    """The same parameters in the same order; what newer releases added follows, and is optional."""
    assert len(debians["signatures"]) > 150
    for label, theirs in debians["signatures"].items():
        own = ours["signatures"][label]
        assert _without_mutable(own[: len(theirs)]) == _without_mutable(theirs), label
        assert all(default != "-" for _name, _kind, default in own[len(theirs) :]), label


def _without_mutable(parameters):
    return [
        [name, kind, {"[]": "None"}.get(default, default)] for name, kind, default in parameters
    ]


@pytest.mark.ceph
def test_what_is_newer_than_pacific_is_told_of_as_not_available(debians, ours):
    """A client asks for these only where a feature set says that the backend has them."""
    newer = {
        label.partition(" ")[2]: kind
        for label, kind in ours["backend"].items()
        if label.startswith("feature ") and label not in debians["backend"]
    }
    assert {"hardware_status", "set_unmanaged", "apply_nvmeof", "tuned_profile_ls"} <= set(newer)
    assert all(kind == {"available": False} for kind in newer.values())
    for name in newer:
        assert ours["backend"][f"default of {name}"]["raised"][0] == "builtins.NotImplementedError"
