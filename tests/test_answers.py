"""Formats, polling and the console, on a real supervisor, as an operator uses them."""

import json
import os
import pty
import select
import shutil
import signal
import stat
import subprocess
import time

import psutil
import pytest
import yaml

from tests.conditions import poll_for
from tests.daemon import BIN, ROOT, supervisor


TREE = ROOT / "tests" / "trees" / "answers"
DEBIAN = "/usr/share/ceph/mgr"
EVAL = ("--prefix", "mgr wormholes eval")


@pytest.fixture(scope="module")
def daemon():
    enable = [word for name in ("wormholes", "selftest") for word in ("--enable", name)]
    config = f'[[tree]]\npath = "{TREE}"\n[[tree]]\npath = "{ROOT / "modules"}"\n'
    with supervisor(*enable, config=config) as running:
        for name in ("wormholes", "selftest", "iostat"):
            running.wait_state(name, "running")
        yield running
        assert running.stop() == 0


def test_a_responders_command_answers_in_the_format_asked_for(daemon):
    assert json.loads(daemon.ok("wormhole ls x")) == [{"name": "x"}]
    details = daemon.ok("wormhole ls x --details --format yaml")
    assert yaml.safe_load(details) == [{"name": "x", "age": 3}]
    assert daemon.ok("wormhole ls x -f json-pretty") == daemon.ok("wormhole ls x --format json")
    assert daemon.ok("wormhole show x -f plain") == "(x)"
    assert daemon.ok("wormhole show x -f xml") == "<wormhole>x</wormhole>"
    assert daemon.mgrctl("--help wormhole ls").out.startswith(
        "wormhole ls <oid> [--details] [--format"
    )


def test_a_format_that_a_command_cannot_write_is_refused_before_it_runs(daemon):
    before = int(daemon.ok("wormhole calls"))
    refused = daemon.mgrctl("wormhole ls x -f xml")
    assert (refused.code, refused.err) == (22, "Error EINVAL: Unsupported format: xml\n")
    assert int(daemon.ok("wormhole calls")) == before + 1  # only the decorator above Responder


def test_error_responses_reach_the_client_as_errno_and_sentence(daemon):
    gone = daemon.mgrctl("wormhole show none")
    assert (gone.code, gone.err) == (2, "Error ENOENT: no wormhole none\n")
    busy = daemon.mgrctl("wormhole open narrow")
    assert (busy.code, busy.err) == (16, "Error EBUSY: [Errno 16] too narrow\n")
    opened = daemon.mgrctl("wormhole open wide")
    assert (opened.code, opened.out, opened.err) == (0, "", "")
    assert daemon.ok("wormhole dump x -i -", stdin=b"blob") == "x:blob"


