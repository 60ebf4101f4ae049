"""The real mgrctl process against a stand-in for the daemon."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conditions import poll_for
from tests.mgrctl.standin import StandIn


ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [
    {"cmd": "status", "desc": "show cluster status", "module": "(cluster)"},
    {
        "cmd": "osd pool ls name=detail,type=CephChoices,strings=detail,req=false",
        "desc": "list pools",
        "module": "(cluster)",
    },
    {
        "cmd": "osd pool create name=pool,type=CephPoolname name=pg_num,type=CephInt,range=0,req=false",
        "desc": "create pool",
        "module": "(cluster)",
    },
    {"cmd": "hello", "desc": "say hello", "module": "hello"},
    {
        "cmd": "iostat name=width,type=CephInt,req=false",
        "desc": "rates",
        "poll": True,
        "module": "iostat",
    },
    {
        "cmd": "module logs name=name,type=CephString name=lines,type=CephInt,range=0,req=false",
        "desc": "log",
        "module": "(supervisor)",
    },
    {
        "cmd": "module logs read name=name,type=CephString name=after,type=CephInt,req=false "
        "name=place,type=CephString,req=false",
        "desc": "log",
        "module": "(supervisor)",
    },
]


def answer(command):
    known = {
        "status": (0, b"HEALTH_OK", b""),
        "osd pool ls": (0, b"rbd\n", b""),
        "osd pool create": (-17, b"", b"pool 'x' exists"),
        "hello": (0, b"\xff\x00", b"a remark"),
        "iostat": (0, b"row", b""),
    }
    return known[command["prefix"]]


def start(*argv, path=None, **kwargs):
    env = {k: v for k, v in os.environ.items() if k != "MGRCTL_SOCKET"}
    env |= {"PYTHONPATH": f"{ROOT}:{ROOT / 'tools'}", "COLUMNS": "100"}
    if path:
        env["MGRCTL_SOCKET"] = str(path)
    kwargs = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    } | kwargs
    return subprocess.Popen([sys.executable, "-m", "mgrctl", *argv], env=env, **kwargs)


def mgrctl(*argv, path=None, stdin=None):
    """(exit code, stdout, stderr)."""
    with start(*argv, path=path, stdin=subprocess.PIPE) as process:
        out, err = process.communicate(stdin, timeout=30)
    return process.returncode, out.decode("latin-1"), err.decode()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "control.sock"


@pytest.fixture
def daemon(path):
    with StandIn(path, COMMANDS, answer) as standin:
        yield standin


def test_stdout_is_printed_with_the_newline_that_it_lacks(daemon, path):
    """As it is otherwise; the exit code is 0."""
    assert mgrctl("status", path=path) == (0, "HEALTH_OK\n", "")
    assert mgrctl("osd", "pool", "ls", path=path) == (0, "rbd\n", "")
    assert daemon.asked == [({"prefix": "status"}, b""), ({"prefix": "osd pool ls"}, b"")]
    assert daemon.clients[0].startswith("mgrctl ")


def test_bytes_that_are_not_text_are_printed_untouched(daemon, path):
    """And a remark beside a success goes to stderr."""
    assert mgrctl("hello", path=path) == (0, "\xff\x00", "a remark\n")


def test_a_failure_exits_with_its_errno(daemon, path):
    """Its name and text are on stderr."""
    assert mgrctl("osd", "pool", "create", "x", "8", path=path) == (
        17,
        "",
        "Error EEXIST: pool 'x' exists\n",
    )
    assert daemon.asked == [({"prefix": "osd pool create", "pool": "x", "pg_num": 8}, b"")]


def test_refused_words_exit_with_einval_and_send_nothing(daemon, path):
    """The closest commands are listed."""
    code, out, err = mgrctl("osd", "pool", path=path)
    assert (code, out) == (22, "")
    assert err == (
        "no valid command found; 2 closest matches:\nosd pool ls [detail]\n"
        "osd pool create <pool> [<pg_num:int>]\nError EINVAL: invalid command\n"
    )
    assert not daemon.asked


@pytest.mark.parametrize(
    "argv", [["-s", "-f", "json"], ["--format=json", "status"], ["status", "--format", "json"]]
)
def test_the_format_travels_with_the_command(daemon, path, argv):
    """Wherever the option stands; -s is the word status."""
    assert mgrctl(*argv, path=path)[0] == 0
    assert daemon.asked == [({"prefix": "status", "format": "json"}, b"")]


def test_a_modules_command_carries_the_target_of_the_ceph_client(daemon, path):
    """Modules see the same dict as under ceph-mgr."""
    mgrctl("hello", path=path)
    assert daemon.asked[0][0] == {"prefix": "hello", "target": ["mon-mgr", ""]}


@pytest.mark.parametrize("name", ["file", "-"])
def test_an_input_file_is_sent_along(daemon, path, tmp_path, name):
    """From a file or from stdin, byte for byte."""
    (tmp_path / "file").write_bytes(b"a\0b")
    source = name if name == "-" else str(tmp_path / name)
    assert mgrctl("status", "-i", source, path=path, stdin=b"a\0b")[0] == 0
    assert daemon.asked[0][1] == b"a\0b"


def test_an_output_file_gets_exactly_what_was_sent(daemon, path, tmp_path):
    """No newline is added there."""
    assert mgrctl("status", "-o", str(tmp_path / "out"), path=path) == (0, "", "")
    assert (tmp_path / "out").read_bytes() == b"HEALTH_OK"


@pytest.mark.parametrize(
    ("option", "text"), [("-i", "Can't open input file"), ("-o", "Can't open output file")]
)
def test_a_file_that_cannot_be_opened_exits_with_one(daemon, path, tmp_path, option, text):
    """One sentence, as the ceph client."""
    code, _, err = mgrctl("status", option, str(tmp_path / "no" / "file"), path=path)
    assert code == 1
    assert err.startswith(text)
    assert err.count("\n") == 1


def test_no_daemon_is_one_sentence_at_once(path):
    """It names the socket and says what to do."""
    code, out, err = mgrctl("status", path=path)
    assert (code, out) == (2, "")
    assert (
        err
        == f"mgrctl: no mgr-supervisor at {path}: start it, or name its socket with --socket or MGRCTL_SOCKET\n"
    )


def test_the_socket_option_wins_over_the_environment(daemon, path, tmp_path):
    """The daemon is found where the operator says."""
    assert mgrctl("--socket", str(path), "status", path=tmp_path / "other")[0] == 0


def test_a_dead_daemons_socket_is_refused(path):
    """ECONNREFUSED."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    code, _, err = mgrctl("status", path=path)
    assert code == 111
    assert "mgr-supervisor has ended" in err


