"""The walls hold: every test tries to get through one from inside a real host."""

import os
import subprocess
import sys

import pytest

from module_host.sandbox import layers, seccomp
from supervisor import config
from tests.module_host.attempts import OUTCOME, attempt
from tests.module_host.standin import ROOT, text


def test_files(standin):
    """Reading is for what a module needs, writing for its own folder and its log."""
    host = standin.run(subprocess=True, without=["paths"])
    data = standin.folder / "data" / "probe"
    secret = standin.folder / "secret"
    secret.write_text("x")
    (standin.folder / "data" / "other").mkdir()
    standin.publish("health", {})
    allowed = [
        f"open('{data}/new', 'w').write('x')",
        f"__import__('os').rename('{data}/new', '{data}/tmp/newer')",
        f"__import__('os').truncate('{data}/tmp/newer', 0)",
        "__import__('tempfile').mkdtemp()",
        f"open('{host.log}', 'a').write('x')",
        f"open('{standin.folder}/state/health.1').read()",
        f"open('{standin.folder}/modules/probe/module.py').read()",
        "open('/dev/null', 'w').write('x')",
        "open('/etc/passwd').read()",
        "__import__('subprocess').run(['true'], check=True)",
    ]
    for work in allowed:
        assert attempt(standin, host, work) == "done", work
    denied = [
        f"open('{secret}').read()",
        f"open('{secret}', 'w')",
        f"__import__('os').truncate('{secret}', 0)",
        f"open('{standin.folder}/data/other/x', 'w')",
        f"open('{standin.folder}/modules/probe/module.py', 'a')",
        f"open('{standin.folder}/log/other.log', 'w')",
        f"open('{standin.folder}/state/health.1', 'a')",
        f"__import__('os').listdir('{standin.folder}')",
        f"__import__('os').mkdir('{standin.folder}/x')",
        "open('/etc/shadow').read()",
        "open('/dev/shm/x', 'w')",
        "__import__('os').listdir('/root')",
        "open('/proc/1/environ').read()",
        "open('/proc/1/mem').read()",
    ]
    for work in denied:
        assert attempt(standin, host, work) == "EACCES", work
    program = f"__import__('shutil').copy('/bin/true', '{data}/true')"
    assert attempt(standin, host, program) == "done"
    run = f"__import__('subprocess').run(['{data}/true'])"
    assert attempt(standin, host, run) == "EACCES"


def test_grants(standin):
    """What a launch names beside the base lists is readable or writable too."""
    kept, shown = standin.folder / "kept", standin.folder / "shown"
    kept.mkdir()
    shown.mkdir()
    host = standin.run(write_paths=[str(kept)], read_paths=[str(shown)])
    assert attempt(standin, host, f"open('{kept}/x', 'w')") == "done"
    assert attempt(standin, host, f"__import__('os').listdir('{shown}')") == "done"
    assert attempt(standin, host, f"open('{shown}/x', 'w')") == "EACCES"


def test_signals_stay_inside(standin):
    """A module can signal its own children, nobody else."""
    host = standin.run(subprocess=True)
    child = "c = __import__('subprocess').Popen(['sleep', '60'])"
    own = f"{OUTCOME}\n{child}\nresult = attempt(c.kill), c.wait()"
    assert standin.call(host, "execute", own) == ("done", -9)
    assert attempt(standin, host, "__import__('os').kill(1, 0)") == "EPERM"  # the zygote


