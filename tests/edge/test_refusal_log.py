"""The log does not grow with the number of messages that are refused."""

from structlog.testing import capture_logs

from supervisor.edge.refusal_log import RefusalLog


class Clock:
    """A time that is set."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_a_flood_is_one_line_a_second_with_the_number_of_the_rest():
    """The first at once; those that were left out are told when the second is over."""
    clock = Clock()
    with capture_logs() as lines:
        log = RefusalLog(clock)
        for number in range(1000):
            log.say("refused a message", "m", why=str(number))
        assert log.clock(clock.now) == 101.0
        clock.now = 101.0
        assert log.clock(clock.now) == 102.0
    assert [(line["event"], line["module"]) for line in lines] == [("refused a message", "m")] * 2
    assert (lines[0]["why"], lines[1]["why"]) == ("0", "999")
    assert "left_out" not in lines[0]
    assert lines[1]["left_out"] == 999
    assert lines[0]["log_level"] == "warning"


def test_kinds_and_speakers_do_not_silence_one_another():
    with capture_logs() as lines:
        log = RefusalLog(Clock())
        for sentence in ("refused a message", "refused a hello"):
            for who in ("a", "b"):
                log.say(sentence, who)
    assert len(lines) == 4


def test_what_is_rare_is_logged_each_time_and_then_forgotten():
    """Nothing is due once the last second is over, and nothing is kept."""
    clock = Clock()
    with capture_logs() as lines:
        log = RefusalLog(clock)
        for _ in range(3):
            log.say("refused a message", "m")
            clock.now += 1
            assert log.clock(clock.now) is None
    assert len(lines) == 3
    assert not log._repeats
