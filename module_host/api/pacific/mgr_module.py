"""Pacific's Python API for manager modules. Each name lives in a file of `module_host.mgr`."""

from module_host.mgr.cli import (
    CLICheckNonemptyFileInput,
    CLICommand,
    CLIReadCommand,
    CLIWriteCommand,
    HandlerFuncType,
)
from module_host.mgr.constants import (
    ERROR_MSG_EMPTY_INPUT_FILE,
    ERROR_MSG_NO_INPUT_FILE,
    NFS_GANESHA_SUPPORTED_FSALS,
    NFS_POOL_NAME,
    PG_STATES,
    NotifyType,
)
from module_host.mgr.exposed import API
from module_host.mgr.logs import (
    ClusterLogHandler,
    CPlusPlusHandler,
    FileHandler,
    MgrModuleLoggingMixin,
)
from module_host.mgr.maps import CRUSHMap, OSDMap, OSDMapIncremental
from module_host.mgr.module import HealthChecksT, PerfCounterT, ServerInfoT, ServiceInfoT
from module_host.mgr.option import Command, Option, OptionValue
from module_host.mgr.pacific.module import MgrModule
from module_host.mgr.results import CommandResult, HandleCommandResult, MonCommandFailed
from module_host.mgr.settings import localized_key as _get_localized_key
from module_host.mgr.standby import MgrStandbyModule


__all__ = [
    "API",
    "ERROR_MSG_EMPTY_INPUT_FILE",
    "ERROR_MSG_NO_INPUT_FILE",
    "NFS_GANESHA_SUPPORTED_FSALS",
    "NFS_POOL_NAME",
    "PG_STATES",
    "CLICheckNonemptyFileInput",
    "CLICommand",
    "CLIReadCommand",
    "CLIWriteCommand",
    "CPlusPlusHandler",
    "CRUSHMap",
    "ClusterLogHandler",
    "Command",
    "CommandResult",
    "FileHandler",
    "HandleCommandResult",
    "HandlerFuncType",
    "HealthChecksT",
    "MgrModule",
    "MgrModuleLoggingMixin",
    "MgrStandbyModule",
    "MonCommandFailed",
    "NotifyType",
    "OSDMap",
    "OSDMapIncremental",
    "Option",
    "OptionValue",
    "PerfCounterT",
    "ServerInfoT",
    "ServiceInfoT",
    "_get_localized_key",
]

# Tracebacks, logs and values that cross to another module name these classes by where they are
# imported from; the other module may stand on upstream's own mgr_module.
for _cls in (
    Command, CommandResult, CRUSHMap, HandleCommandResult, MgrModule, MgrStandbyModule,
    MonCommandFailed, NotifyType, Option, OSDMap, OSDMapIncremental,
):  # fmt: skip
    _cls.__module__ = __name__
