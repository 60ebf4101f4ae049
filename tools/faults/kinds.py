"""What is injected where, and what is expected of it: the rows and columns of the matrix."""

from dataclasses import dataclass

from faults.points import POINTS


# Phases of a module's life, in their order. What strikes before Python code of the module can run
# is done by the interpreter that its process is executed with.
PHASES = (
    "spawn", "hello", "import", "can_run", "init",
    "serve", "caller", "callee", "notify", "shutdown",
)  # fmt: skip
STARTING = ("spawn", "hello", "import", "can_run", "init")
RUNNING = ("serve", "caller", "callee", "notify")
BEFORE_IMPORT = ("spawn", "hello")
KILLED = "supervisor-SIGKILL"  # at seeded moments
DIES = "supervisor-SIGKILL-at"  # at the numbered points of its life
SUPERVISOR = "supervisor"  # the phase of faults that strike the supervisor itself


@dataclass(frozen=True)
class Kind:
    """`ends`: the process ends or stands still, so that it must be replaced. `blocks`: the thread
    that it strikes never goes on. `mess`: the process goes on with what the fault left in it; it is
    restarted by hand before the next fault.
    """

    name: str
    phases: tuple[str, ...]
    ends: bool = False
    blocks: bool = False
    mess: bool = False

    def needs_replacing(self, phase: str) -> bool:
        """Whether the supervisor must end this process and start another."""
        return self.ends or (self.blocks and phase in (*STARTING, "shutdown"))


_ANYWHERE = PHASES
_PLACES = ("import", "can_run", "init", "serve", "caller", "callee", "notify", "shutdown")
KINDS = (
    Kind("none", ("serve",)),
    Kind("SIGKILL", _ANYWHERE, ends=True),
    Kind("SIGSEGV", _ANYWHERE, ends=True),
    Kind("SIGSTOP", _ANYWHERE, ends=True),
    Kind("abort", _ANYWHERE, ends=True),
    Kind("exit-0", _ANYWHERE, ends=True),
    Kind("exit-1", _ANYWHERE, ends=True),
    Kind("busy-loop", _ANYWHERE, blocks=True, mess=True),
    Kind("busy-threads", ("serve",), mess=True),
    Kind("raise", ("import", "init", "serve", "callee", "notify", "shutdown"), mess=True),
    Kind("gil-in-c", _ANYWHERE, ends=True),
    Kind("deadlock", _ANYWHERE, blocks=True, mess=True),
    Kind("hang", ("import", "can_run", "init", "shutdown"), blocks=True),
    Kind("slow", ("import", "init", "serve", "callee", "notify", "shutdown")),
    Kind("ignore-sigterm", ("shutdown",), blocks=True),
    Kind("fork-bomb", _PLACES, ends=True),
    Kind("descriptor-leak", _PLACES, mess=True),
    Kind("memory-bomb", _PLACES, ends=True),
    Kind("thread-bomb", _PLACES, ends=True),
    Kind("reply-1GiB", ("callee",), mess=True),
    Kind("garbage-frames", ("hello", "import", "serve", "callee", "shutdown")),
    Kind("forged-source", ("hello", "import", "serve", "callee", "shutdown")),
    Kind("replayed-id", ("hello", "serve", "callee", "shutdown")),
    Kind("log-flood", ("init", "serve", "callee", "notify"), mess=True),
    Kind("call-flood", ("serve",)),
    Kind("clock-ahead", ("import", "init", "serve", "callee", "notify"), mess=True),
    Kind("clock-back", ("import", "init", "serve", "callee", "notify"), mess=True),
    Kind("disk-full", (SUPERVISOR,)),
    Kind("commit-EIO", (SUPERVISOR,)),
    Kind("commit-EFBIG", (SUPERVISOR,)),
    Kind("supervisor-clock-ahead", (SUPERVISOR,)),
    Kind("supervisor-clock-back", (SUPERVISOR,)),
    Kind("supervisor-SIGTERM", (SUPERVISOR,)),
    Kind(KILLED, (SUPERVISOR,)),
    Kind(DIES, (SUPERVISOR,)),
    Kind("supervisor-SIGSTOP", (SUPERVISOR,)),
)
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True)
class Cell:
    """One fault in one phase; `point` numbers those that are tried at several moments."""

    kind: Kind
    phase: str
    point: int = 0

    def __str__(self) -> str:
        return f"{self.kind.name} in {self.phase}" + (f" ({self.point})" if self.point else "")


def cells(kinds: tuple[str, ...], phases: tuple[str, ...], kills: int) -> list[Cell]:
    """The cells that make sense of these kinds and phases; `kills`: seeded moments at which the
    supervisor is killed.
    """
    chosen = []
    for name in kinds:
        kind = BY_NAME[name]
        for phase in kind.phases:
            if phase not in phases:
                continue
            moments = {KILLED: kills, DIES: len(POINTS)}.get(name)
            if moments is None:
                chosen.append(Cell(kind, phase))
            else:
                chosen += [Cell(kind, phase, point) for point in range(1, moments + 1)]
    return chosen
