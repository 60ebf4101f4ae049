"""Modules that try: calls, commands and options beyond their grants, and forged messages."""

import ast
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from mgrctl.connection import Connection

from module_host.evaluation import EvalMixin
from tests.conditions import poll_for
from tests.daemon import ROOT, supervisor


TREE = ROOT / "tests" / "trees" / "bus"
CONFIG = """
[module.bound]
grants = "none"
calls = { meddler = ["echo"] }
commands = ["osd out"]
config = ["mgr/bound/*"]
"""
# What forges: a connection of the module's own to the bus, or a lane, beside those of its host.
FORGERY = """
import contextlib, os, socket, zmq
from module_host.exchange import lane
from module_host.link import Envelope, pack, unpack
def forge_on_lane(path, *envelopes, raw=None):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(path)
        line.settimeout(1)
        for envelope in envelopes:
            lane.send(line, pack(envelope))
        if raw is not None:
            line.send(raw)
        heard = []
        with contextlib.suppress(TimeoutError):
            while True:
                heard.append(unpack(lane.receive(line))[0].error.message)
                line.settimeout(0.1)
        return heard
def unsealed(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(path)
        memory = os.memfd_create("loose")
        socket.send_fds(line, [b"x"], [memory])
        os.close(memory)
        return unpack(lane.receive(line))[0].error.message
def forge(bus, *envelopes, raw=None):
    if not bus.startswith("ipc:"):
        return forge_on_lane(bus, *envelopes, raw=raw)
    with zmq.Context() as context, context.socket(zmq.DEALER) as line:
        line.linger = 1000
        line.connect(bus)
        for envelope in envelopes:
            line.send_multipart(pack(envelope))
        if raw is not None:
            line.send(raw)
        heard = []
        while line.poll(1000 if not heard else 100):
            heard.append(unpack(line.recv_multipart())[0].error.message)
        return heard
def call(source, number):
    envelope = Envelope(id=number, source=source)
    envelope.call.module, envelope.call.method = "bound", "can_run"
    return envelope
def answer(number):
    envelope = Envelope(id=number)
    envelope.result.SetInParent()
    return envelope
"""


class Bus:
    """A supervisor with two modules that run what they are told to."""

    def __init__(self, daemon, way):
        self.daemon = daemon
        self.lanes = f"{daemon.state}/run/lanes.sock"
        self.bus = f"ipc://{daemon.state}/run/bus.sock" if way == "bus" else self.lanes

    def run(self, module, source):
        """What an expression comes to in a module: its value, or the text of what it raised."""
        wrapped = (
            f"def attempt():\n    try:\n        return {source}\n"
            "    except Exception as error:\n        return type(error).__name__, str(error)\n"
            "attempt()"
        )
        shown = self.ask(f"mgr {module} eval", s=wrapped)
        return ast.literal_eval(shown.strip()) if shown else None

    def ask(self, prefix, **arguments):
        """Standard output of a command that must succeed; without a process for it."""
        text = json.dumps({"prefix": prefix, **arguments}).encode()
        with Connection(str(self.daemon.socket), "test", 60) as connection:
            result = connection.execute(text, b"")
        assert result.retval == 0, (prefix, result)
        return result.stdout.decode()

    def stats(self):
        return json.loads(self.ask("bus stats", format="json"))

    def refused(self, module):
        """How often which kind of message of a module was refused."""
        return self.stats()["refused"].get(module, {})

    def events(self, module):
        return self.ask("module events", name=module)


@pytest.fixture(scope="module", params=["bus", "lane"])
def bus(request):
    """Forged messages come by that way."""
    words = [w for name in ("meddler", "bound", "selftest") for w in ("--enable", name)]
    config = f'{CONFIG}\n[sandbox]\nwithout = ["paths", "uid"]\n'  # so that the operators' door is in sight
    with supervisor("--module-path", str(TREE), *words, config=config) as daemon:
        for name in ("meddler", "bound", "selftest"):
            daemon.wait_state(name, "running")
        daemon.ok("mgr meddler eval", FORGERY)
        yield Bus(daemon, request.param)
        assert daemon.stop() == 0


def test_a_call_takes_its_grant(bus):
    """Another method, and another module, are refused as RuntimeErrors that name the line which
    is missing; the first time it is in the module's history.
    """
    assert bus.run("bound", "mgr.remote('meddler', 'echo', 7)") == 7
    kind, text = bus.run("bound", "mgr.remote('meddler', 'other', 7)")
    assert kind == "RemoteRefused"
    assert text == (
        "module 'bound' may not call meddler.other(): the grant is missing; "
        '[module.bound] calls = { meddler = ["other"] } gives it'
    )
    assert bus.run("bound", "mgr.remote('status', 'can_run')")[0] == "RemoteRefused"
    assert bus.run("bound", "mgr.remote('nobody', 'x')") == ("ImportError", "Module not found")
    assert bus.refused("bound")["call"] == 2
    bus.run("bound", "mgr.remote('meddler', 'other', 7)")
    assert bus.events("bound").count("may not call meddler.other()") == 1


