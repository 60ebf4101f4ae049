"""Log files on disk: rotated in place, and read piece by piece, as `module logs -f` does."""

import os
import socket
import threading

import pytest

from supervisor.edge import log_files
from supervisor.edge.launcher import Child
from supervisor.edge.log_files import numbered, open_log, read_from, rotate, tail


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.log"


def _all(path, monkeypatch, chunk):
    monkeypatch.setattr(log_files, "CHUNK", chunk)
    view = {"place": "", "after": 0}
    texts = []
    while True:
        view = read_from(path, view["place"], view["after"])
        if not view["text"]:
            return "".join(texts), view["after"]
        texts.append(view["text"])


def test_bytes_that_are_no_text_neither_repeat_nor_hide_what_follows(path, monkeypatch):
    """Each bad byte is one replacement character; the offset counts the file's bytes."""
    path.write_bytes(b"a\xff\xfe\xffb" * 20 + b"end\n")
    text, after = _all(path, monkeypatch, 7)
    assert text == "a\ufffd\ufffd\ufffdb" * 20 + "end\n"
    assert after == path.stat().st_size


def test_a_character_that_is_cut_in_two_comes_whole(path, monkeypatch):
    """Whether the chunk ended there or the writer has not finished it yet."""
    path.write_bytes("\u00fc\u20ac\U0001f600".encode() + b"\xe2\x82")
    text, after = _all(path, monkeypatch, 5)
    assert text == "\u00fc\u20ac\U0001f600"
    assert after == 9


def rotated(path, keep=4):
    os.close(rotate(path, keep))


def test_the_oldest_files_are_removed(path):
    """`keep` rotated files, the newest with the lowest number; the log itself is empty again."""
    for number in range(6):
        path.write_text(f"round {number}")
        rotated(path, keep=3)
    assert [numbered(path, n).read_text() for n in range(4)] == [
        "",
        "round 5",
        "round 4",
        "round 3",
    ]
    assert len(list(path.parent.iterdir())) == 4


def test_a_rotation_that_ended_half_way_is_finished_by_the_next(path):
    """Killed between its last two steps: one file with two names is not kept twice."""
    path.write_text("once")
    numbered(path, 1).hardlink_to(path)
    (path.parent / "x.log.new").write_text("rest of a rotation")
    rotated(path)
    assert [numbered(path, n).read_text() for n in range(2)] == ["", "once"]
    assert not numbered(path, 2).exists()


def test_a_rotation_that_fails_leaves_the_log_alone(path):
    """Here a folder is in the way. Nothing stays open, nothing is left behind."""
    path.write_text("kept")
    (path.parent / "x.log.new").mkdir()
    with pytest.raises(OSError, match=r"x\.log\.new"):
        rotate(path, 4)
    assert path.read_text() == "kept"


def test_reading_goes_on_from_file_to_file(path):
    """What an old file got after its rotation comes first; then the newer ones, each from its start."""
    old = open_log(path)
    os.write(old, b"one\n")
    view = read_from(path, "", None)
    rotated(path)
    os.write(old, b"two\n")
    view = read_from(path, view["place"], view["after"])
    assert view["text"] == "two\n"
    assert read_from(path, view["place"], view["after"])["text"] == ""
    os.write(old, b"three\n")
    path.write_text("four\n")
    rotated(path)
    path.write_text("five\n")
    read = []
    for _ in range(4):
        view = read_from(path, view["place"], view["after"])
        read.append(view["text"])
    assert read == ["three\n", "four\n", "five\n", ""]
    os.close(old)


def test_reading_beside_rotations_loses_nothing(path):
    """Files are renamed one after another while they are looked through."""
    lines = [f"line {number}\n" for number in range(60)]
    path.write_text("")
    view = read_from(path, "", None)

    def write():
        for line in lines:
            with path.open("a") as file:
                file.write(line)
            rotated(path, keep=100)

    writer = threading.Thread(target=write)
    writer.start()
    read = []
    while True:
        over = not writer.is_alive()
        view = read_from(path, view["place"], view["after"])
        read.append(view["text"])
        last = tail(path, 5).splitlines()
        assert len(last) == len(set(last))
        if over and not view["text"]:
            break
    writer.join()
    assert "".join(read) == "".join(lines)


