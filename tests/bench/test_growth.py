"""The embedded cluster's work and its documents grow no faster than the cluster. Counted, not timed."""

import sys

import orjson
import pytest
from bench.clusters.plan import Size
from bench.clusters.writing import write

from supervisor.cluster.embedded import commands, opening, snapshot
from supervisor.cluster.embedded.answers import Args
from supervisor.cluster.embedded.store import Store


SMALL, LARGE, TIMES = 80, 320, 4
ALLOWED = 1.2 * TIMES


def _world(folder, osds, pgs):
    file = folder / f"{osds}-{pgs}"
    write(Size(osds, pgs, samples=2), file)
    seed = snapshot.seed(snapshot.moved_to(snapshot.read(file), opening.now()))
    store = Store(folder / f"{osds}-{pgs}.data", lambda _contents: seed)
    try:
        return opening.world_from(store.contents, "x")
    finally:
        store.close()


def _steps(work):
    """How many of the interpreter's instructions `work` takes."""
    count = 0

    def seen(frame, event, _arg):
        nonlocal count
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        count += event == "opcode"
        return seen

    before = sys.gettrace()
    sys.settrace(seen)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.fixture(scope="module")
def by_osds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("growth")
    return [_world(folder, osds, 100) for osds in (SMALL, LARGE)]


@pytest.fixture(scope="module")
def by_groups(tmp_path_factory):
    folder = tmp_path_factory.mktemp("growth")
    return [_world(folder, 20, pgs) for pgs in (SMALL, LARGE)]


@pytest.mark.parametrize("worlds", ["by_osds", "by_groups"])
def test_a_tick_grows_with_the_cluster_and_not_with_its_square(worlds, request):
    """Four times the OSDs, or the groups, take at most some four times the steps."""
    small, large = (_steps(lambda w=w: w.advance(5.0)) for w in request.getfixturevalue(worlds))
    assert large < ALLOWED * small


def test_documents_grow_with_the_cluster_and_not_with_its_square(by_osds):
    """Each one alone: what one daemon adds does not depend on how many there are."""
    small, large = by_osds
    for name, document in small.documents.items():
        before = len(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS))
        after = len(orjson.dumps(large.documents[name], option=orjson.OPT_NON_STR_KEYS))
        assert after < ALLOWED * before, name


@pytest.mark.parametrize(
    "command",
    [
        {"prefix": "osd df", "format": "json"},
        {"prefix": "osd down", "ids": ["any"]},
        {"prefix": "osd out", "ids": ["any"]},
    ],
    ids=lambda command: command["prefix"],
)
def test_a_command_about_all_osds_grows_with_them(by_osds, command):
    """The map and the tree are walked once, not once an OSD."""
    small, large = (
        _steps(lambda w=w: commands.run(w, ("mon", ""), command, Args(command, b"")))
        for w in by_osds
    )
    assert large < ALLOWED * small
