"""A module has its share of a log that all write to, and the log says what it lacks."""

from types import SimpleNamespace

from supervisor.edge.log_share import LONGEST, PAUSE, LogShare


def _host(name="m", nonce=b"1"):
    return SimpleNamespace(name=name, nonce=nonce)


def _share(told):
    return LogShare(rate=0.001, burst=10, tell=lambda *words: told.append(words))


def test_a_flood_is_its_burst_and_then_a_number():
    told = []
    share = _share(told)
    admitted = [share.admit(_host(), str(number)) for number in range(1000)]
    assert admitted == [*map(str, range(10)), *[None] * 990]
    due = share.clock(1e9)
    assert told == [("m", 990)]
    assert due is None
    assert share.clock(1e9) is None
    share.admit(_host(), "once more")
    assert share.clock(1e9 + PAUSE / 2) == 1e9 + PAUSE
    assert told == [("m", 990)]


def test_modules_do_not_silence_one_another():
    share = _share([])
    for _ in range(100):
        share.admit(_host("a"), "x")
    assert share.admit(_host("b"), "x") == "x"


def test_a_fresh_process_has_a_fresh_share_and_what_its_predecessor_lost_is_told():
    told = []
    share = _share(told)
    for _ in range(30):
        share.admit(_host(nonce=b"1"), "x")
    assert share.admit(_host(nonce=b"2"), "x") == "x"
    assert told == [("m", 20)]


def test_a_line_has_an_end():
    assert len(_share([]).admit(_host(), "x" * 10**6)) == LONGEST + 3
