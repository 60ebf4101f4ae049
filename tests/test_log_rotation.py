"""Logs are rotated by size, or moved away by others: no line is lost, doubled or cut in two."""

import ast
import contextlib
import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conditions import poll_for
from tests.daemon import BIN, ROOT, supervisor
from tests.views import required


TREE = ROOT / "tests" / "trees" / "chatty"
LINE = re.compile(r"<(t\d+):(\d+):(x*)>$")
CONFIG = f"""
[supervisor]
log_max_size = 20000
log_keep = 1000
[cluster]
tick = 0.05
[sandbox]
{required()}[module.chatty_too]
interpreter = "{sys.executable}"
"""
LOGROTATE = shutil.which("logrotate", path=os.defpath + ":/usr/sbin:/sbin")
MODULES = ("chatty", "chatty_too")


@pytest.fixture(scope="module")
def daemon():
    with supervisor(
        "--module-path", str(TREE), "--enable", "chatty", "--enable", "chatty_too", config=CONFIG
    ) as running:
        for name in MODULES:
            running.wait_state(name, "running")
        yield running
        assert running.stop() == 0


def path_of(daemon, name=""):
    return daemon.state / "log" / (f"ceph-mgr.x.{name}.log" if name else "ceph-mgr.x.log")


def files_of(daemon, name):
    """Every file that the log was ever in, by inode."""
    files = {}
    for path in path_of(daemon).parent.glob(f"ceph-mgr.x.{name}.log*"):
        with contextlib.suppress(FileNotFoundError):  # it moves on while we look
            files[path.stat().st_ino] = path
    return files


def texts_of(daemon, name):
    """What is in them, once the last rotation is over."""

    def read():
        try:
            texts = {i: path.read_text() for i, path in files_of(daemon, name).items()}
        except FileNotFoundError:
            return None
        sizes = {i: path.stat().st_size for i, path in files_of(daemon, name).items()}
        return list(texts.values()) if sizes == {i: len(t) for i, t in texts.items()} else None

    return poll_for(read)


def rotations(daemon, name):
    return len(files_of(daemon, name)) - 1


def clear(daemon, name):
    """Only the current file is left, and nothing is in it."""

    def cleared():
        for path in files_of(daemon, name).values():
            if path != path_of(daemon, name):
                path.unlink(missing_ok=True)
        path_of(daemon, name).write_text("")
        # A rotation that was under way may have brought a file back.
        return not any("<t" in text for text in texts_of(daemon, name))

    poll_for(cleared)


def check(texts, written):
    """Each line that was written is in one text, once, whole; each thread's are in its order."""
    found = {thread: [] for thread in written}
    for text in texts:
        for line in text.splitlines():
            if "<t" in line or "x>" in line:
                match = LINE.search(line)
                assert match, f"cut or merged: {line!r}"
                assert line.count("<t") == 1, f"merged: {line!r}"
                number = int(match[2])
                assert len(match[3]) == number * 37 % 400, f"cut: {line!r}"
    for thread in written:
        parts = []
        for text in texts:
            numbers = [
                int(m[2]) for m in map(LINE.search, text.splitlines()) if m and m[1] == thread
            ]
            if numbers:
                parts.append(numbers)
        found[thread] = [number for part in sorted(parts) for number in part]
        assert found[thread] == list(range(written[thread])), (
            f"{thread}: lost, doubled or disordered"
        )


def reopen(daemon):
    assert daemon.ok("tell mgr log reopen") == "{}"


def written_by(daemon, name):
    return ast.literal_eval(daemon.ok(f"{name} end"))


@pytest.mark.parametrize("name", MODULES)
def test_dozens_of_rotations_lose_no_line(daemon, name):
    """Four threads that log, print and write; files that are rotated by size, and moved away under
    SIGHUP and under `log reopen`. The sandbox is as strict as ever.
    """
    clear(daemon, name)
    daemon.ok(f"{name} begin 4")
    poll_for(lambda: rotations(daemon, name) >= 25, 60)
    for number in range(6):
        moved = path_of(daemon, name).with_name(f"ceph-mgr.x.{name}.log-moved{number}")
        path_of(daemon, name).rename(moved)
        if number % 2:
            daemon.process.send_signal(signal.SIGHUP)
        else:
            reopen(daemon)
        poll_for(
            lambda: path_of(daemon, name).exists() and path_of(daemon, name).stat().st_size, 10
        )
    more = rotations(daemon, name) + 8
    poll_for(lambda: rotations(daemon, name) >= more, 60)
    written = written_by(daemon, name)
    assert all(written.values())
    check(texts_of(daemon, name), written)
    assert "Traceback" not in daemon.screen


def test_a_new_file_has_the_mode_of_the_old_one(daemon):
    """Rotation by size copies it; a missing file is made for the owner, and for the group to read."""
    path = path_of(daemon, "chatty")
    path.chmod(0o604)
    old = path.stat()
    with path.open("ab") as file:
        file.write(b"#" * 20000 + b"\n")
    poll_for(lambda: path.stat().st_ino != old.st_ino)
    new = path.stat()
    assert (new.st_mode & 0o777, new.st_uid, new.st_gid) == (0o604, old.st_uid, old.st_gid)
    path.unlink()
    reopen(daemon)
    assert path.stat().st_mode & 0o777 == 0o640
    daemon.ok("chatty say after-the-unlink")
    poll_for(lambda: path.read_text().count("after-the-unlink") == 2)


