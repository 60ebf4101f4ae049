"""What may be read of one module: the public face of its life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supervisor.core.fault import Fault
from supervisor.core.retry import Retry
from supervisor.core.state import Desired, Stage, State


if TYPE_CHECKING:
    from random import Random

    from supervisor.core.facts import Facts
    from supervisor.core.host import Host
    from supervisor.core.policy import RestartPolicy


class Status:
    """Read only from outside; times are of the clock that `Lifecycle.handle` is given.

    state     what an operator is shown; `since`: when it was entered
    desired   what is wanted: changed only when somebody asks
    facts     what the class declares, None until it was looked at
    reason    why it last died or failed; "" if it never did
    """

    def __init__(self, name: str, policy: RestartPolicy, rng: Random) -> None:
        self.name = name
        self.state = State.DISABLED
        self.since = 0.0
        self.desired = Desired()
        self.facts: Facts | None = None
        self.reason = ""
        self._host: Host | None = None
        self._retry = Retry(policy, rng)
        self._fault = Fault()

    @property
    def pid(self) -> int | None:
        """Of its process, once that is forked."""
        return self._host.pid if self._host else None

    @property
    def as_standby(self) -> bool:
        """Whether its process was launched to run the standby class."""
        return self._host is not None and self._host.standby

    @property
    def idle(self) -> bool:
        """Whether it has nothing to do before this manager is active: it has no standby class."""
        facts = self.facts
        loads = facts is not None and facts.refusal is None
        return self.desired.standby and loads and facts is not None and not facts.has_standby

    @property
    def restarts(self) -> int:
        """Processes that replaced a dead one since the module was enabled."""
        return self._retry.restarts

    @property
    def tried_again_at(self) -> float | None:
        """When it is started again after a failure; None: nothing is waited for."""
        return self._retry.at

    @property
    def alive(self) -> bool:
        """Whether a process exists or is being launched."""
        return self._host is not None

    @property
    def started_at(self) -> float | None:
        """When its process became ready; None while none is."""
        return self._host.ready_at if self._host else None

    @property
    def serving(self) -> bool:
        """Whether commands and notifications can be delivered."""
        return self._host is not None and self._host.up and self._host.stage is Stage.SERVING

    @property
    def reachable(self) -> bool:
        """Whether remote() may be forwarded; also after serve() raised, as in ceph-mgr 16.2.15."""
        return self._host is not None and self._host.up

    @property
    def stall(self) -> str:
        """Where its queue stands still; "": nowhere."""
        return self._host.stall.text if self._host else ""

    @property
    def error(self) -> str:
        """What keeps it from working: as in its health check, else as can_run says."""
        refusal = self.facts.refusal if self.facts else None
        return self._fault.error or self._fault.dependency or refusal or ""
