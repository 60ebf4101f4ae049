"""What an operator reads where Debian's module has a traceback, says nothing or does too much."""

import errno
import importlib
import json

import pytest

from module_host import testing
from tests.daemon import ROOT


testing.activate(ROOT / "modules")
orchestrator = importlib.import_module("orchestrator")

DEVICE = "ACME_1"
PLACE = {"host": "h2", "dev": "sdb", "path": "/dev/disk/by-path/p"}
MODULES = [
    {"name": "backend", "can_run": True, "error_string": ""},
    {"name": "lazy", "can_run": False, "error_string": "needs rados"},
]


class Backend:
    """Notes what it is asked, answers `done` or fails."""

    failure = None

    def __init__(self):
        self.asked = []

    def is_orchestrator_module(self):
        return True

    def get_feature_set(self):
        return {}

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self.answer(name, *args, **kwargs)

    def answer(self, name, *args, **kwargs):
        self.asked.append((name, args, kwargs))
        result = [] if name == "plan" else "done"
        return orchestrator.OrchResult(None if self.failure else result, self.failure)


@pytest.fixture
def backend():
    return Backend()


@pytest.fixture
def cli(backend):
    """The module, whose backend is `backend`, in a cluster with one disk of a known identity."""
    state = {
        "devices": {"devices": [{"devid": DEVICE, "location": [PLACE]}]},
        "mgr_map": {"available_modules": MODULES, "modules": ["backend"]},
    }
    options = {"orchestrator": "backend"}
    with testing.run(orchestrator.OrchestratorCli, state=state, options=options) as running:
        running.peers["backend"] = backend
        yield running


def lit(cli):
    return json.loads(cli.command("device ls-lights").stdout)