def test_kernel_doors_are_shut(standin):
    """Calls of the deny list answer EPERM; clone3 ENOSYS, so that libc uses clone."""
    host = standin.run()
    if os.uname().machine not in ("x86_64", "aarch64"):
        pytest.skip("no table for this machine")
    column = ("x86_64", "aarch64").index(os.uname().machine)
    arguments = {"unshare": "0x10000000", "io_uring_setup": "8, 0", "ptrace": "0, 0, 0, 0"}
    for name in (
        "ptrace",
        "unshare",
        "mount",
        "io_uring_setup",
        "bpf",
        "keyctl",
        "setns",
        "reboot",
    ):
        number = seccomp.DENIED[name][column]
        work = f"call({number}, {arguments.get(name, '0, 0, 0')})"
        assert attempt(standin, host, work) == "EPERM", name
    assert attempt(standin, host, "call(435, 0, 0)") == "ENOSYS"
    clone = (56, 220)[column]
    assert attempt(standin, host, f"call({clone}, 0x10000011, 0, 0, 0, 0)") == "EPERM"
    assert attempt(standin, host, "__import__('threading').Thread(target=print).start()") == "done"


def test_what_acts_on_processes_acts_on_its_own(standin):
    """Limits, priorities and processors are a process' own affair; so is what belongs to the user as a whole."""
    host = standin.run(without=[name for name in ("ipc",) if name in layers.SWITCHES])
    module = "__import__('{}')".format
    for own in (
        f"{module('resource')}.setrlimit(7, (64, {module('resource')}.getrlimit(7)[1]))",
        f"{module('resource')}.prlimit({module('os')}.getpid(), 7)",
        f"{module('os')}.setpriority(0, 0, 19)",
        f"{module('os')}.nice(1)",
        f"{module('os')}.sched_setaffinity(0, {module('os')}.sched_getaffinity(0))",
        f"{module('os')}.sched_setscheduler({module('threading')}.get_native_id(), 0, {module('os')}.sched_param(0))",
    ):
        assert attempt(standin, host, own) == "done", own
    other = standin.zygote.pid
    for work in (
        f"{module('resource')}.prlimit({other}, 7)",
        f"{module('os')}.setpriority(0, {other}, 19)",
        f"{module('os')}.setpriority(2, 0, 19)",
        f"{module('os')}.sched_setaffinity({other}, [0])",
        f"{module('os')}.sched_setscheduler({other}, 5, {module('os')}.sched_param(0))",
    ):
        assert attempt(standin, host, work) == "EPERM", work
    column = ("x86_64", "aarch64").index(os.uname().machine)
    for name, arguments in (
        ("shmget", "1, 64, 0o1600"),
        ("msgget", "1, 0o1600"),
        ("mq_open", "b'x', 0"),
    ):
        work = f"call({seccomp.SHARED[name][column]}, {arguments})"
        assert attempt(standin, host, work) == "EPERM", name


def test_programs_inherit_the_walls(standin):
    """A program that a module starts is as confined as the module."""
    host = standin.run(subprocess=True, without=["paths"])
    shell = ["sh", "-c", f"cat {standin.folder}/bus.sock.x; ls {standin.folder}; unshare -U true"]
    (standin.folder / "bus.sock.x").write_text("x")
    source = "import subprocess; p = subprocess.run(argv, capture_output=True, text=True)"
    result = standin.call(host, "execute", f"{source}; result = p.stderr", argv=shell)
    assert result.count("Permission denied") == 2
    assert "Operation not permitted" in result


@pytest.mark.views
def test_the_state_of_every_layer_is_in_the_log(standin):
    """Whoever reads the log knows what held."""
    host = standin.run()
    for layer in layers.LAYERS:
        if layer != "uid" or os.geteuid() == 0:
            assert f"{layer}: enforced" in text(host)


def test_every_layer_but_one_can_be_switched_off():
    """What the configuration file takes are the layers that there are."""
    assert config.LAYERS == layers.SWITCHES


def test_a_layer_that_is_switched_off_is_off_alone_and_said(standin):
    """The operator's word stands in mode require, too; the other layers hold."""
    host = standin.run(without=["files", "paths"])
    assert "files: off (switched off by [sandbox] without)" in text(host)
    (standin.folder / "open").mkdir()
    (standin.folder / "open").chmod(0o777)
    assert attempt(standin, host, f"open('{standin.folder}/open/x', 'w')") == "done"
    assert attempt(standin, host, "__import__('os').kill(1, 0)") == "EPERM"
    bad = standin.launch("probe", without=["no_new_privs"])
    assert standin.end(bad).status == 64
    assert "no layer called 'no_new_privs' can be switched off" in text(bad)


