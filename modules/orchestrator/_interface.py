"""Every name that a module may import of the orchestrator; each lives in a file of its own noun.

Instances cross processes as the names of their classes and their state, and the other side may
run another implementation of this package: its classes all go by the name of this file.
"""

from __future__ import annotations

from ceph.deployment.drive_group import DriveGroupSpec
from ceph.deployment.hostspec import HostSpec, SpecValidationError
from ceph.deployment.service_spec import (
    IngressSpec,
    IscsiServiceSpec,
    MDSSpec,
    NFSServiceSpec,
    RGWSpec,
    ServiceSpec,
    SNMPGatewaySpec,
)
from mgr_module import CLICommand

from orchestrator.client import OrchestratorClientMixin
from orchestrator.commands import (
    CLICommandMeta,
    _cli_read_command,
    _cli_write_command,
    handle_exception,
)
from orchestrator.daemon import DaemonDescription, DaemonDescriptionStatus
from orchestrator.daemon_types import (
    KNOWN_DAEMON_TYPES,
    daemon_type_to_service,
    service_to_daemon_types,
)
from orchestrator.errors import (
    NoOrchestrator,
    OrchestratorError,
    OrchestratorValidationError,
    handle_type_error,
    set_exception_subject,
)
from orchestrator.event import OrchestratorEvent
from orchestrator.features import hide_in_features as _hide_in_features
from orchestrator.interface import Orchestrator
from orchestrator.inventory import DeviceLightLoc, InventoryFilter, InventoryHost
from orchestrator.result import OrchResult, handle_orch_error, raise_if_exception
from orchestrator.service import ServiceDescription
from orchestrator.specs import GenericSpec, json_to_generic_spec
from orchestrator.upgrade import UpgradeStatusSpec


for _class in (
    CLICommandMeta,
    DaemonDescription,
    DaemonDescriptionStatus,
    DeviceLightLoc,
    InventoryFilter,
    InventoryHost,
    NoOrchestrator,
    OrchResult,
    Orchestrator,
    OrchestratorClientMixin,
    OrchestratorError,
    OrchestratorEvent,
    OrchestratorValidationError,
    ServiceDescription,
    UpgradeStatusSpec,
):
    _class.__module__ = __name__


__all__ = [
    "KNOWN_DAEMON_TYPES",
    "CLICommand",
    "CLICommandMeta",
    "DaemonDescription",
    "DaemonDescriptionStatus",
    "DeviceLightLoc",
    "DriveGroupSpec",
    "GenericSpec",
    "HostSpec",
    "IngressSpec",
    "InventoryFilter",
    "InventoryHost",
    "IscsiServiceSpec",
    "MDSSpec",
    "NFSServiceSpec",
    "NoOrchestrator",
    "OrchResult",
    "Orchestrator",
    "OrchestratorClientMixin",
    "OrchestratorError",
    "OrchestratorEvent",
    "OrchestratorValidationError",
    "RGWSpec",
    "SNMPGatewaySpec",
    "ServiceDescription",
    "ServiceSpec",
    "SpecValidationError",
    "UpgradeStatusSpec",
    "_cli_read_command",
    "_cli_write_command",
    "_hide_in_features",
    "daemon_type_to_service",
    "handle_exception",
    "handle_orch_error",
    "handle_type_error",
    "json_to_generic_spec",
    "raise_if_exception",
    "service_to_daemon_types",
    "set_exception_subject",
]