def test_a_module_without_a_row_is_as_free_as_in_ceph_but_for_guarded_ones(bus):
    """It gets no way to run code in the testing module, by call or by command."""
    assert bus.run("meddler", "mgr.remote('bound', 'can_run')") == (True, "")
    assert bus.run("meddler", "mgr.mon_command({'prefix': 'osd in', 'ids': ['3']})[0]") == 0
    command = "{'prefix': 'mgr self-test eval', 's': '1'}"
    assert bus.run("meddler", f"mgr.remote('selftest', 'handle_command', '', {command})")[0] == (
        "RemoteRefused"
    )
    code, _, text = bus.run("meddler", f"tuple(mgr.mon_command({command}))")
    assert code == -13
    assert text == (
        "module 'meddler' may not send 'mgr self-test eval': the grant is missing; "
        '[module.meddler] commands = ["mgr self-test eval"] gives it'
    )


def test_a_command_that_writes_takes_its_grant(bus):
    """One that reads does not."""

    def sent(**command):
        code, _, text = bus.run("bound", f"tuple(mgr.mon_command({command!r}))")
        return code, text

    assert sent(prefix="osd out", ids=["3"])[0] == 0
    assert sent(prefix="osd in", ids=["3"])[0] == -13
    assert sent(prefix="osd dump", format="json")[0] == 0
    assert sent(prefix="no such thing")[0] == -22
    assert sent(prefix="mgr module disable", module="meddler")[0] == -13
    assert sent(prefix="config-key set", key="mgr/bound/k", val="v")[0] == 0
    assert sent(prefix="config-key get", key="mgr/meddler/k")[0] == -13
    assert sent(prefix="config dump")[0] == -13


def test_an_option_of_another_module_is_neither_seen_nor_set(bus):
    """It looks unset, and the log says why, once; setting it fails as any bad value does, and the
    reason is in the history.
    """
    bus.daemon.ok("config set mgr mgr/meddler/secret hush")
    poll_for(lambda: bus.run("meddler", "mgr.get_module_option('secret')") == "hush", 10)
    assert bus.run("bound", "mgr.get_module_option_ex('meddler', 'secret', 'none')") == "none"
    bus.run("bound", "mgr.get_module_option_ex('meddler', 'secret')")
    told = "option mgr/meddler/secret is not shown to module 'bound' and looks unset"
    poll_for(lambda: told in bus.daemon.module_log("bound"), 10)
    assert bus.daemon.module_log("bound").count(told) == 1
    bus.run("bound", "mgr.set_module_option_ex('meddler', 'secret', 'mine')")
    assert bus.run("meddler", "mgr.get_module_option('secret')") == "hush"
    assert bus.refused("bound")["option"] == 1
    bus.daemon.ok("module restart bound")
    poll_for(lambda: bus.daemon.mgrctl("mgr bound eval", "1").out == "1\n", 20)
    assert bus.run("bound", "mgr.get_module_option_ex('meddler', 'secret', 'none')") == "none"


def test_who_speaks_in_anothers_name_is_refused_and_counted(bus):
    """The kernel's word on the process stands, whatever the envelope says."""
    forged = f"forge({bus.bus!r}, call('selftest', 5))"
    assert bus.run("meddler", forged) == ["speaks in the name of another module"]
    assert bus.refused("meddler")["forged-source"] == 1
    assert "in the name of another module" in bus.events("meddler")


def test_an_answer_that_was_not_asked_settles_nothing(bus):
    """Neither one to a call of another module's, nor to none at all, nor a second one."""
    before = bus.stats()["calls"]
    wrapped = (
        f"[mgr.remote('bound', 'can_run') and None, forge({bus.bus!r}, answer(1), answer(1),"
        " answer(10**9)), mgr.remote('bound', 'can_run')]"
    )
    assert bus.run("meddler", wrapped) == [None, [], (True, "")]
    refused = poll_for(
        lambda: bus.refused("meddler").get("unknown-answer") and bus.refused("meddler")
    )
    assert (refused["late-answer"], refused["unknown-answer"]) == (2, 1)
    after = bus.stats()["calls"]
    assert (after["late"], after["unknown"]) == (before["late"] + 2, before["unknown"] + 1)


def test_an_answer_to_what_another_module_was_asked_is_dropped(bus):
    """The call goes on until the one that was asked answers."""

    def pending():
        calls = bus.stats()["calls"]
        return calls["opened"] if calls["pending"] else 0

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(bus.run, "bound", "mgr.hold()")
        number = poll_for(pending, 20, "the command to be pending")
        assert bus.run("meddler", f"forge({bus.bus!r}, answer({number}))") == []
        assert bus.refused("meddler")["impostor-answer"] == 1
        assert bus.run("meddler", "mgr.remote('bound', 'let_go')") == "gone"
        assert held.result() == "held until let go"