def test_a_path_that_is_no_socket_is_refused(path):
    """So is one that is too long for a socket."""
    path.touch()
    assert mgrctl("status", path=path)[0] == 88
    assert (
        mgrctl("status", path=path)[2]
        == f"mgrctl: {path} is not a socket: name its socket with --socket or MGRCTL_SOCKET\n"
    )
    code, _, err = mgrctl("status", path="/" + "x" * 200)
    assert code == 36
    assert "too long" in err


@pytest.mark.parametrize("verb", ["greeting", "describe", "execute"])
def test_a_daemon_that_ends_while_it_is_asked_is_one_sentence(path, verb):
    """ECONNRESET, without waiting for a timeout."""
    with StandIn(path, COMMANDS, answer, ends_at=verb):
        code, out, err = mgrctl("status", path=path)
    assert (code, out) == (104, "")
    assert "ended before it answered" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("verb", ["greeting", "execute"])
def test_no_answer_within_the_timeout_is_one_sentence(path, verb):
    """ETIMEDOUT."""
    with StandIn(path, COMMANDS, answer, silent=(verb,)):
        code, out, err = mgrctl("--timeout", "0.3", "status", path=path)
    assert (code, out) == (110, "")
    assert "did not answer within 0.3 s" in err


def test_another_protocol_version_is_one_sentence(path):
    """EPROTO."""
    with StandIn(path, COMMANDS, answer, protocol=99):
        code, _, err = mgrctl("status", path=path)
    assert code == 71
    assert "speaks protocol 99" in err


