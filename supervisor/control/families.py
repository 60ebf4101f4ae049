"""All built-in commands, family by family."""

from supervisor.control.bus import BusFamily
from supervisor.control.manager import ManagerFamily
from supervisor.control.module import ModuleFamily
from supervisor.control.process import ProcessFamily
from supervisor.control.sandbox import SandboxFamily
from supervisor.control.tell import TellFamily
from supervisor.control.usage import UsageFamily
from supervisor.edge.commands import BuiltIn
from supervisor.edge.supervisor import Supervisor
from supervisor.edge.worker import Worker


def builtins(supervisor: Supervisor, worker: Worker, sandbox: SandboxFamily) -> list[BuiltIn]:
    """Everything that the supervisor answers itself."""
    return [
        *ManagerFamily(supervisor).commands(),
        *ModuleFamily(supervisor).commands(),
        *ProcessFamily(supervisor, worker).commands(),
        *sandbox.commands(),
        *UsageFamily(supervisor, worker).commands(),
        *TellFamily(supervisor).commands(),
        *BusFamily(supervisor).commands(),
    ]
