"""One report of all modules' checks, as ceph-mgr 16.2.15 merges it."""

from supervisor.core.health import CHECKS, LINE, TEXT, Check, HealthBook


def messages(book: HealthBook, code: str) -> tuple[str, int, list[str]]:
    check = book.merged()[code]
    return (
        check["summary"]["message"],
        check["summary"]["count"],
        [line["message"] for line in check["detail"]],
    )


def test_checks_are_reported_in_the_shape_of_the_cluster():
    book = HealthBook()
    book.set_checks("m", [Check("X", "warning", "bad", 2, ("one", "two"))])
    assert book.merged() == {
        "X": {
            "severity": "HEALTH_WARN",
            "summary": {"message": "bad", "count": 2},
            "detail": [{"message": "one"}, {"message": "two"}],
        }
    }


def test_a_severity_that_is_neither_counts_as_ok():
    book = HealthBook()
    book.set_checks("m", [Check("X", "bogus", "odd"), Check("Y", "error", "worse")])
    assert [c["severity"] for c in book.merged().values()] == ["HEALTH_OK", "HEALTH_ERR"]


def test_one_code_of_several_modules_adds_up_under_the_first_ones_text():
    book = HealthBook()
    book.set_checks("zsame", [Check("SAME", "error", "from z", 5, ("z1", "z2"))])
    book.set_checks("opt", [Check("SAME", "warning", "from opt", 2, ("o1",))])
    assert messages(book, "SAME") == ("from opt", 7, ["o1", "z1", "z2"])
    assert book.merged()["SAME"]["severity"] == "HEALTH_WARN"
    assert book.merged() == book.merged()


def test_faults_name_the_one_module_and_count_several():
    book = HealthBook()
    book.set_fault("bad2", error="serve")
    assert messages(book, "MGR_MODULE_ERROR") == (
        "Module 'bad2' has failed: serve", 1, ["Module 'bad2' has failed: serve"],
    )  # fmt: skip
    book.set_fault("bad1", error="boom {x}")
    assert messages(book, "MGR_MODULE_ERROR") == (
        "2 mgr modules have failed",
        2,
        ["Module 'bad1' has failed: boom {x}", "Module 'bad2' has failed: serve"],
    )
    book.set_fault("bad3", dependency="nolib")
    assert messages(book, "MGR_MODULE_DEPENDENCY")[0] == (
        "Module 'bad3' has failed dependency: nolib"
    )
    book.set_fault("bad4", dependency="")
    assert messages(book, "MGR_MODULE_DEPENDENCY")[:2] == (
        "2 mgr modules have failed dependencies",
        2,
    )
    assert book.merged()["MGR_MODULE_ERROR"]["severity"] == "HEALTH_ERR"
    assert book.merged()["MGR_MODULE_DEPENDENCY"]["severity"] == "HEALTH_WARN"


def test_a_withdrawn_fault_and_a_forgotten_module_leave_nothing():
    book = HealthBook()
    book.set_fault("m", error="x", dependency="y")
    book.set_checks("m", [Check("X", "warning", "s")])
    book.set_fault("m")
    assert set(book.merged()) == {"X"}
    book.forget("m")
    book.forget("never seen")
    assert book.merged() == {}


def test_only_a_change_is_worth_a_report():
    book = HealthBook()
    assert not book.changed
    book.set_checks("m", [])
    book.set_fault("m")
    assert not book.changed
    book.set_checks("m", [Check("X", "warning", "s")])
    assert book.changed
    book.reported()
    book.set_checks("m", [Check("X", "warning", "s")])
    assert not book.changed
    book.set_fault("m", error="x")
    assert book.changed
    book.reported()
    book.forget("m")
    assert book.changed


def test_setting_checks_replaces_the_whole_set():
    book = HealthBook()
    book.set_checks("m", [Check("X", "warning", "s")])
    book.set_checks("m", [Check("Y", "warning", "s"), Check("Y", "error", "t")])
    assert list(book.merged()) == ["Y"]
    assert book.merged()["Y"]["summary"]["message"] == "t"


def test_a_module_near_a_limit_is_named():
    """One by its own line, several by their number; withdrawn with an empty text."""
    book = HealthBook()
    book.set_limit("a", "is near a limit: memory, 1.8 GiB of 2.0 GiB")
    check = book.merged()["MGR_MODULE_LIMIT"]
    assert check["severity"] == "HEALTH_WARN"
    assert check["summary"]["message"] == ("Module 'a' is near a limit: memory, 1.8 GiB of 2.0 GiB")
    book.set_limit("b", "was killed: limit processes: 5 of 4")
    check = book.merged()["MGR_MODULE_LIMIT"]
    assert check["summary"]["count"] == 2
    book.set_limit("a", "")
    book.forget("b")
    assert "MGR_MODULE_LIMIT" not in book.merged()


def test_what_one_module_can_say_is_bounded():
    """All of it is in every report to the cluster; the last detail says what is missing."""
    book = HealthBook()
    lines = tuple(f"line {number} {'x' * 1000}" for number in range(TEXT // 500))
    checks = [Check(str(code), "warning", "s" * 10 * LINE) for code in range(2 * CHECKS)]
    book.set_checks("m", [Check("X", "warning", "many", len(lines), lines), *checks])
    merged = book.merged()
    assert len(merged) == CHECKS
    details = messages(book, "X")[2]
    assert sum(map(len, details)) < TEXT + 100
    assert details[-1] == f"... and {len(lines) - len(details) + 1} more"
    assert len(merged["7"]["summary"]["message"]) == LINE