def test_the_daemons_own_log_is_rotated_and_reopened(daemon):
    """By size and by name; the zygote's streams follow, too."""
    path = path_of(daemon)
    old = path.stat().st_ino
    with path.open("ab") as file:
        file.write(b"#" * 20000 + b"\n")
    poll_for(lambda: path.stat().st_ino != old)
    path.rename(path.with_name("moved"))
    reopen(daemon)
    poll_for(lambda: "log files reopened" in path.read_text())
    [zygote] = [p for p in daemon.descendants() if "mgr-zygote" in " ".join(p.cmdline())]
    for fd in (1, 2):
        stream = Path(f"/proc/{zygote.pid}/fd/{fd}")
        poll_for(lambda stream=stream: stream.readlink() == path)


def test_a_stopped_module_delays_nobody_and_moves_on_when_it_wakes(daemon):
    """However often its log is reopened meanwhile. The others have their new files at once."""
    pid = daemon.ps()["chatty"]["pid"]
    path = path_of(daemon, "chatty")
    os.kill(pid, signal.SIGSTOP)
    try:
        for number in range(3):
            path.rename(path.with_name(f"{path.name}-{number}"))
            reopen(daemon)
        for _ in range(700):
            daemon.process.send_signal(signal.SIGHUP)
            if _ % 50 == 0:
                reopen(daemon)
        daemon.ok("chatty_too say meanwhile")
        poll_for(lambda: path_of(daemon, "chatty_too").read_text().count("meanwhile") == 2)
    finally:
        os.kill(pid, signal.SIGCONT)

    def wakes():
        daemon.ok("chatty say awake")
        return path.read_text().count("awake") >= 2

    poll_for(wakes, 20)
    assert daemon.ps()["chatty"]["pid"] == pid


def test_a_killed_module_writes_to_the_current_file_again(daemon):
    """Killed before, between and after the steps of a rotation by hand."""
    path = path_of(daemon, "chatty")
    for number, step in enumerate(("killed", "moved", "reopened")):
        moved = path.with_name(f"{path.name}-killed{number}")
        pid = daemon.ps()["chatty"]["pid"]
        if step == "killed":
            os.kill(pid, signal.SIGKILL)
        path.rename(moved)
        if step == "moved":
            os.kill(pid, signal.SIGKILL)
        reopen(daemon)
        if step == "reopened":
            os.kill(pid, signal.SIGKILL)
        poll_for(lambda pid=pid: daemon.ps()["chatty"]["pid"] not in (pid, None), 20)
        daemon.wait_state("chatty", "running")
        daemon.ok("chatty say", f"again-{step}")
        poll_for(lambda step=step: path.read_text().count(f"again-{step}") == 2)


def test_a_killed_zygote_leaves_nothing_stuck(daemon):
    """Its hosts come back, each in the current file; rotations go on."""
    path = path_of(daemon, "chatty")
    [zygote] = [p for p in daemon.descendants() if "mgr-zygote" in " ".join(p.cmdline())]
    pid = daemon.ps()["chatty"]["pid"]
    path.rename(path.with_name(f"{path.name}-orphaned"))
    zygote.kill()
    reopen(daemon)
    poll_for(lambda: daemon.ps()["chatty"]["pid"] not in (pid, None), 20)
    for name in MODULES:
        daemon.wait_state(name, "running")
        daemon.ok(f"{name} say reborn")
        poll_for(lambda name=name: path_of(daemon, name).read_text().count("reborn") == 2)
    clear(daemon, "chatty")
    daemon.ok("chatty begin 2")
    poll_for(lambda: rotations(daemon, "chatty") >= 3, 30)
    written = written_by(daemon, "chatty")
    check(texts_of(daemon, "chatty"), written)


def test_a_log_that_cannot_be_opened_is_named(daemon):
    """EIO and the reason for each; the modules go on in their old files, and nothing is lost."""
    folder = path_of(daemon).parent
    away = folder.with_name("away")
    folder.rename(away)
    try:
        answered = daemon.mgrctl("tell mgr log reopen")
        assert answered.code == 5
        assert f"{path_of(daemon, 'chatty')}: No such file or directory" in answered.err
        daemon.ok("chatty say homeless")
        poll_for(lambda: (away / path_of(daemon, "chatty").name).read_text().count("homeless") == 2)
    finally:
        away.rename(folder)
    assert daemon.mgrctl("tell mgr.y log reopen").code == 2
    reopen(daemon)


