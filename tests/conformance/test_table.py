"""docs/conformance.md is the table of the statements that are asked, and of no others."""

from pathlib import Path

from tests.conformance.table import deviations_in, statements_in


HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"


def test_every_statement_is_listed():
    """A statement that is not in docs/conformance.md was added after tools/conformance last ran."""
    table = (DOCS / "conformance.md").read_text(encoding="utf-8")
    listed = {
        row.split(" | ")[0].removeprefix("| ").replace("\\|", "|")
        for row in table.splitlines()
        if row.startswith("| ") and not row.startswith("| statement")
    }
    asked = statements_in(HERE)
    assert sorted(text for text in asked if not any(_is(row, text) for row in listed)) == []
    assert sorted(row for row in listed if not any(_is(row, text) for text in asked)) == []


def _is(row, text):
    """A row is the statement, followed by the parameters of the test."""
    return row == text or row.startswith(f"{text} (")


def test_every_deviation_has_its_row():
    """A mark `deviates` names a row of docs/deviations.md, where the reason stands."""
    page = (DOCS / "deviations.md").read_text(encoding="utf-8")
    rows = {line.split(" | ")[0].removeprefix("| ") for line in page.splitlines()}
    assert sorted(deviations_in(HERE) - rows) == []
