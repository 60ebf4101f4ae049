"""Which folders are modules, and whose names win."""

from pathlib import Path

import pytest

from supervisor.config import ConfigError, Tree
from supervisor.edge.discovery import discover, library_path, search_path


def _module(tree: Path, name: str) -> None:
    (tree / name).mkdir(parents=True)
    (tree / name / "module.py").write_text("")


def test_a_module_is_a_folder_with_module_py(tmp_path):
    """Files, folders without module.py and names that cannot be imported are passed over."""
    _module(tmp_path, "good")
    _module(tmp_path, "not-a-name")
    (tmp_path / "empty").mkdir()
    (tmp_path / "mgr_module.py").write_text("")
    assert list(discover([Tree(tmp_path)])) == ["good"]


def test_the_first_tree_wins(tmp_path):
    """A name found in two trees belongs to the one that comes first; order is alphabetical."""
    for tree in ("one", "two"):
        _module(tmp_path / tree, "both")
    _module(tmp_path / "two", "alone")
    found = discover([Tree(tmp_path / "one"), Tree(tmp_path / "two")])
    assert list(found) == ["alone", "both"]
    assert found["both"].tree.path == tmp_path / "one"


def test_a_tree_that_is_not_there_is_named(tmp_path):
    """The refusal names the folder."""
    with pytest.raises(ConfigError, match="absent: No such file"):
        discover([Tree(tmp_path / "absent")])


@pytest.mark.parametrize(
    ("api", "brings", "order", "behind"),
    [
        ("auto", True, ["tree", "pacific", "other"], ["installed", "python_common"]),
        ("auto", False, ["pacific", "python_common", "tree", "other"], ["installed"]),
        ("tree", True, ["tree", "pacific", "other"], ["installed", "python_common"]),
        ("supervisor", True, ["pacific", "python_common", "tree", "other"], ["installed"]),
    ],
)
def test_a_trees_own_names_win_over_ours_unless_told_otherwise(
    tmp_path, api, brings, order, behind
):
    """sys.path: the module's tree, our api, the rest of the module path; Ceph's packages are those
    that belong to the mgr_module, and an installation that is not there is passed over.
    """
    tree = Tree(tmp_path / "tree", api)
    other = Tree(tmp_path / "other")
    _module(tree.path, "m")
    other.path.mkdir()
    if brings:
        (tree.path / "mgr_module.py").write_text("")
    found = discover([tree, other])["m"]
    path = search_path(found, [tree, other], tmp_path / "api")
    assert [Path(folder).name for folder in path] == order
    (tmp_path / "installed").mkdir()
    installed = [tmp_path / "absent", tmp_path / "installed"]
    assert [Path(p).name for p in library_path(found, installed, tmp_path / "api")] == behind


def test_each_tree_gets_the_names_of_its_own_level(tmp_path):
    """The rest of the module path is the same at both levels. Our Ceph packages are pacific's, so at
    a newer level those that are installed go before them.
    """
    trees = [Tree(tmp_path / "old"), Tree(tmp_path / "new", level="main")]
    for tree, name in zip(trees, "ab", strict=True):
        _module(tree.path, name)
    found = discover(trees)
    assert search_path(found["a"], trees, tmp_path)[0] == str(tmp_path / "pacific")
    assert [Path(f).name for f in search_path(found["b"], trees, tmp_path)] == [
        "main",
        "new",
        "old",
    ]
    assert library_path(found["b"], [tmp_path], tmp_path) == [
        str(tmp_path),
        str(tmp_path / "python_common"),
    ]