def test_a_broken_descriptor_takes_no_other_command_away(path):
    """It is named on stderr."""
    with StandIn(path, [{"cmd": "x name=a", "module": "bad"}, *COMMANDS], answer):
        code, out, err = mgrctl("status", path=path)
    assert (code, out) == (0, "HEALTH_OK\n")
    assert err.startswith("mgrctl: ignored a command of bad: command descriptor 'x name=a'")


def test_help_lists_every_command_with_usage_and_description(daemon, path):
    """After the options; words filter."""
    code, out, err = mgrctl("--help", path=path)
    assert (code, err) == (0, "")
    assert out.startswith("usage: mgrctl")
    assert "osd pool create <pool> [<pg_num:int>]   create pool\n" in out
    assert mgrctl("--help", "osd", "pool", "l", path=path) == (
        0,
        "osd pool ls [detail]                    list pools\n",
        "",
    )
    assert mgrctl("--help", "nonsense", path=path)[0] == 22


def test_help_without_a_daemon_still_shows_the_options(path):
    """And the sentence about the daemon."""
    code, out, err = mgrctl("--help", path=path)
    assert code == 2
    assert "--socket PATH" in out
    assert "no mgr-supervisor at" in err


def test_version_needs_no_daemon(path):
    """It says the protocol too."""
    code, out, _ = mgrctl("--version", path=path)
    assert code == 0
    assert out.startswith("mgrctl ")


@pytest.mark.parametrize(
    "argv",
    [
        ["-f", "nonsense", "status"],
        ["--timeout", "x", "status"],
        ["--timeout", "0", "status"],
        ["-f"],
    ],
)
def test_a_bad_option_is_einval_with_a_sentence(path, argv):
    """Before the daemon is asked."""
    code, _, err = mgrctl(*argv, path=path)
    assert code == 22
    assert "Traceback" not in err
    assert "see `mgrctl --help`" in err


def test_a_polling_command_is_run_again_each_period(daemon, path):
    """Until interrupted: the ordinary end of it, and no failure, as with the ceph client."""
    with start("iostat", "--period", "0.05", path=path) as process:
        poll_for(lambda: len(daemon.asked) >= 3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, b"")
    assert out.startswith(b"row\nrow\n")  # the third may have been asked for only
    assert out.endswith(b"row\nInterrupted\n")
    first, second = daemon.asked[0][0], daemon.asked[1][0]
    assert first == {
        "prefix": "iostat",
        "target": ["mon-mgr", ""],
        "poll": True,
        "width": 100,
        "print_header": True,
    }
    assert second == first | {"print_header": False}


def test_a_polling_command_of_a_script_runs_once(daemon, path):
    """Unless a period is asked for."""
    assert mgrctl("iostat", path=path) == (0, "row\n", "")


def test_an_interrupt_while_waiting_exits_130(path):
    """Quietly."""
    silent = StandIn(path, COMMANDS, answer, silent=("execute",))
    with silent as daemon, start("status", path=path) as process:
        poll_for(lambda: "execute" in daemon.verbs)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_closed_pipe_ends_quietly(daemon, path):
    """No traceback when the reader has seen enough."""
    with start("iostat", "--period", "0.02", path=path) as process:
        assert process.stdout.readline() == b"row\n"
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (141, b"")


