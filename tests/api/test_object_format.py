"""object_format: what handlers return or raise, and what of it a client gets."""
# ruff: noqa: UP006, UP035, UP045  what upstream's modules write

import errno
import functools
import importlib
import json
from typing import List, Optional

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from proto.descriptor import Signature
from tests.api import house  # noqa: F401  puts api/ on sys.path


mgr_module = importlib.import_module("mgr_module")
object_format = importlib.import_module("object_format")
CLICommand = mgr_module.CLICommand
Adapter, Responder = object_format.ObjectFormatAdapter, object_format.Responder
ErrorResponse = object_format.ErrorResponse
FORMAT = "name=format,req=false,type=CephString,positional=false"


class Thing:
    def to_simplified(self):
        return {"b": 1, "a": [2]}


class Compatible(Thing):
    def to_json(self):
        return {"json": True}

    def to_yaml(self):
        return {"yaml": True}

    def mgr_return_value(self):
        return -5

    def mgr_status_value(self):
        return "weak"


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(CLICommand, "COMMANDS", {})


def answer(value, formatter=None, **arguments):
    return Responder(formatter)(lambda: value)(**arguments)


def test_json_is_the_default_indented_and_sorted():
    assert answer(Thing()) == (0, '{\n  "a": [\n    2\n  ],\n  "b": 1\n}', "")
    assert answer(Thing(), format=None) == answer(Thing(), format="json")


def test_json_pretty_is_json():
    """Upstream knows the name with an underscore only, and refuses the operator's."""
    assert answer(Thing(), format="json-pretty") == answer(Thing(), format="json")
    assert answer(Thing(), format=object_format.Format.json_pretty.value)[0] == 0


def test_yaml():
    assert answer(Thing(), format="yaml") == (0, "a:\n- 2\nb: 1\n", "")


@pytest.mark.parametrize("name", ["plain", "xml", "xml-pretty"])
def test_a_format_that_the_formatter_cannot_write_is_refused_before_the_handler_runs(name):
    handler = Responder()(lambda: pytest.fail("it ran"))
    assert handler(format=name) == (-errno.EINVAL, "", f"Unsupported format: {name}")


def test_a_format_that_nobody_knows_is_refused_before_the_handler_runs():
    handler = Responder()(lambda: pytest.fail("it ran"))
    assert handler(format="toml") == (-errno.EINVAL, "", "Unknown format name: toml")


def test_a_formatter_adds_formats():
    class Drawn(Adapter):
        def format_plain(self):
            return f"<{len(self.obj)}>"

        def format_xml_pretty(self):
            return "<x/>"

    assert answer([1], Drawn, format="plain") == (0, "<1>", "")
    assert answer([1], Drawn, format="xml-pretty") == (0, "<x/>", "")
    assert answer([1], Drawn, format="xml")[0] == -errno.EINVAL


def test_compatible_objects_are_asked_for_their_own_data_and_status():
    formatter = functools.partial(Adapter, compatible=True, json_indent=None)
    assert answer(Compatible(), formatter) == (-5, '{"json": true}', "weak")
    assert answer(Compatible(), formatter, format="yaml") == (-5, "yaml: true\n", "weak")
    assert json.loads(answer(Compatible())[1]) == {"a": [2], "b": 1}


def test_keys_keep_their_order_where_sorting_is_off():
    formatter = functools.partial(Adapter, json_indent=None, sort_json=False, sort_yaml=False)
    assert answer({"b": 1, "a": 2}, formatter)[1] == '{"b": 1, "a": 2}'
    assert answer({"b": 1, "a": 2}, formatter, format="yaml")[1] == "b: 1\na: 2\n"


def raising(error, decorator):
    def handler():
        raise error

    return decorator(handler)()


DECORATORS = [Responder(), object_format.ErrorResponseHandler(), object_format.EmptyResponder()]


@pytest.mark.parametrize("decorator", DECORATORS)
def test_an_error_response_becomes_the_answer(decorator):
    assert raising(ErrorResponse("no", -errno.ENOENT), decorator) == (-errno.ENOENT, "", "no")
    assert raising(ErrorResponse("a remark", 0), decorator) == (0, "", "a remark")
    with pytest.raises(KeyError):  # the host makes -EINVAL and a traceback of it
        raising(KeyError("defect"), decorator)


