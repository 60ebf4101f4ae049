"""Documents appear whole, unchanged ones cost nothing, and old files go."""

import stat
import threading
from pathlib import Path

import orjson

from proto.statepage import PAGE, PageReader
from supervisor.cluster.publisher import Publisher


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
