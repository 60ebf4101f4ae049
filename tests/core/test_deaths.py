"""A recorded reason names the exit code, signal or limit."""

import pytest

from supervisor.core.deaths import describe
from supervisor.core.events import Exited


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Exited(0), "exited with code 0"),
        (Exited(3), "exited with code 3"),
        (Exited(70), "exited with code 70: __init__ raised"),
        (Exited(-11, core_dumped=True), "killed by SIGSEGV, core dumped"),
        (Exited(-24), "killed by SIGXCPU: it reached its limit of CPU time (RLIMIT_CPU)"),
        (Exited(-40), "killed by signal 40"),
    ],
)
def test_death_is_described(event, text):
    assert describe(event) == text


def test_a_known_cause_of_a_sigkill_is_told_instead_of_a_guess():
    assert describe(Exited(-9, max_rss_kib=1, cause="by them")) == "killed by SIGKILL: by them"


def test_sigkill_tells_how_much_memory_was_used():
    assert describe(Exited(-9, max_rss_kib=2048 * 1024)).endswith("(it used up to 2048 MiB)")