def test_nothing_leaks(daemon):
    """A rotation leaves no descriptor behind, in the supervisor or in the host."""
    supervisor_process = psutil.Process(daemon.process.pid)
    host = psutil.Process(daemon.ps()["chatty"]["pid"])
    reopen(daemon)

    def counts():
        # The supervisor opens files of /proc for moments, to see what modules use.
        return min(supervisor_process.num_fds() for _ in range(5)), host.num_fds()

    before = counts()
    for _ in range(10):
        reopen(daemon)
    poll_for(lambda: counts() == before)


def test_following_goes_on_across_rotations(daemon):
    """`module logs -f` prints each line once, although the file changes under it."""
    clear(daemon, "chatty")
    command = [str(BIN / "mgrctl"), "--socket", str(daemon.socket), "module", "logs", "chatty"]
    output = daemon.state / "followed"
    with output.open("wb") as file:
        follower = subprocess.Popen([*command, "-n", "1", "-f"], stdout=file)
    try:
        daemon.ok("chatty say begin-to-follow")
        poll_for(lambda: b"begin-to-follow" in output.read_bytes())
        daemon.ok("chatty begin 2")
        poll_for(lambda: rotations(daemon, "chatty") >= 12, 60)
        written = written_by(daemon, "chatty")
        daemon.ok("chatty say end-of-following")
        poll_for(lambda: output.read_bytes().count(b"end-of-following\n") == 2)
        check([output.read_text()], written)
    finally:
        follower.send_signal(signal.SIGINT)
        assert follower.wait(10) == 130


def test_the_end_of_a_log_reaches_into_the_rotated_file(daemon):
    """Just after a rotation there are as many lines to see as before."""
    daemon.ok("chatty say before-rotation")
    path = path_of(daemon, "chatty")
    old = path.stat().st_ino
    with path.open("ab") as file:
        file.write(b"#" * 19000 + b"\nlast-of-the-old\n" + b"#" * 2000 + b"\n")
    poll_for(lambda: path.stat().st_ino != old)
    daemon.ok("chatty say first-of-the-new")
    poll_for(lambda: path.read_text().count("first-of-the-new") == 2)
    shown = daemon.ok("module logs chatty -n 4").splitlines()
    assert len(shown) == 4
    assert shown[0] == "last-of-the-old"


@pytest.mark.logrotate
def test_the_documented_logrotate_configuration_loses_no_line(tmp_path):
    """The snippet of docs/operations.md, run by logrotate itself."""
    page = (ROOT / "docs" / "operations.md").read_text()
    snippet = page.partition("```\n/var/log")[2].partition("```")[0]
    config = CONFIG.replace("log_max_size = 20000", "log_max_size = 0")
    with supervisor("--module-path", str(TREE), "--enable", "chatty", config=config) as daemon:
        daemon.wait_state("chatty", "running")
        logs = path_of(daemon).parent
        rules = f"/var/log{snippet}".replace("/var/log/mgr-supervisor", str(logs))
        rules = rules.replace("mgrctl tell", f"{BIN}/mgrctl --socket {daemon.socket} tell")
        rules = rules.replace("/run/mgr-supervisor/lock", str(daemon.state / "run" / "lock"))
        (tmp_path / "rules").write_text(rules)
        (tmp_path / "rules").chmod(0o644)
        daemon.ok("chatty begin 3")
        for _ in range(4):
            size = len(daemon.module_log("chatty"))
            poll_for(lambda size=size: len(daemon.module_log("chatty")) > size)
            command = [
                LOGROTATE,
                "--force",
                "--state",
                str(tmp_path / "state"),
                str(tmp_path / "rules"),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, "")
        written = written_by(daemon, "chatty")
        texts = [
            daemon.module_log("chatty"),
            path_of(daemon, "chatty").with_suffix(".log.1").read_text(),
        ]
        for number in (2, 3, 4):
            with gzip.open(f"{path_of(daemon, 'chatty')}.{number}.gz", "rt") as file:
                texts.append(file.read())
        check(texts, written)
        assert daemon.stop() == 0


@pytest.mark.ceph
def test_upstreams_own_file_handler_is_served(tmp_path):
    """A tree with Debian's mgr_module: its handler opens the file by name, also after a rotation."""
    upstream = Path("/usr/share/ceph/mgr/mgr_module.py")
    tree = tmp_path / "tree"
    shutil.copytree(TREE, tree)
    (tree / "mgr_module.py").symlink_to(upstream)
    with supervisor("--module-path", str(tree), "--enable", "chatty", config=CONFIG) as daemon:
        daemon.wait_state("chatty", "running")
        path = path_of(daemon, "chatty")
        path.rename(path.with_name(f"{path.name}-first"))
        reopen(daemon)
        daemon.ok("config set mgr mgr/chatty/log_to_file true")

        def said():
            daemon.ok("chatty say by-name")
            # The handler's own lines have its format; print() writes the bare word.
            return "[ERROR] [root] by-name" in path.read_text()

        poll_for(said, 20)
        clear(daemon, "chatty")
        daemon.ok("chatty begin 3")
        poll_for(lambda: rotations(daemon, "chatty") >= 10, 60)
        written = written_by(daemon, "chatty")
        check(texts_of(daemon, "chatty"), written)
        assert daemon.stop() == 0
