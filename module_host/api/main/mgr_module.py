"""The newest Python API for manager modules. What it shares with pacific's lives in
`module_host.mgr`, what it has of its own in `module_host.mgr.main`.
"""

from module_host.mgr.cli import CLICheckNonemptyFileInput, HandlerFuncType
from module_host.mgr.constants import (
    ERROR_MSG_EMPTY_INPUT_FILE,
    ERROR_MSG_NO_INPUT_FILE,
    NFS_GANESHA_SUPPORTED_FSALS,
    NFS_POOL_NAME,
    PG_STATES,
)
from module_host.mgr.exposed import API
from module_host.mgr.logs import (
    ClusterLogHandler,
    CPlusPlusHandler,
    FileHandler,
)
from module_host.mgr.main.cli import CLI_ANNOTATIONS, CLICommandBase, CLIRequiresDB, Command
from module_host.mgr.main.constants import CephReleases, NotifyType
from module_host.mgr.main.database import (
    MAX_DBCLEANUP_RETRIES,
    MgrDBNotAllowed,
    MgrDBNotReady,
    MgrModuleRecoverDB,
)
from module_host.mgr.main.logs import NamedLoggers as MgrModuleLoggingMixin
from module_host.mgr.main.maps import OSDMap
from module_host.mgr.main.module import MgrModule
from module_host.mgr.main.option import Option, OptionLevel
from module_host.mgr.main.standby import MgrStandbyModule
from module_host.mgr.maps import CRUSHMap, OSDMapIncremental
from module_host.mgr.module import HealthChecksT, PerfCounterT, ServerInfoT, ServiceInfoT
from module_host.mgr.option import OptionValue
from module_host.mgr.results import CommandResult, HandleCommandResult, MonCommandFailed
from module_host.mgr.settings import localized_key as _get_localized_key


# Modules that do not make a registry of their own import these.
CLICommand = CLICommandBase
CLIReadCommand = CLICommandBase.Read
CLIWriteCommand = CLICommandBase.Write

__all__ = [
    "API",
    "CLI_ANNOTATIONS",
    "ERROR_MSG_EMPTY_INPUT_FILE",
    "ERROR_MSG_NO_INPUT_FILE",
    "MAX_DBCLEANUP_RETRIES",
    "NFS_GANESHA_SUPPORTED_FSALS",
    "NFS_POOL_NAME",
    "PG_STATES",
    "CLICheckNonemptyFileInput",
    "CLICommand",
    "CLICommandBase",
    "CLIReadCommand",
    "CLIRequiresDB",
    "CLIWriteCommand",
    "CPlusPlusHandler",
    "CRUSHMap",
    "CephReleases",
    "ClusterLogHandler",
    "Command",
    "CommandResult",
    "FileHandler",
    "HandleCommandResult",
    "HandlerFuncType",
    "HealthChecksT",
    "MgrDBNotAllowed",
    "MgrDBNotReady",
    "MgrModule",
    "MgrModuleLoggingMixin",
    "MgrModuleRecoverDB",
    "MgrStandbyModule",
    "MonCommandFailed",
    "NotifyType",
    "OSDMap",
    "OSDMapIncremental",
    "Option",
    "OptionLevel",
    "OptionValue",
    "PerfCounterT",
    "ServerInfoT",
    "ServiceInfoT",
    "_get_localized_key",
]

# Tracebacks, logs and values that cross to another module name these classes by where they are
# imported from; the other module may stand on upstream's own mgr_module.
for _cls in (
    CLICommandBase, Command, CommandResult, CRUSHMap, HandleCommandResult, MgrDBNotAllowed,
    MgrDBNotReady, MgrModule, MgrStandbyModule, MonCommandFailed, NotifyType, Option, OptionLevel,
    OSDMap, OSDMapIncremental,
):  # fmt: skip
    _cls.__module__ = __name__
