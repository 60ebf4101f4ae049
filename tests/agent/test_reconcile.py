"""What a beginning worker does about each daemon."""

from supervisor.agent.reconcile import Step, reconcile


def test_every_case_has_its_step():
    """Wanted and running are two things; nothing that runs is started a second time."""
    steps = reconcile(
        {"kept": True, "lost": True, "off": False, "stubborn": False},
        {"kept", "stubborn", "unknown"},
    )
    assert steps == {
        "kept": Step.KEEP,
        "lost": Step.START,
        "stubborn": Step.END,
        "unknown": Step.END,
    }
