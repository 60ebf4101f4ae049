"""Health checks: what a module reports, and what users see of it."""

import pytest

from tests.conditions import poll_for


GOOD = {
    "PROBE_A": {"severity": "warning", "summary": "one is bad", "count": 3, "detail": ["a", "b"]}
}


def checks(subject):
    """The probe's checks in `health detail`."""
    found = subject.json("health detail")["checks"]
    return {code: check for code, check in found.items() if code.startswith("PROBE")}


def seen(subject, given, condition=bool):
    """Set checks and wait until users see them; what they see is shown."""
    subject.eval(f"mgr.set_health_checks({given!r})")

    def found():
        now = checks(subject)
        return now if condition(now) else None

    return subject.shows(poll_for(found, 20, "the checks to be seen"))


@pytest.fixture(autouse=True)
def healthy(subject):
    """No check of the test's is left behind."""
    yield
    with subject.quietly():
        subject.eval("mgr.set_health_checks({})")
        poll_for(lambda: not checks(subject), 20, "the checks to be gone")


def test_warning(subject):
    """A check of severity `warning` is a HEALTH_WARN with summary, count and detail."""
    assert seen(subject, GOOD) == {
        "PROBE_A": {
            "severity": "HEALTH_WARN",
            "summary": {"message": "one is bad", "count": 3},
            "detail": [{"message": "a"}, {"message": "b"}],
            "muted": False,
        }
    }


def test_error(subject):
    """A check of severity `error` is a HEALTH_ERR."""
    found = seen(
        subject, {"PROBE_E": {"severity": "error", "summary": "s", "count": 1, "detail": []}}
    )
    assert found["PROBE_E"]["severity"] == "HEALTH_ERR"


def test_error_makes_cluster_err(subject):
    """A check of severity `error` makes the cluster's status HEALTH_ERR."""
    seen(subject, {"PROBE_E": {"severity": "error", "summary": "s", "count": 1, "detail": []}})
    assert subject.shows(subject.json("health")["status"]) == "HEALTH_ERR"


def test_other_severity(subject):
    """Any other severity is HEALTH_OK."""
    found = seen(
        subject, {"PROBE_O": {"severity": "info", "summary": "s", "count": 1, "detail": []}}
    )
    assert found["PROBE_O"]["severity"] == "HEALTH_OK"


def test_without_count(subject):
    """A check without count counts 0."""
    found = seen(subject, {"PROBE_C": {"severity": "warning", "summary": "s", "detail": []}})
    assert found["PROBE_C"]["summary"] == {"message": "s", "count": 0}


def test_without_detail(subject):
    """A check without detail has an empty one."""
    found = seen(subject, {"PROBE_D": {"severity": "warning", "summary": "s", "count": 1}})
    assert found["PROBE_D"]["detail"] == []


def test_replaces(subject):
    """Each call replaces the whole set of the module."""
    seen(subject, GOOD)
    other = {"PROBE_B": {"severity": "warning", "summary": "s", "count": 1, "detail": []}}
    assert sorted(seen(subject, other, lambda now: "PROBE_A" not in now)) == ["PROBE_B"]


def test_unknown_key(subject):
    """An unknown key of a check is passed over."""
    given = {"PROBE_U": {"severity": "warning", "summary": "s", "count": 1, "detail": [], "x": 1}}
    assert seen(subject, given)["PROBE_U"]["severity"] == "HEALTH_WARN"


def test_bad_detail(subject):
    """A detail that is no list is left out, the rest of the check stays."""
    given = {"PROBE_L": {"severity": "warning", "summary": "s", "count": 1, "detail": 5}}
    assert seen(subject, given)["PROBE_L"]["detail"] == []


def test_bad_summary(subject):
    """A summary that is no text is left out, the rest of the check stays."""
    given = {"PROBE_S": {"severity": "warning", "summary": 5, "count": 1, "detail": []}}
    assert seen(subject, given)["PROBE_S"]["summary"] == {"message": "", "count": 1}


def test_not_a_dict(subject):
    """An argument that is no dict changes nothing and raises nothing."""
    seen(subject, GOOD)
    assert subject.eval("mgr.set_health_checks(['x'])") is None
    assert sorted(checks(subject)) == ["PROBE_A"]
    subject.shows("None")


def test_two_modules_merge(subject):
    """A check that two modules report under one code is counted together."""
    subject.eval(
        "mgr.set_health_checks({'PROBE_M': {'severity': 'warning', 'summary': 's', 'count': 1,"
        " 'detail': ['second']}})",
        module="second",
    )
    given = {"PROBE_M": {"severity": "warning", "summary": "s", "count": 2, "detail": ["probe"]}}

    def both(now):
        return len(now.get("PROBE_M", {"detail": ()})["detail"]) == 2

    try:
        found = seen(subject, given, both)
    finally:
        subject.eval("mgr.set_health_checks({})", module="second")
    assert sorted(line["message"] for line in found["PROBE_M"]["detail"]) == ["probe", "second"]
    subject.shows(found["PROBE_M"]["summary"])


def test_mute(subject):
    """`health mute` marks a check muted, `health unmute` undoes it."""
    seen(subject, GOOD)
    subject.ok("health mute PROBE_A")
    muted = poll_for(lambda: checks(subject)["PROBE_A"]["muted"], 10, "the mute")
    subject.ok("health unmute PROBE_A")
    poll_for(lambda: not checks(subject)["PROBE_A"]["muted"], 10, "the end of the mute")
    assert subject.shows(muted) is True


def test_mute_of_nothing(subject):
    """`health mute` of a check that is not raised is refused unless it is sticky."""
    answered = subject.run("health mute PROBE_NONE")
    assert answered.code == 2
    subject.shows((answered.code, answered.err.strip()))


def test_health_text(subject):
    """`health` in plain text names the check's summary, `health detail` its lines."""
    seen(subject, GOOD)
    lines = subject.ok("health detail").splitlines()
    start = lines.index("[WRN] PROBE_A: one is bad")
    assert subject.shows(lines[start : start + 3]) == [
        "[WRN] PROBE_A: one is bad",
        "    a",
        "    b",
    ]


def test_get_health(subject):
    """get('health') carries the checks as JSON text under `json`."""
    seen(subject, GOOD)
    source = "import json\nsorted(c for c in json.loads(mgr.get('health')['json'])['checks'] if c.startswith('PROBE'))"
    assert poll_for(lambda: subject.eval(source), 20, "the module to see it") == ["PROBE_A"]
