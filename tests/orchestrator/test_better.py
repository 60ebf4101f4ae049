"""What our package does where Debian's fails: told by a program of its own, as the other facts."""

import pytest

from tests.orchestrator.test_package import OURS, ROOT, facts


ERRORS = "orchestrator._interface."


@pytest.fixture(scope="module")
def alone():
    return facts("alone", ROOT / "modules", OURS)["alone"]


def raised(fact):
    return fact["raised"][:2]


def test_specs_are_not_applied_in_part_where_one_has_no_method(alone):
    """Else the ones before it would be there, and the ones behind it not."""
    fact, asked = alone["no method"]
    sentence = "no spec of type 'what' can be applied"
    assert raised(fact) == [ERRORS + "OrchestratorValidationError", sentence]
    assert asked == 0


def test_a_backend_can_take_types_of_its_own(alone):
    """A method called apply_TYPE is enough."""
    assert alone["container"] == ["list", ["container c"]]


def test_an_exception_keeps_its_class_though_it_takes_other_arguments(alone):
    cls, text, attributes = alone["composed"]["raised"]
    assert cls == "ceph.deployment.drive_group.DriveGroupValidationError"
    assert text == 'Failed to validate OSD spec "d": no devices'
    assert attributes["items"] == [["errno", -22]]


def test_an_exception_that_cannot_be_pickled_keeps_its_text(alone):
    """Debian's handler fails over these itself."""
    assert raised(alone["held lock"]) == ["builtins.Exception", "x"]
    cls, text = raised(alone["lock"])
    assert cls == "builtins.Exception"
    assert text.startswith("('is locked', <unlocked _thread.lock")


@pytest.mark.parametrize("held", ["junk", "number", "exit"])
def test_what_is_no_pickled_exception_is_raised_as_the_text(alone, held):
    """SystemExit would end the caller."""
    assert raised(alone[held]) == ["builtins.Exception", "<class 'Exception'>: it"]


def test_nothing_but_an_orchresult_is_read(alone):
    fact, owned = alone["lookalike"]
    assert raised(fact) == ["builtins.TypeError", "an orchestrator answers OrchResult, not Spec"]
    assert owned is False


def test_a_command_that_was_not_declared_goes_to_the_base_class(alone):
    """Debian's asks itself again, until the stack is full."""
    assert raised(alone["undeclared"])[0] == "builtins.NotImplementedError"


def test_a_call_that_never_reached_the_method_says_nothing_about_it(alone):
    for kind in ("died", "timed out", "refused"):
        assert alone[f"call {kind}"][1] == ["_select_orchestrator", "pause"]
        assert alone[f"call {kind}"][0][1] == kind
    assert alone["call raised"][0][1] == "b does not implement pause"


def test_wrong_input_is_told_of_in_a_sentence(alone):
    assert (
        raised(alone["event"])[1] == "an event of a 'host': it must be one of ('service', 'daemon')"
    )
    assert raised(alone["inventory"]) == [
        ERRORS + "OrchestratorValidationError",
        "Failed to read inventory: 'int' object is not subscriptable",
    ]
    assert alone["unlike"] is False
