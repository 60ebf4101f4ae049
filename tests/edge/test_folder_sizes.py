"""What a folder takes on disk, whatever a module makes in it."""

import os

from supervisor.edge import folder_sizes
from supervisor.edge.folder_sizes import LEAST, FolderSizes


MIB = 1 << 20


def _size(path):
    """As the first look has it: nothing here takes more."""
    return FolderSizes().look({"it": path})["it"]


def _fill(path, size):
    path.write_bytes(b"x" * size)


def test_files_count_with_their_blocks_and_the_smallest_with_their_inode(tmp_path):
    _fill(tmp_path / "large", 3 * MIB)
    (tmp_path / "hole").touch()
    os.truncate(tmp_path / "hole", MIB << 10)
    (tmp_path / "empty").touch()
    assert _size(tmp_path) == 3 * MIB + 2 * LEAST


def test_a_file_with_several_names_counts_once(tmp_path):
    _fill(tmp_path / "one", MIB)
    for number in range(5):
        (tmp_path / f"again{number}").hardlink_to(tmp_path / "one")
    assert _size(tmp_path) == MIB


def test_links_are_not_followed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    _fill(outside / "large", MIB)
    (folder / "out").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    assert _size(folder) == 2 * LEAST
    (tmp_path / "top").symlink_to(outside)
    assert _size(tmp_path / "top") == 0


def test_folders_too_deep_for_any_path_hide_nothing(tmp_path):
    name, fd = "d" * 200, os.open(tmp_path, os.O_RDONLY)
    for _ in range(50):
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    hidden = os.open("large", os.O_WRONLY | os.O_CREAT, dir_fd=fd)
    os.write(hidden, b"x" * MIB)
    os.close(hidden)
    os.close(fd)
    assert _size(tmp_path) >= MIB


def test_a_large_folder_takes_several_looks_and_others_have_theirs_meanwhile(tmp_path, monkeypatch):
    """What was counted so far is known at once."""
    monkeypatch.setattr(folder_sizes, "ENTRIES", 20)
    large, small = tmp_path / "large", tmp_path / "small"
    for folder, files in ((large, 100), (small, 5)):
        folder.mkdir()
        for number in range(files):
            (folder / str(number)).touch()
    sizes = FolderSizes()
    seen = [sizes.look({"large": large, "small": small}) for _ in range(10)]
    assert all(look["large"] <= 20 * (at + 1) * LEAST for at, look in enumerate(seen))
    assert seen[2]["small"] == 5 * LEAST
    assert seen[-1] == {"large": 100 * LEAST, "small": 5 * LEAST}


def test_a_folder_that_is_gone_has_nothing(tmp_path):
    assert _size(tmp_path / "none") == 0


def test_what_is_known_of_a_module_outlives_its_process(tmp_path):
    """Or a folder would look empty while it is counted anew after each restart."""
    (tmp_path / "file").touch()
    sizes = FolderSizes()
    assert sizes.look({"it": tmp_path}) == {"it": LEAST}
    assert sizes.look({}) == {}
    assert sizes.look({"it": tmp_path}) == {"it": LEAST}
