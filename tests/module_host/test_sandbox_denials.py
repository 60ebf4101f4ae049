"""A refusal is explained in the module's log: what was tried, and the grant that is missing."""

import socket

import pytest

from tests.module_host.attempts import attempt
from tests.module_host.standin import text


def denials(host):
    """What the log says was denied: pairs of the attempt and the line to add."""
    found = []
    for line in text(host).splitlines():
        _head, said, rest = line.partition("] denied: ")
        if said:
            what, _, rest = rest.partition(" takes a grant that this module has not: ")
            found.append((what, rest.split(" gives it by ")[1].split(" in [module.probe] of ")[0]))
    return found


def test_files_outside_are_explained(standin):
    """Reading, listing, creating and changing, each with its line, once a target."""
    host = standin.run(without=["paths"])
    folder = standin.folder
    (folder / "secret").write_text("x")
    for work in (
        f"open('{folder}/secret')",
        f"open('{folder}/secret')",
        f"open(b'{folder}/secret', 'w')",
        f"__import__('os').listdir('{folder}')",
        f"__import__('pathlib').Path('{folder}/new').write_text('x')",
        f"__import__('os').mkdir('{folder}/made')",
        f"__import__('os').rename('{folder}/data/probe/tmp', '{folder}/moved')",
        f"__import__('os').symlink('/', '{folder}/linked')",
    ):
        assert attempt(standin, host, work) == "EACCES", work
    assert denials(host) == [
        (f"reading {folder}/secret", f'read = ["{folder}/secret"]'),
        (f"writing {folder}/secret", f'write = ["{folder}/secret"]'),
        (f"reading {folder}", f'read = ["{folder}"]'),
        (f"writing {folder}/new", f'write = ["{folder}"]'),
        (f"writing {folder}/made", f'write = ["{folder}"]'),
        (f"writing {folder}/moved", f'write = ["{folder}"]'),
        (f"writing {folder}/linked", f'write = ["{folder}"]'),
    ]


@pytest.mark.views
def test_files_that_cannot_be_seen_are_explained(standin):
    """Whether they are there or not: nobody could tell who may not look."""
    host = standin.run()
    folder = standin.folder
    (folder / "secret").write_text("x")
    for work, outcome in (
        (f"open('{folder}/secret')", "ENOENT"),
        (f"open('{folder}/secret', 'w')", "EACCES"),
        ("__import__('os').listdir('/root')", "EACCES"),
        (f"open('{folder}/data/probe/none')", "ENOENT"),
        ("open('/usr/none')", "ENOENT"),
        ("open('/nowhere/at/all')", "ENOENT"),
    ):
        assert attempt(standin, host, work) == outcome, work
    assert denials(host) == [
        (f"reading {folder}/secret", f'read = ["{folder}/secret"]'),
        (f"writing {folder}/secret", f'write = ["{folder}"]'),
        ("reading /root", 'read = ["/root"]'),
    ]


def test_what_is_allowed_or_not_there_is_not_talked_about(standin):
    """Neither the module's own files, by whatever name, nor files that do not exist."""
    (standin.folder / "alias").symlink_to(standin.folder / "data" / "probe")
    host = standin.run(write_paths=["/dev/shm"], without=["paths"])
    data = standin.folder / "data" / "probe"
    for work, outcome in (
        (f"open('{data}/x', 'w')", "done"),
        (f"open('{standin.folder}/alias/y', 'w')", "done"),
        ("open('/etc/passwd')", "done"),
        ("open('/dev/shm/walls-test', 'w')", "done"),
        ("__import__('os').remove('/dev/shm/walls-test')", "done"),
        ("__import__('tempfile').TemporaryDirectory().cleanup()", "done"),
        ("open('/nowhere/at/all')", "ENOENT"),
        ("open('/nowhere/at/all', 'w')", "ENOENT"),
        ("__import__('sqlite3').connect(':memory:').close()", "done"),
        ("open(__import__('os').dup(1), 'w').close()", "done"),
    ):
        assert attempt(standin, host, work) == outcome, work
    assert denials(host) == []


def test_the_network_is_explained(standin):
    """Looking up, connecting by number, and listening, each with the line to add."""
    host = standin.run()
    source = """
import socket
for target in (("ceph.example", 443), ("10.0.0.1", 80), ("localhost", 81)):
    try:
        socket.create_connection(target, 5)
    except OSError:
        pass
try:
    socket.create_server(("127.0.0.1", 9283))
except OSError:
    pass
"""
    standin.call(host, "execute", source)
    assert denials(host) == [
        ("looking up ceph.example", 'connect = ["ceph.example:443"]'),
        ("a socket to 10.0.0.1:80", 'connect = ["10.0.0.1:80"]'),
        ("a socket to localhost:81", 'connect = ["localhost:81"]'),
        ("an internet socket", 'connect = ["HOST:PORT"], or listen = [PORT],'),
    ]


def test_ports_are_explained(standin):
    """Where there is some network, by the port that is missing."""
    host = standin.run(connect_ports=[443])
    for work, outcome in (
        ("__import__('socket').create_connection(('127.0.0.1', 81), 5)", "EACCES"),
        ("__import__('socket').create_server(('127.0.0.1', 9283))", "EACCES"),
        ("__import__('socket').create_server(('127.0.0.1', 0))", "done"),
    ):
        assert attempt(standin, host, work) == outcome, work
    assert denials(host) == [
        ("connecting to 127.0.0.1 port 81", 'connect = ["127.0.0.1:81"]'),
        ("listening on port 9283", "listen = [9283]"),
    ]
    server = standin.run(listen_ports=[9283])
    free = "__import__('socket').create_server(('127.0.0.1', 0))"
    assert attempt(standin, server, free) == "EACCES"
    assert denials(server)[-1] == ("listening on any port", 'listen = ["*"]')


def test_programs_are_explained(standin):
    """Also where the module never learns of the refusal."""
    host = standin.run()
    assert attempt(standin, host, "__import__('subprocess').run(['/bin/true'])") == "EACCES"
    assert attempt(standin, host, "__import__('os').system('/bin/false')") == "done"
    assert [line for _, line in denials(host)] == ["subprocess = true"] * 2


@pytest.mark.parametrize(
    "fields", [{"sandbox": "off"}, {"without": ["files", "paths", "uid", "sockets", "ports"]}]
)
def test_a_layer_that_is_off_explains_nothing(standin, fields):
    """There is no denial to speak of."""
    host = standin.run(**fields)
    assert attempt(standin, host, f"open('{standin.folder}/x', 'w')") == "done"
    udp = f"__import__('socket').socket({int(socket.AF_INET)}, 2)"
    assert attempt(standin, host, udp) == "done"
    assert denials(host) == []


def test_a_module_cannot_flood_its_log_with_denials(standin):
    """After a hundred, the kernel refuses without a word."""
    host = standin.run(without=["paths"])
    (standin.folder / "many").mkdir()
    source = f"""
for n in range(300):
    try:
        open('{standin.folder}/many/' + str(n), 'w')
    except PermissionError:
        pass
"""
    standin.call(host, "execute", source)
    assert len(denials(host)) == 100
