"""Everything around one module in a test: a host's own parts on a stand-in for the supervisor."""

from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from module_host import loader, session
from module_host.activity import Activity
from module_host.ceph import releases
from module_host.host_session import HostSession
from module_host.inbox import Inbox
from module_host.replica import Replica
from module_host.revival import revive
from module_host.session import Identity
from module_host.testing.faults import Fault
from module_host.testing.line import LocalLine
from module_host.testing.state import Documents
from module_host.testing.supervisor import FakeSupervisor, LocalSender
from proto.classgate import ClassGate
from proto.v1.module_pb2 import Loaded
from proto.values import Values


MGR_ID = "x"


class World:
    """Put together as module_host.main does it, sockets and sandbox left out."""

    def __init__(
        self,
        name: str,
        report: Loaded,
        *,
        packages: set[str],
        folder: Path,
        ceph_version: str,
        timeout: float,
        state: Mapping[str, Any],
    ) -> None:
        self.report = report
        self.timeout = timeout
        self.faults: list[Fault] = []
        self.identity = Identity(
            module=name,
            mgr_id=MGR_ID,
            mgr_ip="127.0.0.1",
            version=f"ceph version {ceph_version}",
            release_name=releases.name(int(ceph_version.partition(".")[0])),
            log_file=str(folder / f"mgr.{MGR_ID}.log"),
            conf_path="",
            data_dir=str(folder),
        )
        self.values = Values(ClassGate(packages), revive)
        self.documents = Documents(state)
        self.supervisor = FakeSupervisor(name, report, self.documents, self.values, timeout)
        self.sender = LocalSender(self.supervisor)

    def fill(self, options: Mapping[str, Any], store: Mapping[str, str]) -> None:
        """What was set before the module begins; raises ValueError where production refuses it."""
        name = self.identity.module
        for given, value in options.items():
            module, key = option_key(name, given)
            full = f"mgr/{module}/{key}"
            if module != name:
                self.supervisor.options[full] = str(value)
            self.supervisor.options[full] = self.supervisor.normalise(module, key, str(value))
        for key, value in store.items():
            self.supervisor.set_store(key, value)

    def construct(self, cls: Any, *, standby: bool) -> Any:
        """The module; raises what its `__init__` raises."""
        name = self.identity.module
        line = LocalLine(self.supervisor, self.timeout)
        options, store = (
            Replica(book, 0) for book in (self.supervisor.options, self.supervisor.store)
        )
        activity = Activity()
        self.inbox = Inbox(
            line=line,
            module=name,
            options=options,
            store=store,
            values=self.values,
            activity=activity,
            orders=SimpleQueue(),
        )
        self.supervisor.inbox = self.inbox
        self.sender.start()
        before = session.install(
            HostSession(
                identity=self.identity,
                line=line,
                sender=self.sender,
                options=options,
                store=store,
                state=self.documents,
                values=self.values,
                activity=activity,
            )
        )
        try:
            module = loader.construct(cls, name, standby=standby)
        except BaseException:
            self.sender.end()
            raise
        finally:
            session.install(before)
        self.inbox.serve(module)
        return module

    def end(self) -> None:
        """Let the threads end."""
        self.inbox.end()
        self.sender.end()


def option_key(module: str, key: str) -> tuple[str, str]:
    """Whose option it is and how it is called there; "mgr/OTHER/KEY" is another module's."""
    if key.startswith("mgr/"):
        _, module, key = key.split("/", 2)
    return module, key