def poll(daemon, *words):
    """A polling mgrctl with a terminal of 6 lines; started as a shell starts it."""
    return subprocess.Popen(
        [str(BIN / "mgrctl"), "--socket", str(daemon.socket), *words],
        env=os.environ | {"COLUMNS": "79", "LINES": "6"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_poll_repeats_its_header_once_a_screen_and_ends_quietly(daemon):
    with poll(daemon, "wormhole", "watch", "--period", "0.05") as process:
        lines = [process.stdout.readline() for _ in range(6)]
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=10)
    assert lines == [b"header\n", *[b"row 79\n"] * 3, b"header\n", b"row 79\n"]
    assert rest.endswith(b"Interrupted\n")
    assert (process.returncode, err) == (0, b"")


def iostat_polls(daemon):
    with poll(daemon, "iostat", "-p", "0.05") as process:
        lines = [process.stdout.readline() for _ in range(6)]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    assert process.returncode == 0
    assert (
        lines[1].split()
        == b"| Read | Write | Total | Read IOPS | Write IOPS | Total IOPS |".split()
    )
    assert [line.count(b"|") for line in lines] == [0, 7, 0, 7, 7, 7]


def test_iostat_polls(daemon):
    iostat_polls(daemon)


def test_a_failure_ends_a_poll_with_its_errno(daemon):
    daemon.ok("mgr wormholes eval", "mgr.calls = 998")
    done = daemon.mgrctl("wormhole watch --period 0.01", timeout=20)
    daemon.ok("mgr wormholes eval", "mgr.calls = 0")
    assert (done.code, done.err) == (5, "Error EIO: worn out\n")
    assert done.out.count("row") == 2


def test_a_period_of_zero_polls_once_and_other_commands_know_no_period(daemon):
    assert daemon.ok("wormhole watch --period 0").splitlines()[0] == "header"
    assert daemon.ok("wormhole show x -f plain --period 0.01") == "(x)"


def test_an_output_file_gets_every_row(daemon, tmp_path):
    file = tmp_path / "rows"
    with poll(daemon, "wormhole", "watch", "-p", "0.02", "-o", str(file)) as process:
        poll_for(lambda: file.exists() and file.read_text().count("row") > 3)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def script(daemon, text, *words):
    return daemon.mgrctl("repl", *words, stdin=text.encode())


def test_the_guides_session(daemon):
    """Its answers, and a million calls of an accessor in well under the guide's order."""
    answered = script(
        daemon, "print(mgr.version)\nfrom timeit import timeit\ntimeit(mgr.get_mgr_id)\n"
    )
    assert (answered.code, answered.err) == (0, "")
    version, seconds = answered.out.splitlines()
    assert version.startswith("ceph version 16.2.15 ")
    assert 0 < float(seconds) < 30


def test_the_mixin_gives_any_module_a_console(daemon):
    """Names stay from one statement, and from one console, to the next."""
    script(daemon, "def twice(n):\n    return 2 * n\n", *EVAL)
    answered = script(daemon, "mgr.module_name\ntwice(4)\n_ + 1\nmgr.calls = 0\nNone", *EVAL)
    assert (answered.code, answered.out) == (0, "'wormholes'\n8\n9\n")
    assert daemon.ok("mgr wormholes eval", "twice(21)") == "42"
    assert script(daemon, "twice(1)").code == 22  # another module's names


def test_tracebacks_are_the_modules_side(daemon):
    answered = script(daemon, "def f():\n    mgr.remote('nobody', 'x')\nf()\n'on'\n", *EVAL)
    assert (answered.code, answered.out) == (22, "'on'\n")
    assert answered.err.splitlines()[0] == "Traceback (most recent call last):"
    assert answered.err.splitlines()[1] == '  File "<eval>", line 1, in <module>'
    assert answered.err.splitlines()[-1] == "ImportError: Module not found"
    assert daemon.mgrctl("mgr wormholes eval", "raise SystemExit").code == 22
    assert daemon.ps()["wormholes"]["restarts"] == 0


def test_eval_without_source_says_so(daemon):
    refused = daemon.mgrctl("mgr wormholes eval")
    assert (refused.code, refused.err) == (
        22,
        "Error EINVAL: no source: give it as an argument, or with -i FILE\n",
    )


def test_the_console_of_a_disabled_module_says_what_to_do(daemon):
    daemon.ok("mgr module disable wormholes")
    try:
        refused = script(daemon, "1\n", *EVAL)
        assert (refused.code, refused.out) == (95, "")
        assert "use `ceph mgr module enable wormholes` to enable it" in refused.err
    finally:
        daemon.ok("mgr module enable wormholes")
        daemon.wait_state("wormholes", "running")


class Terminal:
    """A console on a terminal of its own."""

    def __init__(self, daemon, state):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            command = [str(BIN / "mgrctl"), "--socket", str(daemon.socket), "repl", *EVAL]
            os.execve(command[0], command, os.environ | {"XDG_STATE_HOME": str(state), "TERM": "dumb"})  # fmt: skip

    def until(self, text, seconds=20):
        """Read until `text` comes; answers what came before it."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            assert ready, f"{text!r} did not come: {self.seen!r}"
            try:
                self.seen += os.read(self.fd, 4096).decode()
            except OSError:
                raise AssertionError(f"it ended: {self.seen!r}") from None
        before, _, self.seen = self.seen.partition(text)
        return before

    def type(self, text):
        os.write(self.fd, text.encode())

    def interrupt(self):
        """Press Ctrl-C. Python's prompt is there before it waits for a key, and would notice an
        interrupt between the two only with the next key.
        """
        console = psutil.Process(self.pid)
        poll_for(lambda: console.status() == psutil.STATUS_SLEEPING, 20)
        self.type("\x03")

    def ended(self):
        """Drain what is left; the exit code."""
        try:
            while select.select([self.fd], [], [], 20)[0] and os.read(self.fd, 4096):
                pass
        except OSError:
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


PROMPT = "[mgr wormholes eval] >>> "


def test_a_terminal_has_prompts_interrupts_and_a_history(daemon, tmp_path):
    """Ctrl-C drops a begun statement, or the wait for an answer; Ctrl-D ends it."""
    terminal = Terminal(daemon, tmp_path)
    terminal.until(PROMPT)
    terminal.type("def f():\n")
    terminal.until("... ")
    terminal.type("    return 'it is ' + 'five'\n")
    terminal.until("... ")
    terminal.type("\n")
    terminal.until(PROMPT)
    terminal.type("x = (1 +\n")
    terminal.until("... ")
    terminal.interrupt()
    terminal.until("KeyboardInterrupt")
    terminal.until(PROMPT)
    over = daemon.state / "data" / "modules" / "wormholes" / "over"  # it sees no other folder
    terminal.type(f"import os; over = {str(over)!r}\n")
    terminal.until(PROMPT)
    terminal.type("begin = lambda: mgr.set_store('begun', 'x')\n")
    terminal.until(PROMPT)
    terminal.type("begin(); any(iter(lambda: os.path.exists(over), True))\n")
    poll_for(lambda: daemon.mgrctl("config-key exists mgr/wormholes/begun").code == 0, 20)
    terminal.interrupt()
    terminal.until("KeyboardInterrupt")
    terminal.until(PROMPT)
    over.touch()
    terminal.type("f()\n")
    terminal.until("'it is five'")
    terminal.until(PROMPT)
    terminal.type("\x04")
    assert terminal.ended() == 0
    file = tmp_path / "mgrctl" / "repl-history"
    assert file.read_text().splitlines()[-1] == "f()"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = Terminal(daemon, tmp_path)
    again.until(PROMPT)
    again.type("\x10\n")  # the line before
    again.until("'it is five'")
    again.until(PROMPT)
    again.type("exit()\n")
    assert again.ended() == 0


def test_a_history_that_cannot_be_kept_is_no_error(daemon, tmp_path):
    file = tmp_path / "file"
    file.touch()
    terminal = Terminal(daemon, file)  # a file where the folder should be
    terminal.until(PROMPT)
    terminal.type("6 * 7\n")
    terminal.until("42")
    terminal.until(PROMPT)
    terminal.type("\x04")
    assert terminal.ended() == 0


@pytest.mark.ceph
def test_debians_iostat_polls_and_its_mgr_module_takes_a_responder(tmp_path):
    """Unmodified modules; the command classes of the tree's own mgr_module."""
    shutil.copytree(TREE / "wormholes", tmp_path / "tree" / "wormholes")
    shutil.copytree(f"{DEBIAN}/iostat", tmp_path / "tree" / "iostat")
    shutil.copy(f"{DEBIAN}/mgr_module.py", tmp_path / "tree")
    config = f'[[tree]]\npath = "{tmp_path / "tree"}"\napi = "tree"\n'
    with supervisor("--enable", "wormholes", "--enable", "iostat", config=config) as daemon:
        daemon.wait_state("wormholes", "running")
        daemon.wait_state("iostat", "running")
        assert yaml.safe_load(daemon.ok("wormhole show x -f yaml")) == {"name": "x", "age": 5}
        assert daemon.ok("mgr wormholes eval", "mgr.module_name") == "'wormholes'"
        iostat_polls(daemon)
