"""Operators of other users: the kernel says who they are, the configuration what they may do."""

import errno
import json
import os
from collections.abc import Callable, Iterator

import pytest
from mgrctl.connection import Connection
from mgrctl.errors import Unreachable

from tests.daemon import Daemon, supervisor


CONFIG = """
[operators]
admin = ["daemon"]
operator = ["@bin"]
read-only = ["nobody", 4711]
"""
NOBODY, SOMEBODY = (65534, 65534), (4712, 4712)
DAEMON, OF_BIN, BY_NUMBER = (1, 1), (4713, 2), (4711, 4711)  # (uid, gid) on Debian

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with supervisor("--enable", "selftest", config=CONFIG) as started:
        started.state.chmod(0o711)
        started.wait_state("selftest", "running")
        yield started
        assert started.stop() == 0


def as_user(who: tuple[int, int], task: Callable[[], object]) -> object:
    """Run `task` in a child that is another user; answers what it returned, as JSON has it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(who[1])
            os.setuid(who[0])
            os.write(writing, json.dumps(task()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        text = answers.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def says(daemon: Daemon, who: tuple[int, int], *commands: str) -> list[tuple[int, str]]:
    """(return value, what was said) of each command; one pair alone for who is not let in."""

    def task() -> list[tuple[int, str]]:
        try:
            with Connection(str(daemon.socket), "test", 20) as connection:
                found = []
                for text in commands:
                    result = connection.execute(json.dumps({"prefix": text}).encode(), b"")
                    found.append((result.retval, (result.stdout or result.stderr).decode()))
                return found
        except Unreachable as error:
            return [(error.exit_code, str(error))]

    return [tuple(pair) for pair in as_user(who, task)]


def test_each_user_has_the_role_of_its_line(daemon):
    """By name, by number, by group; root and the supervisor's own user are admins unasked."""
    roles = {
        who: says(daemon, who, "whoami")[0][1].split(": ")[1]
        for who in ((0, 0), DAEMON, OF_BIN, NOBODY, BY_NUMBER)
    }
    assert roles == {
        (0, 0): "admin",
        DAEMON: "admin",
        OF_BIN: "operator",
        NOBODY: "read-only",
        BY_NUMBER: "read-only",
    }
    assert daemon.mgrctl("whoami --format json").json == {
        "user": "root", "uid": 0, "gid": 0, "role": "admin",
    }  # fmt: skip


def test_who_is_not_listed_is_not_let_in(daemon):
    """Whatever the file modes allow."""
    ((code, text),) = says(daemon, SOMEBODY, "whoami")
    assert code == errno.EACCES
    assert "user '4712' (uid 4712) is none of its operators: [operators] lists them" in text


def test_who_may_only_read_changes_nothing(daemon):
    """-EACCES and the role's sentence for whatever writes, runs code or shows secrets."""
    tried = ("osd out", "mgr module disable", "mgr self-test eval", "config-key get", "no such")
    read, *refused = says(daemon, NOBODY, "osd tree", *tried)
    assert read[0] == 0
    assert [code for code, _ in refused] == [-errno.EACCES] * len(tried)
    assert (
        refused[0][1]
        == "nobody: the role 'read-only' does not cover 'osd out': it takes 'operator'"
    )


def test_an_operator_operates_and_an_admin_decides_what_runs(daemon):
    """The line between the two is what runs code."""
    flag, enable, code = says(
        daemon, OF_BIN, "osd unset", "mgr module enable", "mgr self-test eval"
    )
    assert flag[0] != -errno.EACCES
    assert (enable[0], code[0]) == (-errno.EACCES, -errno.EACCES)
    assert "takes 'admin'" in code[1]
    assert says(daemon, DAEMON, "mgr self-test eval")[0][0] == -errno.EINVAL  # there is no source


def test_everybody_who_is_let_in_learns_what_there_is(daemon):
    """Help works for all roles."""

    def task() -> int:
        with Connection(str(daemon.socket), "test", 20) as connection:
            return len(connection.describe().items)

    assert as_user(NOBODY, task) == as_user((0, 0), task)


def test_other_users_reach_the_socket_and_nothing_else(daemon):
    """The folder lets them through, not in."""

    def task() -> list[bool]:
        run = daemon.state / "run"
        found = []
        for name, mode in (
            ("", os.R_OK),
            ("state", os.X_OK),
            ("bus.sock", os.W_OK),
            ("control.sock", os.W_OK),
        ):
            found.append(os.access(run / name, mode))
        return found

    assert as_user(NOBODY, task) == [False, False, False, True]


def test_the_audit_trail_has_uid_and_user(daemon):
    """Of what was done and of what was denied."""
    says(daemon, NOBODY, "osd out")
    trail = daemon.ok("log last 50 info audit")
    denied = next(line for line in trail.splitlines() if "uid:65534" in line)
    assert denied.endswith('entity=\'client.nobody\' cmd=[{"prefix": "osd out"}]: access denied')


def test_without_a_table_only_the_owner_gets_in():
    """As ever: the socket's mode already keeps others out."""
    with supervisor() as closed:
        closed.state.chmod(0o711)
        (closed.state / "run").chmod(0o711)
        ((code, _),) = says(closed, NOBODY, "whoami")
        assert code == errno.EACCES
        assert closed.socket.stat().st_mode & 0o777 == 0o600
        assert closed.stop() == 0
