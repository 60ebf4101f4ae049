"""A module's log keeps within its rate, by whatever rate there is now."""

from supervisor.edge.log_bound import BURST, LogBound


LINE = b"x" * 1023 + b"\n"
RATE = 16 * 1024


def flood(path):
    """Write more than the rate allows at once; answers how much."""
    with path.open("ab") as log:
        return log.write(LINE * (int(RATE * BURST) // len(LINE) * 2))


def test_a_rate_that_is_changed_counts_at_the_next_look(tmp_path):
    """Lifted, set and lifted again while the module runs: nothing of the former rate stays."""
    path = tmp_path / "log"
    path.touch()
    bound = LogBound()
    assert bound.look(path, 0) == (0, 0)
    grown, cut = flood(path), bound.look(path, 0)
    assert cut == (grown, 0)
    flood(path)
    assert bound.look(path, RATE)[1] > 0
    grown = flood(path)
    assert bound.look(path, 0) == (grown, 0)
