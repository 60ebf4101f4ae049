"""A command goes to the module that declared its prefix first."""

import pytest

from supervisor.core.commands import CommandTable, Conflict, prefix_of
from supervisor.core.facts import CommandDeclaration


def declared(*cmds: str) -> list[CommandDeclaration]:
    return [CommandDeclaration(cmd) for cmd in cmds]


@pytest.mark.parametrize(
    ("cmd", "prefix"),
    [
        ("status", "status"),
        ("osd status name=bucket,type=CephString,req=false", "osd status"),
        ("orch name=action,type=CephChoices,strings=start|stop name=service_name", "orch"),
        ("opt name=action,type=CephChoices,strings=go|stop svc name=x", "opt"),
        ("opt type=CephString,name=q", "opt"),
        ("  opt   double name=x ", "opt double"),
        ("", ""),
    ],
)
def test_the_prefix_ends_where_the_first_argument_begins(cmd, prefix):
    assert prefix_of(cmd) == prefix


def test_lookup_is_exact_and_case_sensitive():
    table = CommandTable()
    table.declare("crash", declared("crash ls", "crash info name=id,type=CephString"))
    assert table.lookup("crash info").owner == "crash"
    for other in ("crash", "Crash info", "crash inf", "crash info 5", ""):
        assert table.lookup(other) is None


def test_the_first_owner_keeps_a_prefix_and_the_conflict_is_told():
    table = CommandTable()
    assert table.declare("a", declared("x", "y")) == []
    assert table.declare("b", declared("y", "z")) == [Conflict("y", "b", "a")]
    assert table.lookup("y").owner == "a"
    assert [(e.owner, e.prefix) for e in table.entries()] == [("a", "x"), ("a", "y"), ("b", "z")]
    table.withdraw("a")
    assert table.lookup("y").owner == "b"
    assert table.lookup("x") is None
    assert table.conflicts() == []


def test_a_module_may_declare_one_prefix_with_different_arguments():
    table = CommandTable()
    assert table.declare("o", declared("orch name=action", "orch name=b", "orch ls")) == []
    assert table.lookup("orch").declaration.cmd == "orch name=action"
    assert len(table.entries()) == 3


def test_declaring_again_replaces_and_keeps_the_place():
    table = CommandTable()
    table.declare("a", declared("x", "y"))
    table.declare("b", declared("x"))
    table.declare("a", declared("x", "w"))
    assert table.lookup("x").owner == "a"
    assert table.lookup("y") is None
    table.declare("a", [])
    assert table.lookup("x").owner == "b"


def test_withdrawing_what_was_never_declared_does_nothing():
    table = CommandTable()
    table.withdraw("nobody")
    assert table.entries() == []
