"""A testing kit for module authors: a module runs in the test's own process.

    from module_host import testing
    testing.activate()                      # in conftest.py, before anything imports mgr_module

    with testing.run(Module, name="hello", options={"place": "Berlin"}) as hello:
        assert hello.command("hello").stdout == "Hello, Berlin!"

Everything from the bus inwards is what a real module host runs: the session, the codec of remote(),
the queue of commands and notifications, the reading of options. Only the supervisor is a stand-in,
and there is no sandbox. docs/modules.md shows it at work.
"""

from module_host.errors import RemoteDied, RemoteError, RemoteRefused, RemoteTimedOut
from module_host.testing.faults import Fault, ModuleFault, Overdue
from module_host.testing.paths import activate, paths
from module_host.testing.peers import Dies, TooLate
from module_host.testing.running import Running
from module_host.testing.start import CannotRun, examine, run
from module_host.testing.state import documents
from module_host.testing.supervisor import Entry, Sent
from proto.matching import NoMatch


__all__ = [
    "CannotRun",
    "Dies",
    "Entry",
    "Fault",
    "ModuleFault",
    "NoMatch",
    "Overdue",
    "RemoteDied",
    "RemoteError",
    "RemoteRefused",
    "RemoteTimedOut",
    "Running",
    "Sent",
    "TooLate",
    "activate",
    "documents",
    "examine",
    "paths",
    "run",
]
