"""The unit as systemd itself judges it, without starting anything."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from supervisor.config import Config, load
from tests.conftest import PATH
from tests.daemon import ROOT
from tests.systemd.service import INSTALL, UNIT


pytestmark = pytest.mark.systemd

FOLDER = ROOT / "tools" / "systemd"


@pytest.fixture
def unit(tmp_path):
    """The unit as the installation writes it."""
    file = tmp_path / UNIT
    file.write_text((FOLDER / UNIT).read_text().replace("@VENV@", sys.prefix))
    return file


def _analyze(*words):
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, env={"PATH": PATH}, check=False
    )


def _exposure(unit):
    said = _analyze("security", "--offline=yes", "--no-pager", str(unit)).stdout
    return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1])


def test_its_walls_are_graded_well(unit):
    """Below 3 of 10, also as a deployer's; as root, for modules that deploy units, below 5."""
    assert _exposure(unit) < 3
    for how, bound in (("user", 3), ("root", 5)):
        merged = unit.with_name(f"as-{how}.service")
        merged.write_text(unit.read_text().replace("[Install]", _settings(how) + "\n[Install]"))
        assert _exposure(merged) < bound, how


def _settings(how):
    """What a drop-in adds to the section [Service], which is the one before [Install]."""
    return (FOLDER / f"deploy-as-{how}.conf").read_text().partition("[Service]\n")[2]


def test_systemd_understands_every_line(unit):
    """No unknown key, no bad value."""
    done = _analyze("verify", "--man=no", "--recursive-errors=no", str(unit))
    assert (done.returncode, done.stderr) == (0, "")


def test_an_image_is_installed_into_and_cleaned_again(tmp_path):
    """Nothing of this machine is touched or named in it: paths are those that the image will have."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    (tmp_path / "etc").mkdir()
    environment = tmp_path / sys.prefix.lstrip("/")
    environment.parent.mkdir(parents=True)
    environment.symlink_to(sys.prefix)
    _install(tmp_path, "--venv", sys.prefix)
    units = tmp_path / "etc/systemd/system"
    assert (units / "multi-user.target.wants" / UNIT).is_symlink()
    assert f"\nExecStart={sys.prefix}/bin/mgr-supervisor --config" in (units / UNIT).read_text()
    assert "mgr-supervisor:x:" in (tmp_path / "etc/passwd").read_text()
    assert (tmp_path / "usr/local/bin/mgrctl").readlink() == Path(sys.prefix, "bin", "mgrctl")
    for file in (tmp_path / "etc").rglob("*.*"):
        assert not file.is_file() or str(tmp_path) not in file.read_text()
    config = tmp_path / "etc/mgr-supervisor/mgr-supervisor.toml"
    assert load(config) == Config()
    _install(tmp_path, "--uninstall")
    left = {file.name for file in tmp_path.rglob("*mgr*") if file.is_file() or file.is_symlink()}
    assert left == {config.name}


def _install(image, *options):
    subprocess.run(
        [str(INSTALL), "--root", str(image), *options],
        check=True, capture_output=True, env={"PATH": PATH},
    )  # fmt: skip


def test_the_shipped_configuration_shows_the_defaults(tmp_path):
    """Every line that is commented out can be used as it is, and changes nothing."""
    text = (FOLDER / "mgr-supervisor.toml").read_text()
    own = text.partition("\n# More modules")[0]
    file = tmp_path / "mgr.toml"
    file.write_text(re.sub(r"^# (?=\w+ = )", "", own, flags=re.MULTILINE))
    librados = Path("/etc/ceph/ceph.conf"), Path("/etc/ceph/ceph.mgr.x.keyring")
    assert load(file) == replace(Config(), ceph_conf=librados[0], ceph_keyring=librados[1])
