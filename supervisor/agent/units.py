"""A daemon as a systemd unit: its name, its file, and what systemd says of it. Pure.

The unit goes to /etc/systemd/system and is enabled while the daemon is to run: it comes back after
a reboot, whether or not there is an agent by then. Its output goes to the journal, which bounds it.
"""

import signal
from collections.abc import Mapping, Sequence

from supervisor.agent.course import FIRST_DELAY, LONGEST_DELAY, State
from supervisor.agent.definition import Definition
from supervisor.core.deaths import killed


GROWING_DELAYS = 254  # the systemd since which there are RestartSteps= and RestartMaxDelaySec=
PLAIN_DELAY = 5.0  # seconds, for an older one
SHORTEST_STOP = 0.001  # seconds; systemd takes 0 for no limit
STARTED = "ExecMainStartTimestampMonotonic"  # microseconds of CLOCK_MONOTONIC
STATUS = "ExecMainStatus"
PROPERTIES = ("Id", "ActiveState", "SubState", "MainPID", "NRestarts", STARTED, STATUS)
_SYSTEMDS_OWN = range(200, 243)  # exit codes of systemd's own, before the program is executed
_STATES = {
    "active": State.RUNNING,
    "reloading": State.RUNNING,
    "activating": State.STARTING,
    "failed": State.ERROR,
}
# In the order in which systemd writes them; what the shell does not know stays empty.
_NOTE = 'echo "$EXIT_CODE $EXIT_STATUS $(date +%s)" > "$0"'


def unit_name(instance: str, daemon: str) -> str:
    """Of the daemon's unit."""
    return f"mgr-agent-{instance}-{daemon}.service"


def daemon_name(instance: str, unit: str) -> str | None:
    """The daemon that a unit is of; None: it is not ours."""
    prefix, suffix = f"mgr-agent-{instance}-", ".service"
    ours = unit.startswith(prefix) and unit.endswith(suffix)
    return unit[len(prefix) : -len(suffix)] if ours else None


def unit_text(definition: Definition, program: str, folder: str, ended: str, version: int) -> str:
    """The unit file. `program` is where the command's program is, `ended` the file that each end is
    written to, `version` systemd's.
    """
    command = [program, *definition.command[1:]]
    delays = [f"RestartSec={PLAIN_DELAY:g}"]
    if version >= GROWING_DELAYS:
        delays = [
            f"RestartSec={FIRST_DELAY:g}",
            "RestartSteps=6",
            f"RestartMaxDelaySec={LONGEST_DELAY:g}",
        ]
    lines = [
        "[Unit]",
        f"Description=Ceph daemon {_percent(definition.name)}, deployed by mgr-supervisor",
        "After=network-online.target",
        "Wants=network-online.target",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart=:{_words(command)}",
        f"ExecStopPost=-:/bin/sh -c {quoted(_NOTE)} {quoted(ended)}",
        f"WorkingDirectory={_percent(folder)}",
        *(f"Environment={quoted(f'{k}={v}')}" for k, v in sorted(definition.environment.items())),
        f"Restart={definition.restart}",  # the words are systemd's
        *delays,
        f"TimeoutStopSec={max(definition.stop_seconds, SHORTEST_STOP):g}",
        "UMask=0027",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
        "",
    ]
    return "\n".join(lines)


def quoted(text: str) -> str:
    """One word of a unit file, whatever is in it; the line must not expand variables."""
    out = []
    for character in _percent(text):
        if character in '"\\':
            out.append("\\" + character)
        elif character < " " or character == "\x7f":
            out.append(f"\\x{ord(character):02x}")
        else:
            out.append(character)
    return f'"{"".join(out)}"'


def shown(output: str) -> dict[str, dict[str, str]]:
    """The properties by unit, from what `systemctl show` prints for several."""
    units = {}
    for block in output.strip().split("\n\n"):
        properties = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" in properties:
            units[properties["Id"]] = properties
    return units


def state_of(properties: Mapping[str, str]) -> State:
    """What `list` shows. One that waits to be started again is in error, as cephadm has it."""
    if properties.get("SubState") == "auto-restart":
        return State.ERROR
    if properties.get("ActiveState") == "deactivating":
        return State.STOPPED if properties.get("MainPID") == "0" else State.RUNNING
    return _STATES.get(properties.get("ActiveState", ""), State.STOPPED)


def was_executed(properties: Mapping[str, str]) -> bool:
    """Whether the program was started at all, however it ended."""
    started = properties.get(STARTED, "0") != "0"
    return started and int(properties.get(STATUS, "0")) not in _SYSTEMDS_OWN


def end_of(note: str) -> tuple[str, int] | None:
    """The last end in half a sentence and when, seconds since the epoch, from the file `ended`."""
    words = note.split()
    if len(words) != 3 or not words[2].isdecimal():
        return None
    code, status, at = words[0], words[1], int(words[2])
    if code == "exited":
        return f"exited with code {status}", at
    try:
        number = signal.Signals[f"SIG{status}"]
    except KeyError:
        return f"{code} by signal {status}", at
    return killed(-number, code == "dumped", 0), at


def _words(words: Sequence[str]) -> str:
    return " ".join(quoted(word) for word in words)


def _percent(text: str) -> str:
    return text.replace("%", "%%")