def test_wrap_takes_the_text_and_the_errno():
    wrapped = ErrorResponse.wrap(OSError(errno.EBUSY, "narrow"))
    assert wrapped.format_response() == (-errno.EBUSY, "", f"[Errno {errno.EBUSY}] narrow")
    assert wrapped.errno == errno.EBUSY
    assert str(wrapped) == wrapped.status
    assert isinstance(wrapped.__cause__, OSError)
    assert ErrorResponse.wrap(ValueError("x")).format_response() == (-errno.EINVAL, "", "x")
    assert ErrorResponse.wrap(OSError("no errno")).return_value == -errno.EINVAL
    assert ErrorResponse.wrap(KeyError("x"), return_value=-2).return_value == -2
    assert ErrorResponse.wrap(wrapped) is wrapped


def test_the_base_has_no_answer_of_its_own():
    with pytest.raises(NotImplementedError):
        object_format.ErrorResponseBase().format_response()


def test_empty_responder_says_nothing_and_refuses_data():
    assert object_format.EmptyResponder()(lambda: None)() == (0, "", "")
    with pytest.raises(ValueError, match="returned int, not None: a defect of the module"):
        object_format.EmptyResponder()(lambda: 5)()


def declared(handler):
    command = CLICommand("try it")
    command(handler)
    Signature.parse(command.dump_cmd()["cmd"])
    return command


def listing(self, oid: str, details: bool = False, inbuf: Optional[str] = None) -> List[str]:
    """Help."""
    return [oid, details, inbuf]


def test_the_commands_descriptor_gains_a_format_by_name():
    command = declared(Responder()(listing))
    arguments = "name=oid,type=CephString name=details,req=false,type=CephBool"
    assert command.args == f"{arguments} {FORMAT}"
    assert command.desc == "Help."
    assert command.call(None, {"oid": "x", "format": "yaml"}, "b") == (0, "- x\n- false\n- b\n", "")


def test_a_handlers_own_format_argument_is_kept_once():
    def handler(self, format: Optional[str] = None) -> List[str]:  # noqa: A002
        return [format]

    command = declared(Responder()(handler))
    assert command.args == "name=format,req=false,type=CephString"
    assert command.call(None, {"format": "yaml"})[1] == "- null\n"


def plain_wrapper(handler):
    @functools.wraps(handler)
    def around(*args, **kwargs):
        return handler(*args, **kwargs)

    return around


@pytest.mark.parametrize("stack", ["wrapped responder", "responder of wrapped", "nonempty"])
def test_other_decorators_may_stand_above_and_below(stack):
    handler = {
        "wrapped responder": lambda: plain_wrapper(Responder()(listing)),
        "responder of wrapped": lambda: Responder()(plain_wrapper(listing)),
        "nonempty": lambda: mgr_module.CLICheckNonemptyFileInput("x")(Responder()(listing)),
    }[stack]()
    command = declared(handler)
    assert command.args.endswith(FORMAT)
    assert command.args.startswith("name=oid,type=CephString ")
    assert command.call(None, {"oid": "x", "format": "yaml"}, "b")[1] == "- x\n- false\n- b\n"


def test_the_error_half_leaves_the_descriptor_alone():
    for decorator in DECORATORS[1:]:
        command = declared(decorator(listing))
        assert command.args == "name=oid,type=CephString name=details,req=false,type=CephBool"


texts = st.text(st.characters(codec="utf-8"))
simple = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@given(simple)
def test_simple_data_survives_every_format(data):
    status, text, _ = answer(data)
    assert (status, json.loads(text)) == (0, data)
    status, text, _ = answer(data, format="yaml")
    assert (status, yaml.safe_load(text)) == (0, data)


@given(texts)
def test_any_format_name_is_an_answer_or_a_refusal(name):
    status, stdout, stderr = answer([], format=name)
    known = {"json", "json-pretty", "json_pretty", "yaml"}
    assert (status, bool(stdout), bool(stderr)) == (
        (0, True, False) if name in known else (-errno.EINVAL, False, True)
    )
