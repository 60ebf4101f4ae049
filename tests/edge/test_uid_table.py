"""The table of the modules' users: kept for good, on disk, for all supervisors that share it."""

import errno
import json
import threading

import pytest

from supervisor.edge.uid_table import UidTable


ALLOWED = range(66000, 66003)


def data(tmp_path, module):
    """A module that has data."""
    (tmp_path / "modules" / module).mkdir(parents=True)


def test_a_module_keeps_its_number(tmp_path):
    """Also in another process, and where more numbers are allowed now."""
    first = UidTable(tmp_path).number("a", ALLOWED)
    assert first in ALLOWED
    assert UidTable(tmp_path).known("b") is None
    second = UidTable(tmp_path).number("b", ALLOWED)
    again = UidTable(tmp_path)
    assert [again.number(name, range(66000, 70000)) for name in "ab"] == [first, second]
    assert first != second


def test_no_number_is_given_twice_while_there_is_data(tmp_path):
    """A module that has gone leaves its number with its data; without, it is free where need be."""
    table = UidTable(tmp_path)
    numbers = {}
    for name in "abc":
        data(tmp_path, name)
        numbers[name] = table.number(name, ALLOWED)
    with pytest.raises(OSError, match="no uid is left") as refused:
        table.number("d", ALLOWED)
    assert refused.value.errno == errno.EUSERS
    (tmp_path / "modules" / "b").rmdir()
    assert table.number("d", ALLOWED) == numbers["b"]
    assert table.known("b") is None


def test_what_is_no_module_keeps_its_number(tmp_path):
    """The group of all modules has no data."""
    table = UidTable(tmp_path)
    table.number("(modules)", ALLOWED)
    for name in "ab":
        data(tmp_path, name)
        table.number(name, ALLOWED)
    with pytest.raises(OSError, match="no uid is left"):
        table.number("c", ALLOWED)


def test_another_range_gives_another_number(tmp_path):
    table = UidTable(tmp_path)
    assert table.number("a", ALLOWED) in ALLOWED
    assert table.number("a", range(80000, 80010)) in range(80000, 80010)


def test_numbers_that_the_machine_knows_are_passed_over(tmp_path):
    """0 and 1 are users and groups everywhere."""
    with pytest.raises(OSError, match="no uid is left"):
        UidTable(tmp_path).number("a", range(2))


@pytest.mark.parametrize("text", ["{", "[]", '{"a": "1"}', '{"a": true}'])
def test_a_damaged_table_is_never_begun_anew(tmp_path, text):
    """Who belongs to whom would be forgotten."""
    (tmp_path / "uids.json").write_text(text)
    with pytest.raises(OSError, match="it is damaged"):
        UidTable(tmp_path).number("a", ALLOWED)
    assert (tmp_path / "uids.json").read_text() == text


def test_supervisors_that_share_it_agree(tmp_path):
    """Many at once give each module one number, and no number twice."""
    names, found = [f"m{n}" for n in range(8)], []
    for name in names:
        data(tmp_path, name)

    def ask():
        table = UidTable(tmp_path)
        found.append({name: table.number(name, range(66000, 66100)) for name in names})

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(one == found[0] for one in found)
    assert len(set(found[0].values())) == len(names)
    assert json.loads((tmp_path / "uids.json").read_text()) == found[0]
