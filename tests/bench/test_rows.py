"""From durations to a verdict, without any process."""

import pytest
from bench.curve import Curve
from bench.plot import svg
from bench.row import Row, Sense, Target
from bench.stats import Figures, figures
from bench.turns import Effort, Path, take_turns


FASTER = Target("key", "what", "the other", 0.5, "us")
TAIL = Target("key", "what", "the other", 0.5, "us", statistic="p99")
RATE = Target("key", "what", "the other", 2.0, "calls/s", Sense.AT_LEAST)
OWN = Target("key", "what", "", 20, "ms")


@pytest.mark.parametrize(
    ("target", "reference", "ours", "verdict"),
    [
        (FASTER, Figures(10, 100, 9), Figures(4, 100, 9), "met"),
        (FASTER, Figures(10, 100, 9), Figures(10, 1, 9), "missed by 2x"),
        (TAIL, Figures(10, 100, 9), Figures(10, 40, 9), "met"),
        (RATE, Figures.of(100), Figures.of(250), "met"),
        (RATE, Figures.of(100), Figures.of(100), "missed by 2x"),
        (OWN, None, Figures.of(19), "met"),
        (OWN, None, Figures.of(30), "missed by 1.5x"),
        (OWN, None, Figures.of(20.6), "missed by 1.03x"),
        (FASTER, None, Figures.of(1), "not measured: no reference"),
    ],
)
def test_a_row_says_whether_its_target_is_met_and_else_by_how_much_not(
    target, reference, ours, verdict
):
    assert Row(target, reference, ours).verdict == verdict


def test_a_row_that_was_not_measured_says_why():
    row = FASTER.missing("Ceph is not installed")
    assert row.verdict == "not measured: Ceph is not installed"
    assert row.met is None
    assert row.plain()["value"] is None


def test_figures_are_medians_of_the_rounds_percentiles():
    rounds = [[1000, 2000, 3000], [10_000, 20_000, 90_000], [2000, 3000, 4000]]
    assert figures(rounds) == Figures(p50=3.0, p99=4.0, samples=9)


def test_paths_take_turns_and_none_is_left_out():
    """Each round has every path once, and not always in the same order."""
    asked = []

    def path(name):
        def run(calls):
            asked.append(name)
            return [1_000_000] * calls

        return Path(name, run)

    taken = take_turns([path("a"), path("b"), path("c")], Effort(rounds=8, seconds=0.01))
    rounds = [tuple(asked[-24:][n : n + 3]) for n in range(0, 24, 3)]
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    assert len(set(rounds)) > 1
    assert {name: len(of) for name, of in taken.items()} == {"a": 8, "b": 8, "c": 8}


def test_a_curve_tells_how_it_grows():
    """The exponent of its upper half: 1 linear, 0 flat, 2 quadratic."""
    xs = (1, 10, 100, 1000)
    lines = {
        "linear": [(x, 3 * x) for x in xs],
        "flat": [(x, 5) for x in xs],
        "square": [(x, x * x) for x in xs],
    }
    curve = Curve("key", "Title & all", "modules", "ms", lines, "linear")
    assert curve.exponents() == pytest.approx({"linear": 1, "flat": 0, "square": 2})
    drawn = svg(curve.plain())
    assert drawn.count("<polyline") == 3
    assert "Title &amp; all" in drawn
    assert len(drawn) < 8000
