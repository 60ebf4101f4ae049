from concurrent.futures import ThreadPoolExecutor

import pytest
from bench.peers.every import PEERS, peer
from bench.peers.load import one_at_a_time, rate
from bench.peers.peer import NotMeasuredError, request


MIB = 1024 * 1024


@pytest.mark.parametrize("name", [name for name in PEERS if name != "Ray"])
def test_a_peer_answers_small_and_large_from_many_threads_and_leaves_nothing(name, tmp_path):
    """Every peer that is installed gives what is asked for; afterwards its processes are gone."""
    try:
        with peer(name, tmp_path) as far, ThreadPoolExecutor(16) as pool:
            assert far.call(request(5)) == b"xxxxx"
            assert len(far.call(request(MIB))) == MIB
            assert len(far.call(request(3, length=MIB))) == 3
            sizes = list(range(100))
            assert [len(a) for a in pool.map(lambda n: far.call(request(n)), sizes)] == sizes
            assert far.name == name
            assert far.version
    except NotMeasuredError as why:
        pytest.skip(str(why))


def test_a_peer_whose_library_is_missing_says_so(monkeypatch, tmp_path):
    """What is not installed is a reason in the table, and no failure of the run."""
    monkeypatch.setitem(PEERS, "absent", ("absent", "peer", "no-such-library"))
    with pytest.raises(ModuleNotFoundError), peer("absent", tmp_path):
        pass  # a file of ours that is missing is a mistake, not a peer that is not installed
    monkeypatch.setitem(__import__("sys").modules, "rpyc", None)
    monkeypatch.delitem(__import__("sys").modules, "bench.peers.rpyc", raising=False)
    with pytest.raises(NotMeasuredError, match="rpyc is not installed"), peer("RPyC", tmp_path):
        pass


def test_a_load_counts_calls_and_passes_on_what_one_raises():
    """`rate` is calls by time; a call that fails fails the measurement, whichever thread it was."""
    assert len(one_at_a_time(lambda: None, 7)) == 7
    assert rate(lambda: None, in_flight=4, seconds=0.01) > 0
    failing = iter([None] * 20)
    with pytest.raises(StopIteration):
        rate(lambda: next(failing), in_flight=4, seconds=30)
