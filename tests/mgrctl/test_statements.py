"""Lines put together to statements, for a person at a prompt and for a script."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mgrctl.statements import Statements


def put(lines, *, script):
    statements = Statements(script=script)
    whole = [source for line in lines for source in statements.feed(line)]
    return whole, statements


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (["1 + 1"], ["1 + 1\n"]),
        (["def f():", "  return 1", ""], ["def f():\n  return 1\n\n"]),
        (["f(", "", "2)"], ["f(\n\n2)\n"]),
        (["", "  ", "x"], ["x\n"]),
        (["for i in x: i", ""], ["for i in x: i\n\n"]),
    ],
)
def test_a_person_ends_a_block_with_an_empty_line(lines, whole):
    found, statements = put(lines, script=False)
    assert [ast.dump(ast.parse(s)) for s in found] == [ast.dump(ast.parse(s)) for s in whole]
    assert not statements.pending


def test_a_begun_statement_is_pending_until_it_is_forgotten():
    found, statements = put(["if x:", "  y"], script=False)
    assert (found, statements.pending) == ([], True)
    statements.clear()
    assert not statements.pending


def test_a_mistake_drops_its_lines_and_nothing_else():
    statements = Statements(script=True)
    assert not list(statements.feed("def f():")) + list(statements.feed("  return 1"))
    given_by = statements.feed("f(]")
    assert next(given_by) == "def f():\n  return 1\n"
    with pytest.raises(SyntaxError, match="does not match"):
        next(given_by)
    assert list(statements.feed("f()")) == ["f()\n"]


def test_the_end_of_a_script_ends_a_block_and_refuses_a_half_statement():
    _, statements = put(["if x:", "  y"], script=True)
    assert list(statements.end()) == ["if x:\n  y\n"]
    _, statements = put(["f("], script=True)
    with pytest.raises(SyntaxError):
        list(statements.end())
    assert list(statements.end()) == []


SCRIPT = st.lists(
    st.sampled_from(
        [
            "x = 1",
            "x; y",
            "# remark",
            "",
            "def f(a):\n    b = a\n\n    return b",
            "@d\nclass A:\n    x = 1\n\n    def m(self): pass",
            "if x:\n    y\nelif z:\n    y\nelse:\n    z",
            "try:\n    x\nexcept E:\n    y\nfinally:\n    z",
            's = """a\n\n  b"""',
            "f(\n1,\n\n2)",
            "for i in x: i",
            "while x:\n    # remark\n    y",
            "x = \\\n  1",
        ]
    )
)


@given(SCRIPT)
def test_a_scripts_statements_are_those_of_the_file(pieces):
    """Whatever stands between and inside them, each comes once, in order, whole."""
    text = "\n".join(pieces)
    found, statements = put(text.split("\n"), script=True)
    found += statements.end()
    assert ast.dump(ast.parse("".join(found))) == ast.dump(ast.parse(text))
    for source in found:
        compile(ast.Interactive(ast.parse(source).body or ast.parse("pass").body), "", "single")
