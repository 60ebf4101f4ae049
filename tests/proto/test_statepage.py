import multiprocessing
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from proto.errors import ProtocolError
from proto.statepage import CAPACITY, NAME_BYTES, PAGE, SLOTS_OFFSET, PageReader, PageWriter
from proto.v1.state_pb2 import StatePageHead


ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def writer(tmp_path):
    page = PageWriter(tmp_path)
    yield page
    page.close()


@pytest.fixture
def reader(writer, tmp_path):
    page = PageReader(tmp_path)
    yield page
    page.close()


def test_versions_start_at_one_and_count_each_bump(writer, reader):
    assert reader.version("osd_map") == writer.version("osd_map") == 0
    assert [writer.bump("osd_map", 10) for _ in range(3)] == [1, 2, 3]
    assert reader.version("osd_map") == writer.version("osd_map") == 3
    assert reader.version("health") == 0


def test_a_reader_sees_names_added_after_it_opened_the_page(writer, reader):
    assert reader.names() == []
    for name in ("osd_map", "device sd\u00e4", "n" * NAME_BYTES):
        writer.bump(name, 1)
        assert reader.version(name) == 1
    assert reader.names() == ["osd_map", "device sd\u00e4", "n" * NAME_BYTES]


@pytest.mark.parametrize("name", ["", "n" * (NAME_BYTES + 1), "nul\0inside", "\u00e4" * 25])
def test_a_name_that_does_not_fit_is_refused_and_changes_nothing(writer, reader, name):
    with pytest.raises(ValueError, match="cannot publish"):
        writer.bump(name, 1)
    assert writer.bump("next", 1) == 1
    assert reader.names() == ["next"]


def test_a_full_page_refuses_more_names_and_serves_those_it_has(writer, reader):
    for number in range(CAPACITY):
        writer.bump(f"name{number}", 1)
    with pytest.raises(ValueError, match="holds 256 names"):
        writer.bump("one more", 1)
    assert writer.bump("name255", 1) == 2
    assert reader.version("name255") == 2
    assert reader.version("one more") == 0
    assert len(reader.names()) == CAPACITY


def test_threads_that_look_at_once_all_find_every_name(writer, reader):
    """Slots are learned by whoever looks first; no thread skips one that another has just read."""
    for number in range(CAPACITY):
        writer.bump(f"name{number}", 1)
    start, wrong = threading.Barrier(8), []

    def look():
        start.wait(timeout=10)
        wrong.extend(n for n in range(CAPACITY) if reader.version(f"name{n}") != 1)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []
    assert len(reader.names()) == CAPACITY


def test_another_process_sees_a_bump_at_once(writer, tmp_path):
    code = (
        "import sys; from pathlib import Path; from proto.statepage import PageReader\n"
        "page = PageReader(Path(sys.argv[1]))\n"
        "for line in sys.stdin: print(page.version(line.strip()), flush=True)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    with child:
        for expected in (1, 2, 3):
            writer.bump("pg_dump", 1)
            child.stdin.write("pg_dump\n")
            child.stdin.flush()
            assert child.stdout.readline() == f"{expected}\n"
        child.stdin.close()
        assert child.wait(timeout=10) == 0


def _read_until_changed(folder, ready, failures):
    page = PageReader(Path(folder))
    last = 0
    ready.set()
    while last < 2000:
        version = page.version("x")
        if version < last:
            failures.put((last, version))
        last = version
    page.close()


def test_versions_never_run_backwards_for_a_reader(writer, tmp_path):
    spawn = multiprocessing.get_context("fork")
    ready, failures = spawn.Event(), spawn.SimpleQueue()
    child = spawn.Process(target=_read_until_changed, args=(str(tmp_path), ready, failures))
    child.start()
    assert ready.wait(timeout=10)
    for _ in range(2000):
        writer.bump("x", 1)
    child.join(timeout=30)
    assert child.exitcode == 0
    assert failures.empty()
    child.close()
    failures.close()


def test_a_new_writer_leaves_the_page_of_the_last_one_whole_for_its_readers(
    writer, reader, tmp_path
):
    writer.bump("osd_map", 1)
    writer.bump("osd_map", 1)
    successor = PageWriter(tmp_path)
    assert reader.version("osd_map") == 2
    fresh = PageReader(tmp_path)
    assert fresh.version("osd_map") == 0
    fresh.close()
    successor.close()
    assert list(tmp_path.iterdir()) == [tmp_path / PAGE]


def test_the_page_is_readable_by_hosts_of_another_uid(tmp_path):
    before = os.umask(0o077)
    try:
        PageWriter(tmp_path).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / PAGE).stat().st_mode) == 0o644


def _page_with(folder: Path, head: bytes) -> None:
    PageWriter(folder).close()
    with (folder / PAGE).open("r+b") as file:
        file.write(len(head).to_bytes(4, sys.byteorder) + head.ljust(SLOTS_OFFSET - 4, b"\0"))


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (StatePageHead(protocol=99, capacity=CAPACITY).SerializeToString(), "speaks protocol 99"),
        (StatePageHead(protocol=1, capacity=5).SerializeToString(), "holds 5 names"),
        (b"\xff\xff\xff", "not a page"),
    ],
)
def test_a_page_of_another_making_is_refused_with_one_sentence(tmp_path, head, sentence):
    _page_with(tmp_path, head)
    with pytest.raises(ProtocolError, match=sentence):
        PageReader(tmp_path)


def test_a_file_that_is_no_page_is_refused(tmp_path):
    (tmp_path / PAGE).write_bytes(b"short")
    with pytest.raises(ProtocolError, match="not a page"):
        PageReader(tmp_path)
    (tmp_path / PAGE).unlink()
    with pytest.raises(FileNotFoundError):
        PageReader(tmp_path)