def test_lines_of_stdin_are_commands(daemon, path):
    """A mistake in one is told and the next one runs; quit ends."""
    script = b'status -f json\nnonsense\n\nconfig "x\nosd pool create x\nquit\nhello\n'
    code, out, err = mgrctl(path=path, stdin=script)
    assert (code, out) == (17, "HEALTH_OK\n")
    assert "no valid command found" in err
    assert "cannot split this line into words: No closing quotation" in err
    assert [command["prefix"] for command, _ in daemon.asked] == ["status", "osd pool create"]


def test_a_terminal_gets_a_prompt(daemon, path):
    """End of input ends it with 0."""
    ours, theirs = pty.openpty()
    try:
        with start(path=path, stdin=theirs, stdout=theirs, stderr=theirs) as process:
            seen = b""
            while b"mgrctl> " not in seen:
                seen += os.read(ours, 4096)
            os.write(ours, b"status\n")
            while b"mgrctl> " not in seen.partition(b"HEALTH_OK")[2]:
                seen += os.read(ours, 4096)
            os.write(ours, b"\x04")
            assert process.wait(timeout=10) == 0
    finally:
        os.close(ours)
        os.close(theirs)


LOG = "one\ntwo\n"


def log_daemon(path, log):
    def answers(command):
        if command["name"] == "gone":
            return -2, b"", b"no module gone"
        if command["prefix"] == "module logs":
            return 0, log[0].encode(), b""
        after = command.get("after", len(log[0]))
        view = {"text": log[0][after:], "after": len(log[0]), "place": "8.15"}
        return 0, json.dumps(view).encode(), b""

    return StandIn(path, COMMANDS, answers)


def test_module_logs_takes_n_and_f(path):
    """The tail first, then what is added, each line once."""
    log = [LOG]
    with (
        log_daemon(path, log) as daemon,
        start("module", "logs", "hello", "-n", "5", "-f", path=path) as process,
    ):
        assert process.stdout.readline() == b"one\n"
        assert process.stdout.readline() == b"two\n"
        log[0] += "three\n"
        assert process.stdout.readline() == b"three\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert ({"prefix": "module logs", "name": "hello", "lines": 5}, b"") in daemon.asked
    again = {"prefix": "module logs read", "name": "hello", "after": len(LOG), "place": "8.15"}
    assert (again, b"") in daemon.asked


@pytest.mark.parametrize("argv", [[], ["-f"], ["-n", "3"]])
def test_module_logs_of_an_unknown_module_fails(path, argv):
    """With the daemon's own sentence."""
    with log_daemon(path, [LOG]):
        assert mgrctl("module", "logs", "gone", *argv, path=path) == (
            2,
            "",
            "Error ENOENT: no module gone\n",
        )


def test_module_logs_n_must_be_a_number(path):
    """EINVAL, before the daemon is asked."""
    assert mgrctl("module", "logs", "hello", "-n", "many", path=path)[0] == 22


@pytest.mark.parametrize("words", [("--timeout", "soon"), ("--timeout", "0"), ("--timeout", "nan")])
def test_a_time_that_is_none_is_named_in_the_operators_words(words, daemon):
    """Not in those of the parser."""
    code, _out, err = mgrctl(*words, "status", path=daemon.path)
    assert code == 22
    assert f"'{words[1]}' must be a number of seconds above 0" in err


@pytest.mark.parametrize("period", ["often", "nan", "1e9"])
def test_a_period_that_is_none_is_refused(period, daemon):
    """In a sentence."""
    code, _out, err = mgrctl("--period", period, "status", path=daemon.path)
    assert code == 22
    assert f"'{period}' must be a number of seconds; 0 runs once" in err


def test_a_file_too_large_to_send_is_a_sentence_and_efbig(tmp_path, daemon):
    """Nothing is sent; the limit is told."""
    file = tmp_path / "large"
    with file.open("wb") as out:
        out.truncate(65 << 20)
    code, _out, err = mgrctl("status", "-i", str(file), path=daemon.path)
    assert code == 27
    assert "not sent" in err
    assert "Traceback" not in err
    assert not daemon.asked
