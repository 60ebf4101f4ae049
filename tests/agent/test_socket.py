"""What the agent's socket takes and from whom."""

import json
import os
import socket
import stat
import subprocess
import sys

import pytest

from tests.agent.hostagent import TOKEN, ask
from tests.conditions import poll_for


def _say(agent, data: bytes) -> list[dict]:
    """Every answer until the agent hangs up or has answered each line."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(agent.socket))
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        with connection.makefile("rb") as answers:
            return [json.loads(line) for line in answers]


@pytest.mark.parametrize(
    ("line", "number", "sentence"),
    [
        (b"", 22, "a request is one JSON object on one line"),
        (b"{", 22, "a request is one JSON object on one line"),
        (b"\xff\xfe", 22, "a request is one JSON object on one line"),
        (b"[" * 100_000, 22, "a request is one JSON object on one line"),
        (b'["op"]', 22, "a request is a JSON object"),
        (b'{"op": "list"}', 13, "the token is missing, or is not one of now"),
        (b'{"op": "list", "token": ""}', 13, "the token is missing, or is not one of now"),
        (b'{"op": "list", "token": null}', 13, "the token is missing, or is not one of now"),
        (b'{"op": "list", "token": "\\ud800"}', 13, "the token is missing, or is not one of now"),
        (json.dumps({"op": ["list"], "token": TOKEN}).encode(), 22, "there is no operation ['list']"),
        (json.dumps({"op": "run", "token": TOKEN, "command": ["\ud800"]}).encode(), 22, "as UTF-8"),
        (json.dumps({"op": "run", "token": TOKEN, "command": ["a\0b"]}).encode(), 22, "a list of strings"),
    ],
)  # fmt: skip
def test_malformed_requests_are_answered_by_a_sentence(shared, line, number, sentence):
    """And the connection goes on."""
    good = json.dumps({"op": "list", "token": TOKEN}).encode()
    refused, listed = _say(shared, line + b"\n" + good + b"\n")
    assert (refused["ok"], refused["errno"]) == (False, number)
    assert sentence in refused["error"]
    assert listed == {"ok": True, "daemons": []}


def test_a_request_has_a_largest_size(shared):
    """What never ends is not kept."""
    (refused,) = _say(shared, b"x" * (5 << 20))
    assert refused == {"ok": False, "errno": 90, "error": "a request has at most 4194304 bytes"}


def test_requests_may_come_in_pieces(shared):
    """A byte at a time, two in one piece."""
    line = json.dumps({"op": "list", "token": TOKEN}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(shared.socket))
        for byte in line:
            connection.send(bytes([byte]))
        connection.sendall(line + line)
        with connection.makefile("rb") as answers:
            assert [json.loads(answers.readline())["ok"] for _ in range(3)] == [True] * 3


def test_the_socket_is_for_its_user(shared):
    """By its mode; and by the kernel's word, where the mode was changed."""
    assert stat.S_IMODE(shared.socket.stat().st_mode) == 0o600
    if os.geteuid() != 0:
        pytest.skip("being another user needs root")
    shared.home.chmod(0o755)
    program = (
        f"import socket; s = socket.socket(1); s.connect({str(shared.socket)!r}); print(s.recv(1))"
    )
    command = [sys._base_executable, "-I", "-c", program]
    if subprocess.run(
        [*command[:2], "-c", ""], user=65534, check=False, cwd="/", capture_output=True
    ).returncode:
        command[0] = "/usr/bin/python3"  # ours lies where another user may not go
    refused = subprocess.run(
        command, user=65534, check=False, cwd="/", capture_output=True, text=True
    )
    assert "Permission denied" in refused.stderr
    shared.socket.chmod(0o666)
    heard = subprocess.run(
        command, user=65534, check=False, cwd="/", capture_output=True, text=True
    )
    assert heard.stdout == "b''\n"
    assert "refused a client of uid 65534" in shared.log
    shared.socket.chmod(0o600)


def test_tokens_are_what_the_file_says_now(shared):
    """A new one is good at once and the old one is not; a file that others may read counts not."""
    other = "f" * 64
    try:
        shared.let_in(other)
        assert ask(shared.socket, TOKEN, "list")["errno"] == 13
        assert ask(shared.socket, other, "list")["ok"]
        (shared.folder / "access.json").chmod(0o644)
        shared.let_in("short")
        assert ask(shared.socket, "short", "list")["errno"] == 13
        shared.let_in(TOKEN)
        file = shared.folder / "access.json"
        file.chmod(0o640)
        os.utime(file)
        assert ask(shared.socket, TOKEN, "list")["errno"] == 13
        assert "it is open to others than its owner" in shared.log
    finally:
        shared.let_in(TOKEN)
        poll_for(shared.answers, 5, "it to let us in again")
