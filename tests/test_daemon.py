"""The daemon as its operator meets it: starting, refusing, stopping."""

import errno
import os
import signal
import socket
import subprocess
import sys

import pytest
import zmq

from proto.framing import pack, unpack
from proto.v1.envelope_pb2 import Envelope
from tests.conditions import poll_for
from tests.daemon import BAD, BIN, GOOD, supervisor


def _run(*arguments):
    return subprocess.run(
        [str(BIN / "mgr-supervisor"), *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("[supervisor]\nmgrid = 1\n", "unknown key 'mgrid' in [supervisor]"),
        ("[cluster]\nsnapshot = '/nowhere/cluster.json.xz'\n", "/nowhere/cluster.json.xz"),
        ("[[tree]]\npath = '/nowhere'\n", "module tree /nowhere: No such file"),
    ],
)
def test_a_wrong_configuration_is_one_sentence_and_exit_code_1(tmp_path, config, sentence):
    """No traceback, and nothing is left running."""
    file = tmp_path / "mgr.toml"
    file.write_text(config)
    done = _run("--config", str(file), "--state", str(tmp_path / "state"))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_module_to_enable_is_refused(tmp_path):
    """The name and the trees that were looked through are told."""
    done = _run("--state", str(tmp_path), "--enable", "nobody")
    assert done.returncode == 1
    assert "--enable nobody: no such module in" in done.stderr


def test_a_second_supervisor_in_the_same_folder_is_refused():
    """The first keeps serving; the second names the process that holds the folder."""
    with supervisor() as daemon:
        done = _run("--state", str(daemon.state))
        assert done.returncode == 1
        assert f"another mgr-supervisor (process {daemon.process.pid})" in done.stderr
        assert daemon.mgrctl("mgr module ls").code == 0
        assert daemon.stop() == 0


def test_systemd_is_told_of_readiness_and_stopping(tmp_path):
    """READY=1 after the control socket serves, STOPPING=1 at the end; RELOADING=1 and READY=1 around
    a reload; in between what its modules do.
    """
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(20)

        def until(part: bytes) -> list[bytes]:
            said = [listener.recv(1000)]
            while part not in said[-1]:
                said.append(listener.recv(1000))
            return said

        os.environ["NOTIFY_SOCKET"] = str(path)
        try:
            with supervisor() as daemon:
                assert listener.recv(1000) == b"READY=1"
                assert until(b" 4 running")[-1].startswith(b"STATUS=active: 4 running")
                daemon.process.send_signal(signal.SIGHUP)
                assert until(b"RELOADING=1")[-1].startswith(b"RELOADING=1\nMONOTONIC_USEC=")
                until(b"READY=1")
                assert daemon.stop() == 0
            until(b"STOPPING=1")
        finally:
            del os.environ["NOTIFY_SOCKET"]


def test_it_says_what_to_try():
    """Started by hand, it prints mgrctl lines that work as they stand."""
    with supervisor() as daemon:
        poll_for(lambda: "Ctrl-C stops it and its modules." in daemon.screen, 5)
        (line,) = [
            ln
            for ln in daemon.screen.splitlines()
            if ln.strip().startswith("export MGRCTL_SOCKET=")
        ]
        socket_path = line.split("=", 1)[1]
        done = subprocess.run(
            [str(BIN / "mgrctl"), "status"],
            env={**os.environ, "MGRCTL_SOCKET": socket_path},
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done
        assert "health:" in done.stdout
        assert daemon.stop() == 0


def test_strangers_and_garbage_on_the_bus_are_refused_and_disturb_nobody():
    """A process that the supervisor did not start cannot speak as a module, whatever it says."""
    with supervisor("--module-path", str(GOOD), "--enable", "alpha") as daemon:
        daemon.wait_state("alpha", "running")
        context = zmq.Context()
        try:
            stranger = context.socket(zmq.DEALER)
            stranger.connect(f"ipc://{daemon.state}/run/bus.sock")
            stranger.send_multipart([b"\xff" * 100])
            forged = Envelope(id=9, source="alpha")
            forged.set_store.key = "stolen"
            forged.set_store.value = "value"
            stranger.send_multipart(pack(forged))
            answers = []
            while len(answers) < 2:
                assert stranger.poll(5000)
                answers.append(unpack(stranger.recv_multipart())[0].error.message)
            assert "not started by the supervisor" in answers[1]
        finally:
            context.destroy(linger=0)
        assert daemon.ok("alpha recall stolen") == "None"
        assert daemon.stop() == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("no such command", 22),
        ("osd out", 22),
        ("mgr module enable nobody", 2),
        ("module restart nobody", 2),
        ("module restart hello", 22),
        ("config set mgr mgr/hello/nothing 1", 22),
        ("tell nobody.1 version", 22),
    ],
)
def test_an_operators_mistake_gets_a_sentence_and_its_errno(shared, words, code):
    """Never a traceback; the exit code is the errno."""
    answered = shared.mgrctl(words)
    assert answered.code == code, answered
    assert answered.err.strip()
    assert "Traceback" not in answered.err


@pytest.fixture(scope="module")
def shared():
    with supervisor() as daemon:
        yield daemon
        assert daemon.stop() == 0


def test_python_of_this_test_is_the_projects():
    """The programs under test come from the environment that runs the tests."""
    assert (BIN / "mgr-supervisor").exists(), f"install the project into {sys.prefix} first"


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("tell osd.0 version", '"16.2.15"'),
        ("tell mgr version", '"16.2.15"'),
        ("tell mon.a mon_status", '"quorum"'),
        ("tell osd.0 config get osd_max_backfills", '"osd_max_backfills"'),
        ("tell osd.0 perf dump osd", '"op"'),
    ],
)
def test_daemons_of_the_cluster_are_told(shared, words, holds):
    """`tell` takes the daemon's own words."""
    assert holds in shared.ok(words)


