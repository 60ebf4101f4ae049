"""A folder is given to its user, and nothing is that was put there as a trap."""

import os
from pathlib import Path

import pytest

from supervisor.edge import ownership
from supervisor.edge.ownership import give


pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
UID = 71234


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    """A module's data."""
    folder = tmp_path / "data"
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "deep" / "deeper" / "file").write_text("x")
    (folder / "file").write_text("x")
    return folder


def owners(path):
    """User and group, of a link its own."""
    return path.lstat().st_uid, path.lstat().st_gid


def test_everything_in_it_is_given(folder):
    """And once more, nothing is to be done."""
    os.mkfifo(folder / "pipe")
    assert give(folder, UID, UID).changed == 6
    for path in (folder, *folder.rglob("*")):
        assert owners(path) == (UID, UID)
    assert give(folder, UID, UID) == ownership.Given(0, 5, [])
    assert give(folder, 0, 0).changed == 6
    assert owners(folder / "deep" / "deeper" / "file") == (0, 0)


def test_links_are_not_followed(folder, tmp_path):
    """Neither to a file nor to a folder; they are given themselves."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    (folder / "to_file").symlink_to(outside / "file")
    (folder / "to_folder").symlink_to(outside)
    (folder / "to_nothing").symlink_to("nowhere")
    give(folder, UID, UID)
    assert owners(folder / "to_folder") == (UID, UID)
    for path in (outside, outside / "file"):
        assert owners(path) == (0, 0)
    (tmp_path / "link").symlink_to(outside)
    with pytest.raises(OSError, match="link"):
        give(tmp_path / "link", UID, UID)
    assert owners(outside) == (0, 0)


def test_a_second_name_of_anothers_file_is_not_given(folder, tmp_path):
    """What belongs to the user already may have as many names as it likes."""
    (tmp_path / "secret").write_text("x")
    (folder / "trap").hardlink_to(tmp_path / "secret")
    os.chown(folder / "file", UID, 0)
    (folder / "second").hardlink_to(folder / "file")
    given = give(folder, UID, UID)
    assert owners(tmp_path / "secret") == (0, 0)
    assert owners(folder / "second") == (UID, UID)
    assert given.kept == ["./trap: it has another name, and may be somebody else's"]


def test_devices_are_not_given(folder):
    """Its owner could open what it stands for."""
    os.mknod(folder / "null", 0o020600, os.makedev(1, 3))
    assert give(folder, UID, UID).kept == ["./null: a device"]
    assert owners(folder / "null") == (0, 0)


def test_the_work_is_bounded(folder, monkeypatch):
    """In entries and in depth; what is left is said, and no descriptor stays open."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(ownership, "DEPTH", 2)
    assert give(folder, UID, UID).kept == ["./deep/deeper: too deep"]
    assert owners(folder / "deep" / "deeper" / "file") == (0, 0)
    monkeypatch.setattr(ownership, "ENTRIES", 1)
    assert give(folder, UID, UID).kept == [f"{folder}: more than 1 entries"]
    assert len(list(Path("/proc/self/fd").iterdir())) == before
