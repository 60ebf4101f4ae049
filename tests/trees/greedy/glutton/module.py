"""Takes more than it may, of whatever it is told to."""

import ctypes
import os
import socket
import threading
import time

from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept = []
        self.written, self.shouting = 0, False
        self._end = threading.Event()

    @CLICommand("glutton memory")
    def memory(self, mib: int):
        """Take so many MiB, and keep them"""
        threading.Thread(target=self._eat, args=(mib,), daemon=True).start()
        return 0, "", ""

    def _eat(self, mib):
        for _ in range(mib):
            self.kept.append(bytearray(b"x" * (1 << 20)))
            time.sleep(0.001)

    @CLICommand("glutton fork")
    def fork(self):
        """Start processes that start processes; three hundred, not to hurt those who run the tests"""
        if os.fork() == 0:
            for _ in range(150):
                if os.fork() == 0:
                    os.fork()
                    break
                time.sleep(0.002)
            time.sleep(100)
            os._exit(0)
        return 0, "", ""

    @CLICommand("glutton files")
    def files(self):
        """Open files until there are no more; answers how many, and the errno"""
        opened = []
        try:
            while True:
                opened.append(os.open("/dev/null", os.O_RDONLY))
        except OSError as error:
            return 0, f"{len(opened)} {error.errno}", ""
        finally:
            for fd in opened:
                os.close(fd)

    @CLICommand("glutton file")
    def file(self, mib: int):
        """Write one file of so many MiB; answers how many bytes it got, and the errno"""
        path = os.path.join(os.environ["TMPDIR"], "large")
        try:
            with open(path, "wb", buffering=0) as large:
                for _ in range(mib):
                    large.write(b"x" * (1 << 20))
        except OSError as error:
            return 0, f"{os.path.getsize(path)} {error.errno}", ""
        finally:
            os.unlink(path)
        return 0, "all", ""

    @CLICommand("glutton connect")
    def connect(self, bus: str, processes: int, each: int):
        """Connect to the bus so many times from each of so many processes"""
        for _ in range(processes):
            if os.fork() == 0:
                held = [socket.socket(socket.AF_UNIX) for _ in range(each)]
                for one in held:
                    one.connect(bus)
                time.sleep(20)
                os._exit(0)
        return 0, "", ""

    @CLICommand("glutton data")
    def data(self, mib: int):
        """Have files of so many MiB together in its folder, one for each, and no more"""
        folder = os.path.join(os.environ["TMPDIR"], "many", "of", "them")
        os.makedirs(folder, exist_ok=True)
        for name in os.listdir(folder):
            if int(name) >= mib:
                os.unlink(os.path.join(folder, name))
        for number in range(mib):
            with open(os.path.join(folder, str(number)), "wb") as file:
                os.posix_fallocate(file.fileno(), 0, 1 << 20)
        return 0, "", ""

    @CLICommand("glutton keys")
    def keys(self, count: int):
        """Keep so many keys of 8000 bytes; answers how many it has, and what the next one led to"""
        for number in range(count):
            try:
                self.set_store(f"key{number}", "x" * 8000)
            except RuntimeError as error:
                return 0, f"{number} {error}", ""
        for number in range(count):
            self.set_store(f"key{number}", None)
        return 0, "all", ""

    @CLICommand("glutton lines")
    def lines(self, count: int):
        """Write so many lines into the cluster's log"""
        for number in range(count):
            self.cluster_log("cluster", self.ClusterLogPrio.INFO, f"line {number} of many")
        return 0, "", ""

    @CLICommand("glutton log")
    def log_flood(self, seconds: float):
        """Write to standard error as fast as it goes"""
        threading.Thread(target=self._shout, args=(seconds,), daemon=True).start()
        self.shouting = True
        return 0, "", ""

    def _shout(self, seconds):
        line = (b"x" * 1023 + b"\n") * 64
        end = time.monotonic() + seconds
        self.shouting = True
        while time.monotonic() < end:
            self.written += os.write(2, line)
            time.sleep(0.001)
        self.shouting = False

    @CLICommand("glutton shouted")
    def shouted(self):
        """How many bytes that were"""
        return 0, str(self.written), ""

    @CLICommand("glutton shouting")
    def is_shouting(self):
        """Whether it still does"""
        return 0, str(self.shouting), ""

    @CLICommand("glutton calls")
    def calls(self, threads: int):
        """Call a neighbour from so many threads, without a pause"""
        self._end.clear()
        for _ in range(threads):
            threading.Thread(target=self._call, daemon=True).start()
        return 0, "", ""

    def _call(self):
        while not self._end.is_set():
            try:
                self.remote("neighbour", "echo", 1)
            except RuntimeError:
                time.sleep(0.01)

    @CLICommand("glutton swarm")
    def swarm(self, threads: int, seconds: float):
        """Call a neighbour once from each of so many threads; answers what was refused"""
        refused = []

        def call():
            try:
                self.remote("neighbour", "echo", 1)
            except RuntimeError as error:
                refused.append(str(error))

        for _ in range(threads):
            threading.Thread(target=call, daemon=True).start()
        time.sleep(seconds)
        return 0, "\n".join(refused), ""

    @CLICommand("glutton rest")
    def rest(self):
        """Stop calling"""
        self._end.set()
        return 0, "", ""

    @CLICommand("glutton large")
    def large(self, mib: int):
        """Send a neighbour so many MiB"""
        try:
            self.remote("neighbour", "echo", b"x" * (mib << 20))
        except RuntimeError as error:
            return 0, str(error), ""
        return 0, "sent", ""

    @CLICommand("glutton crash")
    def crash(self):
        """Dereference a null pointer"""
        ctypes.string_at(0)

    def lots(self, mib):
        return b"x" * (mib << 20)

    def echo(self, value):
        return value

    def serve(self):
        if self.get_store("raise"):
            raise KeyError("raised as asked")

    @CLICommand("glutton nice")
    def nice(self):
        """The nice value of each of its threads"""
        return (
            0,
            str({os.getpriority(os.PRIO_PROCESS, int(t)) for t in os.listdir("/proc/self/task")}),
            "",
        )

    @CLICommand("glutton prepare")
    def prepare(self):
        """Have serve() raise the next time"""
        self.set_store("raise", "yes")
        return 0, "", ""
