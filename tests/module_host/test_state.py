"""Published state: read where it lies, whatever the writer does meanwhile."""

import contextlib
import gc
import threading
from pathlib import Path

import orjson
import pytest

from module_host.state import StateReader
from proto.statepage import PageWriter


class Writer:
    """Publishes by the rules of proto.statepage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.page = PageWriter(folder)

    def publish(self, name: str, document: object) -> int:
        version = self.page.version(name) + 1
        part = self.folder / f"{name}.part"
        part.write_bytes(orjson.dumps(document))
        part.rename(self.folder / f"{name}.{version}")
        self.page.bump(name, part.name.__len__())
        with contextlib.suppress(FileNotFoundError):
            (self.folder / f"{name}.{version - 1}").unlink()
        return version


@pytest.fixture
def writer(tmp_path):
    writer = Writer(tmp_path)
    yield writer
    writer.page.close()


def test_fresh_is_anew_and_shared_is_the_same(writer):
    """A caller may change what fresh() gave; shared() is one object per version."""
    writer.publish("osd_map", {"epoch": 1})
    reader = StateReader(writer.folder)
    reader.fresh("osd_map")["epoch"] = 99
    assert reader.fresh("osd_map") == {"epoch": 1}
    first = reader.shared("osd_map")
    assert reader.shared("osd_map") is first
    writer.publish("osd_map", {"epoch": 2})
    assert reader.shared("osd_map") == {"epoch": 2}
    assert first == {"epoch": 1}


def test_a_name_never_published_is_none(writer):
    """And it is found once it is."""
    reader = StateReader(writer.folder)
    assert reader.fresh("later") is None
    assert reader.shared("later") is None
    writer.publish("later", [1])
    assert reader.fresh("later") == [1]


def test_an_entry_is_found_without_the_rest(writer):
    """Each kind of value, wherever it is, of the current version; the same as in the whole."""
    document = {
        "first": 1, "a": ["uint", "12"], "b": 'says "a":1 and \\', '"a': 7, "n": None,
        "long": "x" * 10_000, "umlaut": ["ü" * 200, "☃"], "huge": 10**18, "float": -1.5e-7,
        "empty": [], "yes": True, "ends": "1" * 249, "digits": int("9" * 18), "last": 12345678,
    }  # fmt: skip
    writer.publish("options", document)
    reader = StateReader(writer.folder)
    for key, value in document.items():
        assert reader.entry("options", key) == value
        assert type(reader.entry("options", key)) is type(value)
    assert reader.entry("options", "absent") is None
    assert reader.entry("options", "says") is None
    assert reader.entry("nothing", "a") is None
    writer.publish("options", {"a": ["uint", "13"]})
    assert reader.entry("options", "a") == ["uint", "13"]
    assert reader.entry("options", "first") is None


@pytest.mark.parametrize("digits", range(1, 40))
def test_an_entry_that_is_cut_in_two_is_whole(writer, digits):
    """A number, which could end anywhere, is read to its end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("module_host.state.ENTRY_BYTES", 4)
        writer.publish("numbers", {"n": 10 ** min(digits, 18), "t": "y" * digits})
        reader = StateReader(writer.folder)
        assert reader.entry("numbers", "n") == 10 ** min(digits, 18)
        assert reader.entry("numbers", "t") == "y" * digits


def test_an_unchanged_document_outlives_its_file(writer):
    """The mapping stays good although the name is gone: no call in between sees an error."""
    version = writer.publish("health", {"a": 1})
    reader = StateReader(writer.folder)
    assert reader.fresh("health") == {"a": 1}
    (writer.folder / f"health.{version}").unlink()
    assert reader.fresh("health") == {"a": 1}


def test_a_missing_file_is_an_error_not_a_loop(writer):
    """A damaged folder is reported with the file's name."""
    version = writer.publish("health", {"a": 1})
    (writer.folder / f"health.{version}").unlink()
    with pytest.raises(FileNotFoundError, match=r"health\.1"):
        StateReader(writer.folder).fresh("health")


def test_the_collector_is_paused_and_put_back(writer):
    """Decoding leaves the collector as it was, on or off."""
    writer.publish("x", [])
    reader = StateReader(writer.folder)
    reader.fresh("x")
    assert gc.isenabled()
    gc.disable()
    try:
        reader.fresh("x")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_readers_beside_a_hammering_writer_see_whole_documents_in_order(writer):
    """2000 versions while four threads read: every document is whole, none older than the last."""
    writer.publish("pg_dump", {"n": 0, "again": [0] * 50})
    reader = StateReader(writer.folder)
    done = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        last = 0
        while not done.is_set():
            for look in (reader.fresh, reader.shared):
                try:
                    document = look("pg_dump")
                except Exception as error:
                    wrong.append(error)
                    return
                if document["again"] != [document["n"]] * 50 or document["n"] < last:
                    wrong.append(document)
                last = document["n"]

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(1, 2000):
        writer.publish("pg_dump", {"n": n, "again": [n] * 50})
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert reader.fresh("pg_dump")["n"] == 1999


def test_a_read_only_document_is_one_object_per_version(writer):
    """It refuses to be changed, and is let go of when asked."""
    writer.publish("osd_map", {"epoch": 1, "osds": [{"osd": 0}]})
    reader = StateReader(writer.folder)
    assert reader.read_only("absent") is None
    first = reader.read_only("osd_map")
    with pytest.raises(TypeError, match="shared by all who read it"):
        first["osds"][0]["osd"] = 1
    assert reader.read_only("osd_map") is first
    assert reader.forget("osd_map")
    assert not reader.forget("osd_map")
    assert reader.read_only("osd_map") is not first
    writer.publish("osd_map", {"epoch": 2})
    assert reader.read_only("osd_map") == {"epoch": 2}
    assert first["epoch"] == 1
