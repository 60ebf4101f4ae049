"""The orchestrator: hosts, daemons and services behind one interface, whatever the backend.

A backend derives from `Orchestrator`, a client from `OrchestratorClientMixin`.
"""

from orchestrator._interface import (
    KNOWN_DAEMON_TYPES,
    CLICommand,
    CLICommandMeta,
    DaemonDescription,
    DaemonDescriptionStatus,
    DeviceLightLoc,
    HostSpec,
    InventoryFilter,
    InventoryHost,
    NoOrchestrator,
    Orchestrator,
    OrchestratorClientMixin,
    OrchestratorError,
    OrchestratorEvent,
    OrchestratorValidationError,
    OrchResult,
    ServiceDescription,
    UpgradeStatusSpec,
    _cli_read_command,
    _cli_write_command,
    daemon_type_to_service,
    handle_orch_error,
    raise_if_exception,
    service_to_daemon_types,
    set_exception_subject,
)
from orchestrator.module import OrchestratorCli


__all__ = [
    "KNOWN_DAEMON_TYPES",
    "CLICommand",
    "CLICommandMeta",
    "DaemonDescription",
    "DaemonDescriptionStatus",
    "DeviceLightLoc",
    "HostSpec",
    "InventoryFilter",
    "InventoryHost",
    "NoOrchestrator",
    "OrchResult",
    "Orchestrator",
    "OrchestratorCli",
    "OrchestratorClientMixin",
    "OrchestratorError",
    "OrchestratorEvent",
    "OrchestratorValidationError",
    "ServiceDescription",
    "UpgradeStatusSpec",
    "_cli_read_command",
    "_cli_write_command",
    "daemon_type_to_service",
    "handle_orch_error",
    "raise_if_exception",
    "service_to_daemon_types",
    "set_exception_subject",
]
