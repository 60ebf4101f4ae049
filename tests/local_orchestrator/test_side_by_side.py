"""Jobs at the same time, and in order where they have to be."""

import threading

import pytest
from local_orchestrator.side_by_side import side_by_side


def test_jobs_of_different_keys_meet_and_those_of_one_key_are_in_order():
    meeting = threading.Barrier(2, timeout=10)
    done = []
    side_by_side(
        [
            ("a", meeting.wait),
            ("b", meeting.wait),
            ("a", lambda: done.append(1)),
            ("a", lambda: done.append(2)),
        ]
    )
    assert done == [1, 2]
    side_by_side([])


def test_an_error_comes_out_after_the_others_are_through():
    done = []

    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        side_by_side(
            [("a", fail), ("a", lambda: done.append("behind it")), ("b", lambda: done.append("b"))]
        )
    assert done == ["b"]