@pytest.mark.parametrize(
    ("words", "text", "sentence"),
    [
        ("orch apply", "a: b: c", "Invalid YAML received : mapping values are not allowed here"),
        ("orch apply", "[1]", 'Service Spec is not an (JSON or YAML) object. got "[1]"'),
        ("orch apply", "{service_type: host}", "hostname"),
        ("orch apply", "{service_type: nosuch}", "nosuch"),
        ("orch apply", "{service_type: mon, placement: {hosts: ['h:1.2.3.4/99']}}", "1.2.3.4/99"),
        ("orch apply osd", "{service_type: mon, service_id: x}", "mon"),
        ("orch daemon add", "service_type: mon\n---\nservice_type: mgr", "one spec was expected, not 2"),
        ("orch daemon add", "", "Usage:"),
        ("orch apply snmp-gateway V2c h:162", "[]", "credentials file must hold keys and values"),
        ("orch daemon add osd h1", "", "Invalid host:device spec: 'h1': it must be a host's name, a colon"),
        ("orch daemon add osd h1:no_such=1", "", "Invalid host:device spec: 'h1:no_such=1': "),
        ("orch daemon add osd h1:osds_per_device=2,/dev/x", "", "'/dev/x' follows osds_per_device"),
        ("orch apply osd", "", "--all-available-devices is required"),
        ("orch apply osd --all-available-devices", "a: b", "-i infile and --all-available-devices are"),
        ("orch set backend lazy", "", "Module 'lazy' cannot run: needs rados"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_words(cli, backend, words, text, sentence):
    """-EINVAL, nothing on stdout, no traceback, and nothing was done."""
    status, stdout, stderr = cli.command(words, inbuf=text)
    assert (status, stdout) == (-errno.EINVAL, ""), stderr
    assert sentence in stderr
    assert "Traceback" not in stderr
    assert backend.asked == []


def test_devices_may_have_colons_in_their_paths(cli, backend):
    """Only the first colon ends the host's name."""
    path = "/dev/disk/by-path/pci-0000:00:1f.2-ata-1"
    assert cli.command("orch daemon add osd", f"h1:{path}") == (0, "done", "")
    [(_, (group,), _)] = backend.asked
    assert [device.path for device in group.data_devices.paths] == [path]
    assert group.placement.host_pattern == "h1"


def test_a_dry_run_adds_no_hosts(cli, backend):
    """The backend sees the services alone, marked as previews; the hosts are named in the answer."""
    specs = "service_type: host\nhostname: h9\n---\nservice_type: crash\n"
    status, stdout, _ = cli.command("orch apply --dry-run", inbuf=specs)
    assert (status, "Hosts are not looked at in a dry run: h9" in stdout) == (0, True)
    given = {name: args[0] for name, args, _ in backend.asked}
    assert [spec.service_type for spec in given["apply"]] == ["crash"]
    assert [spec.preview_only for spec in given["plan"]] == [True]


def test_what_nobody_foresaw_is_named_and_logged(cli, backend):
    """Class and text of a bug in the backend; the traceback is in the log, not on the terminal."""
    backend.failure = ZeroDivisionError("division by zero")
    status, _, stderr = cli.command("orch host rm h1")
    assert status == -errno.EINVAL
    assert stderr.startswith("`orch host rm` failed: ZeroDivisionError: division by zero (")
    assert "Traceback" in cli.log
    cli.faults.clear()


def test_each_light_is_a_health_check_of_its_own(cli, backend):
    """Its detail names the devices whose light of that kind is on."""
    for light in ("ident", "fault"):
        assert cli.command("device light on", DEVICE, light) == (0, "done", "")
        assert cli.health[f"DEVICE_{light.upper()}_ON"].detail == [
            f"{DEVICE} {light} light enabled"
        ]
        assert cli.command("device light off", DEVICE, light).retval == 0
        assert not cli.health
    name, args, _ = backend.asked[0]
    assert (name, args) == (
        "blink_device_light",
        ("ident", True, [orchestrator.DeviceLightLoc(**PLACE)]),
    )


def test_a_light_that_could_not_be_switched_counts_as_before(cli, backend):
    """Not as on, and not as off unless by force."""
    backend.failure = orchestrator.OrchestratorError("no such host")
    assert cli.command("device light on", DEVICE) == (-errno.EINVAL, "", "no such host")
    assert lit(cli) == {"ident": [], "fault": []}
    backend.failure = None
    cli.command("device light on", DEVICE)
    backend.failure = orchestrator.OrchestratorError("no such host")
    assert cli.command("device light off", DEVICE).retval == -errno.EINVAL
    assert lit(cli)["ident"] == [DEVICE]
    assert cli.command("device light off --force", DEVICE).retval == -errno.EINVAL
    assert lit(cli)["ident"] == []


def test_a_device_that_nobody_knows_has_no_lights(cli, backend):
    """-ENOENT; nothing is noted, nobody is asked."""
    refused = (-errno.ENOENT, "", "device ACME_9 not found")
    assert cli.command("device light on ACME_9") == refused
    assert cli.command("device light off ACME_9 --force") == refused
    assert (lit(cli)["ident"], backend.asked) == ([], [])


def test_a_light_of_a_device_that_is_gone_is_forgotten_by_force(cli, backend):
    """The backend is not asked: there is no place that it could switch a light at."""
    cli.command("device light on", DEVICE)
    cli.publish("devices", {"devices": []})
    backend.asked.clear()
    assert cli.command("device light off", DEVICE).retval == -errno.ENOENT
    status, _, stderr = cli.command("device light off --force", DEVICE)
    assert (status, stderr) == (0, f"device {DEVICE} is gone; its ident light counts as off")
    assert (lit(cli)["ident"], backend.asked) == ([], [])


def test_a_backend_that_does_not_run_is_named(cli, backend):
    """-ENOENT as upstream, with what to do about it."""
    del cli.peers["backend"]
    for words in ("orch status", "orch ps", "orch pause"):
        status, _, stderr = cli.command(words)
        assert status == -errno.ENOENT
        assert stderr.startswith("Module 'backend', the backend, does not run; enable it")


@pytest.mark.parametrize(
    ("peer", "number", "sentence"),
    [
        (testing.Dies("killed by SIGSEGV"), errno.EIO, "killed by SIGSEGV"),
        (testing.TooLate(), errno.ETIMEDOUT, "did not finish backend.list_daemons() in time"),
    ],
)
def test_a_backend_that_gives_no_answer_is_told_apart(cli, peer, number, sentence):
    """Its process ended, or the deadline passed: no traceback, an errno of its own."""
    cli.peers["backend"] = peer
    status, _, stderr = cli.command("orch ps")
    assert (status, sentence in stderr, "Traceback" in cli.log) == (-number, True, False), stderr


def test_lights_outlive_the_module(backend):
    """They are kept in a key of upstream's name and form; what is none of it is reported, no more."""
    kept = json.dumps({"ident": ["a"], "fault": ["b", "c"]})
    cls = orchestrator.OrchestratorCli
    with testing.run(cls, store={"active_devices": kept}) as cli:
        assert lit(cli) == {"ident": ["a"], "fault": ["b", "c"]}
        assert cli.health["DEVICE_FAULT_ON"].summary == "2 devices have fault light turned on"
    for other in ("[1]", "x", '{"ident": 5}'):
        with testing.run(cls, store={"active_devices": other}) as cli:
            assert lit(cli) == {"ident": [], "fault": []}
            assert "active_devices" in cli.log
            cli.faults.clear()


def test_an_upgrade_to_an_image_that_is_called_like_a_version_is_a_mistake(cli, backend):
    """The version is an option of its own."""
    status, _, stderr = cli.command("orch upgrade start 17.2.0")
    assert (status, "--ceph-version 17.2.0" in stderr, backend.asked) == (-errno.EINVAL, True, [])