def test_the_supervisor_is_told_of_every_layer(standin):
    """The first word of a host says what it stands behind."""
    host = standin.run(listen_ports=[0], connect_ports=[0], subprocess=True)
    told = {layer.name: (layer.status, layer.why) for layer in host.layers}
    assert list(told) == ["rlimits", *layers.LAYERS]
    assert told["ports"] == ("off", "any TCP port is granted")
    assert told["sockets"] == ("enforced", "unix and internet")
    assert told["files"][0] == "enforced"


def test_off_is_off_and_said(standin):
    """Mode off confines nothing and says so; the rest of the host is the same."""
    host = standin.run(sandbox="off")
    assert attempt(standin, host, f"open('{standin.folder}/x', 'w')") == "done"
    assert "files: off (sandbox mode is off)" in text(host)


def test_an_unknown_mode_is_refused(standin):
    """A word that is no mode never means "off"."""
    bad = standin.launch(sandbox="of")
    assert standin.end(bad).status == 64
    assert "'of' is none of require, best-effort, off" in text(bad)


def test_a_required_layer_that_is_missing_ends_the_host(standin):
    """Mode require does not start a module outside its walls; best-effort says what is missing."""
    # Too few descriptors to make a Landlock ruleset: the kernel refuses.
    limits = [{"name": "NOFILE", "soft": 4, "hard": 4}]
    host = standin.launch(limits=limits, without=["paths"])
    assert standin.end(host).status == 73
    assert "a required sandbox layer is missing (files: " in text(host)


OLDER = """
import sys
from module_host.ends import EndOfHost
from module_host.sandbox import landlock, layers
from proto.v1.zygote_pb2 import Launch
landlock.abi = lambda: int(sys.argv[1])
launch = Launch(module="m", sandbox=sys.argv[2], data_dir="/tmp", log_file="/dev/null",
                listen_ports=[80], subprocess=True)
launch.processes.name, launch.processes.status = "processes", "enforced"
try:
    for result in layers.enclose(launch):
        print(result.name, result.status)
except EndOfHost as end:
    print(end)
"""


@pytest.mark.views
@pytest.mark.parametrize(
    ("abi", "absent"), [(0, {"files", "programs", "signals", "ports"}), (3, {"signals", "ports"})]
)
def test_an_older_kernel_lacks_layers_one_by_one(abi, absent):
    """Best effort goes on with the others; require names each that is missing."""

    def enclosed(mode):
        command = [sys.executable, "-c", OLDER, str(abi), mode]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout

    found = dict(line.split() for line in enclosed("best-effort").splitlines())
    assert {name for name, status in found.items() if status == "absent"} == absent
    assert set(found) == set(layers.LAYERS)
    refused = enclosed("require")
    assert refused.startswith("a required sandbox layer is missing (")
    assert all(f"{name}: this kernel" in refused for name in absent)


def test_seccomp_programs_are_well_formed():
    """Every jump of both machines' filters lands inside, and the last word allows."""
    for machine in ("x86_64", "aarch64"):
        for code in (
            seccomp.doors(machine),
            seccomp.doors(machine, ipc=True),
            seccomp.programs(machine),
            seccomp.sockets(machine, internet=False),
            seccomp.sockets(machine, internet=True),
        ):
            count = len(code) // 8
            assert len(code) % 8 == 0
            for n in range(count):
                taken, skipped = code[n * 8 + 2], code[n * 8 + 3]
                assert n + 1 + max(taken, skipped) <= count
            assert code[-4:] == (0x7FFF0000).to_bytes(4, "little")
