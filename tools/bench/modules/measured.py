"""What the harness has modules do, in either manager: no name of ours is imported.

Each measurement is one command, so that the harness alternates the managers.
"""

# The base class comes from the manager at run time: it is Any here.

import cProfile
import errno
import io
import itertools
import json
import pstats
import sys
import threading
import time
import timeit
from typing import Any, ClassVar

from mgr_module import MgrModule, Option


STATEMENTS = {
    "nothing": "pass",
    "get_mgr_id": "mgr.get_mgr_id()",
    "get_module_option": "mgr.get_module_option('setting')",
    "get_store": "mgr.get_store('kept')",
    "set_store": "mgr.set_store('counted', str(next(number)))",
    "get osd_map": "mgr.get('osd_map')",
    "get pg_dump": "mgr.get('pg_dump')",
    "get_all_perf_counters": "mgr.get_all_perf_counters()",
    "remote": "mgr.remote('neighbour', 'answer', small, 0)",
    "remote 1 MiB": "mgr.remote('neighbour', 'answer', small, 1 << 20)",
    "remote 50 MiB": "mgr.remote('neighbour', 'answer', small, 50 << 20)",
}
SMALL = b"x" * 32
PROFILE_LINES = 14
# The one file of a module host through which every message leaves, and its two ways out.
LINK, SENDING = "/module_host/link.py", ("request", "tell")
_ARGUMENTS = {
    "nothing": "",
    "measure": "name=statement,type=CephString name=batch,type=CephInt name=samples,type=CephInt",
    "rate": "name=statement,type=CephString name=threads,type=CephInt name=seconds,type=CephFloat",
    "profile": "name=statement,type=CephString name=calls,type=CephInt",
    "effort": "name=statement,type=CephString",
    "shape": "",
    "busy": "name=threads,type=CephInt",
    "calm": "",
}


def commands(name: str) -> list[dict[str, str]]:
    """The descriptors of the module called `name`."""
    return [
        {
            "cmd": f"{name} {verb} {arguments}".strip(),
            "desc": str(getattr(Measured, verb).__doc__),
            "perm": "r",
        }
        for verb, arguments in _ARGUMENTS.items()
    ]


class Measured(MgrModule):
    """Does nothing unasked."""

    MODULE_OPTIONS: ClassVar = [Option(name="setting", type="str", default="text")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._end = threading.Event()
        self._calm = threading.Event()
        self._names = {"mgr": self, "number": itertools.count(), "small": SMALL}
        self._blocks: dict[int, bytes] = {}

    def handle_command(self, inbuf: str, cmd: dict[str, Any]) -> tuple[int, str, str]:
        """Every verb is a method of the same name; what it answers is the output, as JSON."""
        verb = cmd["prefix"].split()[1]
        wanted = [word.split(",")[0][5:] for word in _ARGUMENTS[verb].split()]
        try:
            return 0, json.dumps(getattr(self, verb)(*(cmd[key] for key in wanted))), ""
        except Exception as error:
            return -errno.EIO, "", f"{type(error).__name__}: {error}"

    def nothing(self) -> None:
        """Answer at once"""

    def measure(self, statement: str, batch: int, samples: int) -> list[float]:
        """Nanoseconds of a call, of each sample of that many calls"""
        timer = timeit.Timer(STATEMENTS[statement], "import gc; gc.enable()", globals=self._names)
        # Whatever is cheap enough to be batched is measured without the loop around it.
        loop = timeit.Timer("pass", globals=self._names).timeit(batch) if batch > 1 else 0.0
        return [round((timer.timeit(batch) - loop) * 1e9 / batch, 1) for _ in range(samples)]

    def rate(self, statement: str, threads: int, seconds: float) -> float:
        """Calls a second of so many threads, each with one call in flight"""
        call = self._call(statement)
        start = threading.Barrier(threads + 1)
        over = threading.Event()
        counts = [0] * threads

        def work(number: int) -> None:
            call()  # connections are there before the clock starts
            start.wait()
            while not over.is_set():
                call()
                counts[number] += 1

        workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
        for worker in workers:
            worker.start()
        start.wait()
        began = time.perf_counter()
        over.wait(seconds)
        elapsed = time.perf_counter() - began
        made = sum(counts)
        over.set()
        for worker in workers:
            worker.join()
        return made / elapsed

    def profile(self, statement: str, calls: int) -> str:
        """Where the time of a statement goes in this process, by cProfile"""
        call = self._call(statement)
        profiler = cProfile.Profile()
        profiler.enable()
        for _ in range(calls):
            call()
        profiler.disable()
        text = io.StringIO()
        stats = pstats.Stats(profiler, stream=text).strip_dirs()
        stats.sort_stats("tottime").print_stats(PROFILE_LINES)
        return text.getvalue().strip()

    def effort(self, statement: str) -> dict[str, int]:
        """Messages that a call sends, documents that it decodes, Python functions that it enters"""
        call = self._call(statement)
        call()
        counts = {"messages": 0, "decodes": 0, "functions": 0}

        def entered(frame: Any, event: str, of: Any) -> None:
            if event == "call":
                counts["functions"] += 1
                code = frame.f_code
                counts["messages"] += code.co_name in SENDING and code.co_filename.endswith(LINK)
            elif event == "c_call":
                counts["decodes"] += of.__name__ == "loads"

        sys.setprofile(entered)
        try:
            call()
        finally:
            sys.setprofile(None)
        return counts

    def shape(self) -> dict[str, int]:
        """How large what is measured is"""
        return {
            "osds": len(self.get("osd_map")["osds"]),
            "pgs": len(self.get("pg_dump")["pg_stats"]),
            "counters": sum(map(len, self.get_all_perf_counters().values())),
        }

    def busy(self, threads: int) -> None:
        """Start so many threads that never wait"""
        self._calm.clear()

        def work() -> None:
            while not self._calm.is_set():
                for _ in range(1000):
                    pass

        for _ in range(threads):
            threading.Thread(target=work, daemon=True).start()

    def calm(self) -> None:
        """End them"""
        self._calm.set()

    def answer(self, asked: bytes, size: int) -> bytes:
        """Called by the others: as many bytes as wanted, made once."""
        del asked
        if size not in self._blocks:
            self._blocks[size] = b"x" * size
        return self._blocks[size]

    def serve(self) -> None:
        """Nothing to do but to be there."""
        self.set_store("kept", "value")
        self._end.wait()

    def shutdown(self) -> None:
        """Let serve() return."""
        self._calm.set()
        self._end.set()

    def _call(self, statement: str) -> Any:
        return eval(f"lambda: {STATEMENTS[statement]}", self._names)  # noqa: S307  # of the table above
