"""From what `-i` reads to specs: YAML or JSON, a document for each. Bad input is told in words."""

from collections.abc import Callable
from typing import Any, TypeVar

import yaml
from ceph.deployment.hostspec import HostSpec, SpecValidationError
from ceph.deployment.service_spec import ServiceSpec

from orchestrator._interface import (
    GenericSpec,
    OrchestratorError,
    OrchestratorValidationError,
    json_to_generic_spec,
)


SpecT = TypeVar("SpecT", ServiceSpec, HostSpec)


def documents(text: str) -> list[dict[str, Any]]:
    """Every document that is not empty; raises OrchestratorValidationError."""
    try:
        found = [each for each in yaml.safe_load_all(text) if each is not None]
    except yaml.YAMLError as error:
        raise OrchestratorValidationError(f"Invalid YAML received : {error}") from None
    for each in found:
        if not isinstance(each, dict):
            raise OrchestratorValidationError(
                f'Service Spec is not an (JSON or YAML) object. got "{each}"'
            )
    return found


def spec_from(document: dict[str, Any], cls: type[SpecT]) -> SpecT:
    """A spec of class `cls`; raises an OrchestratorError or SpecValidationError in words."""
    return _made(document, cls.from_json)


def generic_spec(document: dict[str, Any], is_option: Callable[[str], bool]) -> GenericSpec:
    """A host or a service of any type, whose `config` names options that exist; raises as above."""
    spec = _made(document, json_to_generic_spec)
    for option in getattr(spec, "config", None) or {}:
        if not is_option(option):
            raise SpecValidationError(f"Invalid config option {option} in spec")
    return spec


def _made(document: dict[str, Any], make: Callable[[dict[str, Any]], Any]) -> Any:
    kind = str(document.get("service_type", "spec"))
    try:
        return make(document)
    except (OrchestratorError, SpecValidationError):
        raise
    except KeyError as error:
        raise OrchestratorValidationError(f"{kind}: {error} is missing") from None
    except AssertionError:
        known = " ".join(sorted(["host", *ServiceSpec.KNOWN_SERVICE_TYPES]))
        sentence = f"'{kind}' is no service type; there are: {known}"
        raise OrchestratorValidationError(sentence) from None
    except (AttributeError, TypeError, ValueError) as error:
        raise OrchestratorValidationError(f"{kind}: {error}") from None