def _read_up_to_its_last_line(path):
    path.write_text("one\n")
    view = read_from(path, "", None)
    with path.open("a") as file:
        file.write("two\n")
    return view


def test_a_rotation_waits_until_a_reader_has_all_files(path, monkeypatch):
    """What a listing gives under renames is anybody's guess: there are none meanwhile."""
    view = _read_up_to_its_last_line(path)
    numbers = log_files._numbers
    rotating = threading.Thread(target=rotated, args=(path, 100))

    def with_a_rotation_beside(asked):
        rotating.start()
        rotating.join(0.2)
        assert rotating.is_alive()
        return numbers(asked)

    monkeypatch.setattr(log_files, "_numbers", with_a_rotation_beside)
    assert read_from(path, view["place"], view["after"])["text"] == "two\n"
    rotating.join(30)
    assert numbers(path) == [1]


def test_a_rotation_by_somebody_else_loses_nothing(path, monkeypatch):
    """As logrotate does: it comes between the look at which files there are and their opening."""
    view = _read_up_to_its_last_line(path)
    numbers = log_files._numbers

    def and_then(asked):
        found = numbers(asked)
        os.close(log_files._rotate(path, 100))
        path.write_text("three\n")
        return found

    monkeypatch.setattr(log_files, "_numbers", and_then)
    view = read_from(path, view["place"], view["after"])
    assert view["text"] == "two\n"
    monkeypatch.setattr(log_files, "_numbers", numbers)
    assert read_from(path, view["place"], view["after"])["text"] == "three\n"


def test_where_the_file_is_gone_reading_goes_on_in_the_newest(path):
    """Removed or renamed by others; a log that was cut is read from its start."""
    path.write_text("old\n")
    view = read_from(path, "", None)
    path.rename(path.with_name("elsewhere"))
    assert read_from(path, view["place"], view["after"]) == {"text": "", "place": "", "after": 0}
    path.write_text("a newer and longer text\n")
    assert read_from(path, view["place"], view["after"])["text"] == "a newer and longer text\n"
    assert read_from(path, "", 1000)["text"] == "a newer and longer text\n"


def test_the_tail_takes_lines_of_rotated_files(path):
    """As many as asked for, oldest first."""
    for number in range(5):
        path.write_text(f"{number}a\n{number}b\n")
        rotated(path)
    assert tail(path, 3) == b"3b\n4a\n4b\n"
    assert tail(path, 0) == b""
    assert tail(path.with_name("none.log"), 3) == b""


def test_a_child_that_takes_no_files_is_not_waited_for(path):
    """Its socket takes some hundred; then the answer is no, until it reads again."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = Child(b"n", os.getpid(), os.pidfd_open(os.getpid()), ours.detach())
    fd = open_log(path)
    with theirs:
        taken = 0
        while child.renew_log(fd):
            taken += 1
        assert taken > 10
        for _ in range(taken):
            _data, fds, _flags, _address = socket.recv_fds(theirs, 16, 1)
            assert os.path.samestat(os.fstat(fds[0]), path.stat())
            os.close(fds[0])
        assert child.renew_log(fd)
    assert not child.renew_log(fd)
    child.close()
    os.close(fd)


def test_reading_goes_on_after_a_flood_was_cut_away(tmp_path):
    """The reader's place may lie behind the new end of the file: what comes next is read."""
    log = tmp_path / "x.log"
    log.write_text("x" * 1000)
    before = read_from(log, "", None)
    os.truncate(log, 100)
    read = read_from(log, before["place"], before["after"])
    assert (read["text"], read["after"]) == ("", 100)
    with log.open("a") as file:
        file.write("more\n")
    assert read_from(log, read["place"], read["after"])["text"] == "more\n"
