"""Command decorators: descriptors from signatures, and what of a client's dict reaches a handler."""
# ruff: noqa: UP006, UP045  what upstream's modules write

import importlib
from collections.abc import Sequence
from enum import Enum
from typing import List, Optional, Tuple  # noqa: UP035  the same

import pytest

from proto.argtypes import CephInt, CephPoolname
from proto.descriptor import Signature
from tests.api import house  # noqa: F401  puts api/ on sys.path


mgr_module = importlib.import_module("mgr_module")
CLICommand = mgr_module.CLICommand
HandleCommandResult = mgr_module.HandleCommandResult


class Colour(Enum):
    red = "red"
    dark_blue = "dark-blue"


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(CLICommand, "COMMANDS", {})


def declared(func, prefix="try it", **kwargs):
    command = CLICommand(prefix, **kwargs)
    command(func)
    return command


def test_descriptor_and_help():
    def handler(self, a: str, n: int, f: float = 1.0, flag: bool = False) -> HandleCommandResult:
        """First line.
        Second line.
        """

    command = declared(handler, perm="r", poll=True)
    assert command.dump_cmd() == {
        "cmd": "try it name=a,type=CephString name=n,type=CephInt "
        "name=f,req=false,type=CephFloat name=flag,req=false,type=CephBool",
        "desc": "First line. Second line.",
        "perm": "r",
        "poll": True,
    }
    Signature.parse(command.dump_cmd()["cmd"])


def test_composed_annotations():
    def handler(
        self,
        many: Sequence[str],
        pair: Tuple[int, int],
        colour: Colour,
        pool: CephPoolname(),
        size: CephInt(1, 5),
        maybe: Optional[List[int]],
        newer: list[str] | None = None,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult: ...

    assert declared(handler).args == (
        "name=many,n=N,type=CephString name=pair,n=2,type=CephInt "
        "name=colour,strings=red|dark-blue,type=CephChoices name=pool,type=CephPoolname "
        "name=size,range=1|5,type=CephInt name=maybe,req=false,n=N,type=CephInt "
        "name=newer,req=false,n=N,type=CephString"
    )


def test_without_a_return_annotation_the_last_required_argument_counts_as_optional():
    """Upstream's count is off by one there, and modules' published descriptors rest on it."""

    def handler(self, a: str, b: str = ""): ...

    assert (
        declared(handler).args
        == "name=a,req=false,type=CephString name=b,req=false,type=CephString"
    )


@pytest.mark.parametrize("annotation", [dict, Tuple[int, str], Optional[dict], "str"])
def test_an_annotation_that_means_no_type_is_refused_with_its_argument(annotation):
    def handler(self, a): ...

    handler.__annotations__["a"] = annotation
    with pytest.raises(ValueError, match="argument 'a': no command argument can be"):
        declared(handler)


def test_a_parameter_without_annotation_is_refused_by_name():
    def handler(self, a): ...

    with pytest.raises(ValueError, match="parameter 'a' needs an annotation"):
        declared(handler)


def call(handler, inbuf=None, **arguments):
    return declared(handler).call("module", {"prefix": "try it", **arguments}, inbuf)


def test_values_are_made_what_the_handler_expects():
    def handler(
        self,
        n: int,
        colour: Colour,
        many: List[int],
        flag: bool = False,
        maybe: Optional[str] = None,
    ) -> HandleCommandResult:
        return self, n, colour, many, flag, maybe

    got = call(handler, n="5", colour="dark-blue", many=["1", 2], flag="false", target=["mon-mgr"])
    assert got == ("module", 5, Colour.dark_blue, [1, 2], True, None)  # bool("false") is True


def test_a_missing_argument_is_converted_from_none():
    """As in ceph-mgr 16.2.15: a number cannot be made of it, a text can."""

    def number(self, n: int) -> HandleCommandResult: ...

    def text(self, a: str) -> HandleCommandResult:
        return a

    with pytest.raises(TypeError, match="not 'NoneType'"):
        call(number)
    assert call(text) == "None"


def test_key_value_words_switch_the_rest_to_keys():
    def handler(self, a: str = "", b: int = 0, c_d: str = "") -> HandleCommandResult:
        return a, b, c_d

    assert call(handler, a="b=5", c_d="c_d=x") == ("", "5", "x")
    with pytest.raises(ValueError, match="invalid literal for int"):
        call(handler, a="b=5", b="c_d=x")  # the type is that of the place, as upstream
    assert call(handler, a="other=5") == ("other=5", 0, "")
    with pytest.raises(ValueError, match="must be key=value too"):
        call(handler, a="b=5", c_d="plain")


def test_inbuf_is_passed_when_there_is_one():
    def handler(self, inbuf: Optional[str] = None) -> HandleCommandResult:
        return inbuf

    assert call(handler) is None
    assert call(handler, inbuf="") is None
    assert call(handler, inbuf="data") == "data"


def test_a_file_is_asked_for_in_words():
    @mgr_module.CLICheckNonemptyFileInput("the key")
    def handler(self, inbuf: Optional[str] = None) -> HandleCommandResult:
        return 0, inbuf, ""

    sentence = (
        'Input file not specified: Please specify the file containing the key with "-i" option'
    )
    assert call(handler) == (-22, "", sentence)
    assert call(handler, inbuf=" \n") == (
        -22,
        "",
        "Empty input file: Please add the key to the file",
    )
    assert call(handler, inbuf="secret\r\n") == (0, "secret", "")


def test_read_and_write_commands_and_the_registry():
    @mgr_module.CLIReadCommand("r", poll=True)
    def read(self) -> HandleCommandResult: ...

    @mgr_module.CLIWriteCommand("w")
    def write(self) -> HandleCommandResult: ...

    assert [(c["perm"], c["poll"]) for c in CLICommand.dump_cmd_list()] == [
        ("r", True),
        ("w", False),
    ]


def test_a_module_publishes_its_own_packages_commands():
    """Importing another module's package must not publish that one's commands twice."""

    @CLICommand("own")
    def own(self) -> HandleCommandResult: ...

    def foreign(self) -> HandleCommandResult: ...

    foreign.__module__ = "nfs.module"
    CLICommand("foreign")(foreign)

    class Module(mgr_module.MgrModule):
        pass

    Module._register_commands("x")
    assert [command["cmd"].strip() for command in Module.COMMANDS] == ["own"]


def test_a_command_registered_at_run_time_calls_its_own_object():
    class Feature:
        def handler(self, name: str) -> tuple[int, str, str]:
            return 0, f"hello {name}", ""

    mgr_module.Command(prefix="feature", handler=Feature.handler).register(instance=Feature())
    result = CLICommand.COMMANDS["feature"].call(object(), {"name": "Ann"})
    assert result == HandleCommandResult(0, "hello Ann", "")


def test_an_option_is_a_dict_of_what_was_given():
    assert mgr_module.Option("a", default=0, min=0) == {
        "name": "a",
        "default": 0,
        "type": "str",
        "min": 0,
        "runtime": False,
    }


def test_marks_of_the_api():
    @mgr_module.API.perm("w")
    @mgr_module.API.expose
    def method(): ...

    assert mgr_module.API.perm.get(method) == "w"
    assert method.__ATTR_EXPOSE__ is True
    assert mgr_module.API.perm.get(len) == "r"
