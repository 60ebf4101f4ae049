"""Documents appear whole, unchanged ones cost nothing, and old files go."""

import mmap
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from proto.statepage import PAGE, PageReader
from supervisor.cluster.publisher import WORTH_KEEPING, Publisher


SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture
def memory_folder() -> Iterator[Path]:
    """A folder in memory, as /run is."""
    if not os.access(SHARED_MEMORY, os.W_OK):
        pytest.skip("there is no /dev/shm here")
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        yield Path(folder)


def test_a_document_is_readable_under_its_version(tmp_path: Path) -> None:
    """The page leads to a read-only file with the document's JSON."""
    publisher = Publisher(tmp_path)
    assert publisher.publish("osd_map", {"epoch": 1})
    reader = PageReader(tmp_path)
    file = tmp_path / f"osd_map.{reader.version('osd_map')}"
    assert orjson.loads(file.read_bytes()) == {"epoch": 1}
    assert stat.S_IMODE(file.stat().st_mode) == 0o444
    reader.close()
    publisher.close()


def test_unchanged_bytes_make_no_version(tmp_path: Path) -> None:
    """The same document published again leaves page and files alone."""
    publisher = Publisher(tmp_path)
    publisher.publish("df", {"a": 1})
    assert not publisher.publish("df", {"a": 1})
    assert publisher.publish("df", {"a": 2})
    publisher.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["df.2", PAGE])


def test_what_an_earlier_supervisor_left_is_gone(tmp_path: Path) -> None:
    """Files of another count of versions are never mistaken for ours."""
    (tmp_path / "osd_map.77").write_text("{}")
    (tmp_path / ".df.3.tmp").write_text("half")
    Publisher(tmp_path).close()
    assert [path.name for path in tmp_path.iterdir()] == [PAGE]


def test_a_reader_never_sees_half_a_document(tmp_path: Path) -> None:
    """While versions rush past, every file that a reader finds is complete and of its version."""
    publisher = Publisher(tmp_path)
    publisher.publish("big", {"number": 0, "filler": ["x" * 50] * 2000})
    reader, over, problems = PageReader(tmp_path), threading.Event(), []

    def read() -> None:
        while not over.is_set():
            version = reader.version("big")
            try:
                document = orjson.loads((tmp_path / f"big.{version}").read_bytes())
            except FileNotFoundError:
                continue
            except orjson.JSONDecodeError as error:
                problems.append(error)
                return
            if document["number"] != version - 1:
                problems.append(ValueError(f"{document['number']} in version {version}"))

    watcher = threading.Thread(target=read)
    watcher.start()
    for number in range(1, 300):
        publisher.publish("big", {"number": number, "filler": ["x" * 50] * 2000})
    over.set()
    watcher.join()
    reader.close()
    publisher.close()
    assert not problems


def _large(number: int) -> dict[str, object]:
    return {"number": number, "filler": "x" * (WORTH_KEEPING + 7 * number)}


def test_a_large_file_that_nobody_has_is_written_anew(memory_folder: Path) -> None:
    """The document after next is in the same file, at any size; the one between is in another."""
    publisher = Publisher(memory_folder)
    found = []
    for number in (1, 2, 3, 4, 5):
        publisher.publish("big", _large(abs(3 - number)) | {"n": number})
        file = memory_folder / f"big.{number}"
        assert orjson.loads(file.read_bytes())["n"] == number
        found.append(file.stat().st_ino)
    publisher.close()
    assert found[0] == found[2] == found[4]
    assert found[1] == found[3] != found[0]


def test_a_reader_keeps_what_it_has_mapped(memory_folder: Path) -> None:
    """However many versions follow, the bytes under a reader's map do not change."""
    publisher = Publisher(memory_folder)
    publisher.publish("big", _large(1))
    with (memory_folder / "big.1").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    before = bytes(mapped)
    for number in range(2, 8):
        publisher.publish("big", _large(number))
        assert bytes(mapped) == before
    mapped.close()
    publisher.close()


def test_small_files_leave_no_spare(tmp_path: Path) -> None:
    """Only what is worth it is kept aside."""
    publisher = Publisher(tmp_path)
    for number in range(3):
        publisher.publish("df", {"a": number})
    publisher.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["df.3", PAGE])


def test_a_spare_of_a_name_that_shrank_goes(memory_folder: Path) -> None:
    """A document that has become small keeps no large file."""
    publisher = Publisher(memory_folder)
    for document in (_large(1), _large(2), {}, {"a": 1}, {"a": 2}):
        publisher.publish("big", document)
    publisher.close()
    assert sorted(path.name for path in memory_folder.iterdir()) == sorted(["big.5", PAGE])


def test_documents_may_grow_and_shrink_past_what_is_worth_it(memory_folder: Path) -> None:
    """In any order, each is readable, and nothing is left behind."""
    publisher = Publisher(memory_folder)
    order = ({}, _large(1), {"a": 1}, _large(2), _large(3), {}, _large(1), _large(4), _large(5))
    for number, document in enumerate(order, start=1):
        publisher.publish("big", document)
        assert orjson.loads((memory_folder / f"big.{number}").read_bytes()) == document
    publisher.publish("big", {})
    publisher.publish("big", {"a": 1})
    publisher.close()
    left = sorted(path.name for path in memory_folder.iterdir())
    assert left == sorted([f"big.{len(order) + 2}", PAGE])
