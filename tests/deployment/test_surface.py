"""Whatever a module imports from Debian's `ceph.deployment` and calls, it finds in ours."""

import json

import pytest

from tests.deployment import questions


pytestmark = pytest.mark.ceph

# A decorator that only its own module uses; low, high and exact are attributes with us.
ELSEWHERE = {
    ("ceph.deployment.drive_selection.selector", "to_dg_exception", ""),
    *(
        (f"ceph.deployment.drive_selection{module}", "SizeMatcher", name)
        for module in ("", ".filter", ".matchers")
        for name in ("low", "high", "exact")
    ),
}


def _flat(surface):
    return {
        (module, name, member): described
        for module, names in surface.items()
        for name, members in names.items()
        for member, described in members.items()
    }


def test_names_and_signatures_are_debians(debians):
    """Modules, classes and their ancestors, functions, methods with their parameters and defaults,
    and constants.
    """
    theirs = _flat(debians.answer(["surface", []])["value"])
    ours = _flat(json.loads(json.dumps(questions.surface())))
    assert len(theirs) > 500
    differing = {where for where, described in theirs.items() if ours.get(where) != described}
    assert differing == ELSEWHERE


def test_no_method_is_ours_alone(debians):
    """A module that is written against ours runs on Debian's."""
    theirs = _flat(debians.answer(["surface", []])["value"])
    classes = {(module, name) for module, name, member in theirs if member == " is"}
    ours = _flat(json.loads(json.dumps(questions.surface())))
    assert not {where for where in ours if where[:2] in classes} - set(theirs)


def test_names_that_start_with_an_underscore_but_are_used_elsewhere(debians):
    """What cephadm and Ceph's own tests reach for."""
    from ceph.deployment.drive_selection.matchers import Matcher, SizeMatcher, _MatchInvalid

    assert issubclass(_MatchInvalid, Exception)
    assert SizeMatcher._normalize_suffix("g") == "GB"
    assert SizeMatcher._parse_suffix("10gb") == "GB"
    assert SizeMatcher._get_k_v("10.5T") == ("10.5", "TB")
    with pytest.raises(NotImplementedError):
        Matcher("a", "b").compare(None)