@pytest.mark.parametrize(
    "taken", ["log/ceph-mgr.x.log", "run/control.sock", "run/bus.sock", "run/lock"]
)
def test_a_file_that_cannot_be_made_is_one_sentence_that_names_it(tmp_path, taken):
    """A folder stands where the file should be: exit code 1, no traceback, no process left."""
    (tmp_path / taken).mkdir(parents=True)
    done = _run("--state", str(tmp_path))
    assert done.returncode == 1
    (line,) = [ln for ln in done.stderr.splitlines() if ln.startswith("mgr-supervisor: ")]
    assert str(tmp_path / taken) in line
    assert "Is a directory" in line
    assert "Traceback" not in done.stderr


def test_a_module_may_be_called_like_an_owner_of_commands(tmp_path):
    """Modules named "cluster" and "supervisor" take nobody's commands away."""
    for name in ("cluster", "supervisor"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text("from .module import Module\n")
        (folder / "module.py").write_text(
            "from mgr_module import MgrModule\n"
            "class Module(MgrModule):\n"
            f"    COMMANDS = [{{'cmd': '{name} greet', 'desc': '', 'perm': 'r'}}]\n"
            "    def handle_command(self, inbuf, cmd):\n"
            "        return 0, cmd['prefix'], ''\n"
        )
    enable = [word for name in ("cluster", "supervisor") for word in ("--enable", name)]
    with supervisor("--module-path", str(tmp_path), *enable) as daemon:
        for name in ("cluster", "supervisor"):
            daemon.wait_state(name, "running")
            assert daemon.ok(f"{name} greet") == f"{name} greet"
        assert "root default" in daemon.ok("osd tree")
        assert daemon.stop() == 0


def test_enabling_what_no_tree_has_needs_force_and_is_told_until_disabled(shared):
    """As with ceph: --force enables it, health says that it is not there, disabling ends that."""
    assert "pass --force" in shared.mgrctl("mgr module enable nobody").err
    shared.ok("mgr module enable nobody --force")
    said = "Module 'nobody' has failed: Not found or unloadable"
    poll_for(lambda: said in shared.health(), 10, "health to tell")
    shared.ok("mgr module disable nobody")
    poll_for(lambda: said not in shared.health(), 10, "health to be well")


def test_what_cannot_run_is_refused_before_anybody_looked_at_it(tmp_path):
    """The class is looked at first, however many wait for that; by force nothing is tried again and
    again that can never be constructed.
    """
    config = "[supervisor]\nalways_on = []\nstart_timeout = 60\nshutdown_grace = 1\n"
    with supervisor("--module-path", str(BAD), config=config) as daemon:
        # Modules that hang in their import hold both places of those that are merely looked at.
        refused = daemon.mgrctl("mgr module enable raises_import")
        assert refused.code == errno.ENOENT
        assert "a_package_that_nobody_has" in refused.err
        daemon.ok("mgr module enable broken_commands --force")
        row = daemon.wait_state("broken_commands", "cannot-run")
        assert "COMMANDS[0]" in row["reason"]
        assert "tried again" not in daemon.ok("module events broken_commands")
        health = daemon.ok("health detail")
        assert "Module 'broken_commands' has failed dependency: COMMANDS[0]" in health
        assert daemon.ps()["raises_import"]["state"] == "disabled"


def test_enable_and_disable_say_nothing_in_success(shared):
    """As ceph's; not where the list of modules is kept either."""
    for words in ("mgr module enable hello", "mgr module disable hello"):
        answered = shared.mgrctl(words)
        assert (answered.code, answered.out, answered.err) == (0, "", "")


def test_arguments_of_a_wrong_type_are_answered(shared):
    """A client that types nothing gets EINVAL and a sentence; nobody waits for ever."""
    context = zmq.Context()
    try:
        client = context.socket(zmq.DEALER)
        client.connect(f"ipc://{shared.socket}")
        asked = Envelope(id=3)
        asked.execute.json = b'{"prefix": "module logs", "name": "status", "lines": "many"}'
        client.send_multipart(pack(asked))
        assert client.poll(5000)
        answer = unpack(client.recv_multipart())[0]
        assert answer.id == 3
        assert answer.command_result.retval == -22
        assert b"'module logs'" in answer.command_result.stderr
    finally:
        context.destroy(linger=0)


def test_words_that_a_told_daemon_does_not_take_are_refused(shared):
    """Nothing is dropped silently."""
    answered = shared.mgrctl("tell osd.0 version please")
    assert answered.code == 22
    assert "unused arguments: ['please']" in answered.err


def test_a_hang_up_of_the_terminal_ends_it_in_order():
    """shutdown() is called, exit code 0. A SIGHUP by hand, while the terminal is there, does not."""
    with supervisor("--module-path", str(GOOD), "--enable", "gamma", start=False) as daemon:
        terminal, theirs = os.openpty()
        command = [str(BIN / "mgr-supervisor"), "--state", str(daemon.state), *daemon.arguments]
        with (daemon.state / "screen").open("wb") as screen:
            # A process that leads no group: setsid becomes what it runs, and its pid is the daemon's.
            daemon.process = subprocess.Popen(
                ["setsid", "--ctty", *command], stdin=theirs, stdout=screen, stderr=screen
            )
        os.close(theirs)
        poll_for(daemon._answers, 30)
        daemon.wait_state("gamma", "running")
        daemon.process.send_signal(signal.SIGHUP)
        poll_for(lambda: "log files reopened" in daemon.screen)
        assert daemon.ps()["gamma"]["state"] == "running"
        os.close(terminal)
        assert daemon.process.wait(30) == 0
        assert "shutting down in order" in daemon.module_log("gamma")
