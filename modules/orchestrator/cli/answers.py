"""What a command says: the backend's own words, or an object in the format that was asked for."""

import enum
import json
from collections.abc import Sequence
from typing import Any

import yaml
from mgr_module import HandleCommandResult

from orchestrator._interface import OrchestratorError, OrchResult, raise_if_exception


class Format(enum.Enum):
    """Choices of `--format`, in the order of the descriptor."""

    plain = "plain"
    json = "json"
    json_pretty = "json-pretty"
    yaml = "yaml"
    xml_pretty = "xml-pretty"
    xml = "xml"


def done(completion: OrchResult[Any]) -> HandleCommandResult:
    """Say what the backend says: text, or a list of texts, a line each; raises its exception."""
    raise_if_exception(completion)
    return HandleCommandResult(stdout=completion.result_str())


def shown(what: Any, format: Format) -> HandleCommandResult:
    """One object, that has to_json() or is JSON. Raises OrchestratorError for XML."""
    return HandleCommandResult(stdout=rendered(what, format))


def listed(objects: Sequence[Any], format: Format) -> HandleCommandResult:
    """The same with a list: one document for each in YAML."""
    return HandleCommandResult(stdout=rendered(list(objects), format))


def rendered(what: Any, format: Format) -> str:
    """The text of `what`, any format but plain; raises OrchestratorError for XML."""
    match format:
        case Format.json:
            return json.dumps(_plain(what), sort_keys=True)
        case Format.json_pretty:
            return json.dumps(_plain(what), indent=2, sort_keys=True)
        case Format.yaml if isinstance(what, list):
            return str(yaml.dump_all(map(_for_yaml, what), default_flow_style=False))
        case Format.yaml:
            return str(yaml.dump(_for_yaml(what), default_flow_style=False))
    raise OrchestratorError(f"format '{format.name}' is not implemented.")


def _plain(what: Any) -> Any:
    if isinstance(what, list):
        return [_plain(each) for each in what]
    return what.to_json() if hasattr(what, "to_json") else what


def _for_yaml(what: Any) -> Any:
    # Specs and descriptions represent themselves: their keys keep their order, others are sorted.
    return what if hasattr(what, "yaml_representer") else _plain(what)