def test_a_process_that_a_module_forked_is_a_stranger(bus):
    """It cannot speak for the module."""
    source = (
        "def child(bus):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        try:\n"
        "            heard = forge(bus, call('', 1))\n"
        "        finally:\n"
        "            os._exit(7 if heard == ['this process was not started by the supervisor'] else 1)\n"
        "    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n"
    )
    bus.daemon.ok("mgr meddler eval", source)
    assert bus.run("meddler", f"child({bus.bus!r})") == 7
    assert bus.refused("(strangers)")["stranger"] >= 1


def test_what_is_no_message_is_counted_for_its_sender(bus):
    """Bytes that are no envelope, and a hello with another launch's nonce."""
    assert len(bus.run("meddler", f"forge({bus.bus!r}, raw=b'\\xff' * 9)")) == 1
    assert bus.refused("meddler")["malformed"] == 1
    hello = "Envelope(hello={'nonce': b'x' * 16, 'module': 'bound'})"
    assert len(bus.run("meddler", f"forge({bus.bus!r}, {hello})")) == 1
    assert bus.refused("meddler")["hello"] == 1


def test_memory_that_could_still_change_is_no_payload(bus):
    """Nor does it cost the module more than a sentence."""
    before = bus.refused("meddler").get("malformed", 0)
    assert "not of sealed memory" in bus.run("meddler", f"unsealed({bus.lanes!r})")
    assert bus.refused("meddler")["malformed"] == before + 1


def test_a_host_is_called_over_the_lane_that_it_said_first(bus):
    """A module cannot have its calls come to itself, past its host, nor two ways at once."""
    second = "Envelope(id=9, serve_calls={})"
    (sentence,) = bus.run("meddler", f"forge({bus.lanes!r}, {second})")
    assert sentence == "is called over another connection"
    assert bus.run("bound", "mgr.remote('meddler', 'echo', 7)") == 7


def test_modules_cannot_use_the_operators_door(bus):
    """They run as the supervisor's own user, and are told from it by their processes."""
    control = f"ipc://{bus.daemon.state}/run/control.sock"
    asked = "Envelope(id=3, execute={'json': b'{\"prefix\": \"mgr module ls\"}'})"
    (sentence,) = bus.run("meddler", f"forge({control!r}, {asked})")
    assert sentence.startswith("a module does not command its own supervisor")
    assert bus.refused("(strangers)")["no-operator"] == 1


def test_the_audit_trail_names_who_wrote(bus):
    """Commands that write, and those refused; modules cannot write entries that look so."""
    bus.daemon.ok("osd out 4")
    bus.daemon.ok("osd tree")
    bus.daemon.ok("config-key set a-key", "hush-hush")
    bus.run("bound", "mgr.mon_command({'prefix': 'osd in', 'ids': ['4']})[0]")
    bus.run(
        "meddler", "mgr.cluster_log('audit', mgr.ClusterLogPrio.INFO, \"from='client.x' lies\")"
    )

    def lies():
        text = bus.daemon.ok("log last 100 info audit")
        return text if "lies" in text else ""

    text = poll_for(lies, 10)
    assert 'entity=\'client.root\' cmd=[{"prefix": "osd out"' in text or "osd out" in text
    assert "osd tree" not in text
    assert "hush-hush" not in text
    refused = next(line for line in text.splitlines() if "osd in" in line and "denied" in line)
    assert "from='mgr.x module:bound' entity='mgr.x' cmd=[{" in refused
    assert "module 'meddler' writes: from='client.x' lies" in text


def test_warn_lets_through_and_says_what_is_missing():
    """Once for each grant; the mode may change while all goes on."""
    config = f'{CONFIG}\n[sandbox]\nbus = "warn"\n'
    words = [w for name in ("meddler", "bound") for w in ("--enable", name)]
    with supervisor("--module-path", str(TREE), *words, config=config) as daemon:
        for name in ("meddler", "bound"):
            daemon.wait_state(name, "running")
        warned = Bus(daemon, "bus")
        for _ in range(2):
            assert warned.run("bound", "mgr.remote('meddler', 'other', 7)") == 7
        assert warned.events("bound").count("(let through: bus = warn)") == 1
        assert warned.refused("bound") == {"call": 2}
        (daemon.state / "mgr.toml").write_text(CONFIG)
        warned.ask("module grants reload")
        assert warned.run("bound", "mgr.remote('meddler', 'other', 7)")[0] == "RemoteRefused"
        assert daemon.stop() == 0


def test_a_command_that_runs_code_is_known_by_its_last_word():
    """An author cannot give it another name by mistake, which less than an admin might use."""

    class Misnamed(EvalMixin):
        EVAL_PREFIX = "mgr misnamed run"

    with pytest.raises(ValueError, match="'mgr misnamed run' does not end in the word 'eval'"):
        Misnamed._register_commands("misnamed")
