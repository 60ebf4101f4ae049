"""The adversary stays where it is: every attempt behind all walls, behind none, and what each wall is for."""

import os

import pytest
from faults.adversary import OPEN, REQUIRE, WALLS, Runner, alone, broken, stopped_by, without
from faults.adversary_page import adversary_page
from faults.adversary_stage import ATTEMPTS, Walls


pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.views]

# Attempts that show what a wall is for, quick ones.
SHOW = {
    "capabilities": ("chown-outside", "become-other"),
    "files": ("read-sibling-file", "write-state", "write-sys"),
    "programs": ("run-program", "run-from-memory"),
    "signals": ("kill-bystander", "abstract-stream"),
    "ports": ("tcp-connect",),
    "sockets": ("udp-send", "netlink-route"),
    "syscalls": ("user-namespace", "limit-sibling"),
    "processes": ("list-processes", "kill-bystander"),
    "ipc": ("shm-of-others", "messages-of-others"),
    "paths": ("unix-stream", "stat-secret"),
    "uid": ("chmod-sibling", "utime-outside"),
    "bus": ("call-sibling", "dump-keys"),
    "limits": ("take-descriptors",),
}


@pytest.fixture(name="found", scope="module")
def fixture_found():
    """What came of every attempt behind all walls and behind none, and of a few without and behind each."""
    with Runner() as runner:
        found = {REQUIRE: runner.run(Walls(), ATTEMPTS)}
        for wall in WALLS:
            found[f"without {wall}"] = runner.run(without(wall), SHOW[wall])
        for wall in WALLS:
            if not any(tried.got_out for tried in found[f"without {wall}"].values()):
                found[f"{wall} alone"] = runner.run(alone(wall), SHOW[wall])
        nothing = Walls(mode="off", bus="warn", limits=False)
        quick = [name for name, attempt in ATTEMPTS.items() if not attempt.limited]
        found[OPEN] = runner.run(nothing, [*quick, *SHOW["limits"]])
    return found


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_attempt_is_denied_where_all_walls_are_required(found, name):
    """It learns no secret and changes nothing outside; what is known to pass says why."""
    tried = found[REQUIRE][name]
    assert not tried.got_out or ATTEMPTS[name].gap, tried


def test_what_the_walls_stop_gets_out_where_there_are_none(found):
    """An attempt that fails by itself shows nothing: each either gets out, or says what else stops it."""
    idle = [t for name, t in found[OPEN].items() if not (t.got_out or ATTEMPTS[name].closed)]
    assert idle == []


@pytest.mark.parametrize("wall", WALLS)
def test_each_wall_is_seen_to_matter(found, wall):
    """Without it something gets out; or it stops alone what other walls stop as well."""
    if wall in ("capabilities", "uid") and os.geteuid():
        pytest.skip("takes root")
    missing = found[f"without {wall}"]
    if not any(tried.got_out for tried in missing.values()):
        by_itself = found[f"{wall} alone"]
        assert any(found[OPEN][n].got_out and not t.got_out for n, t in by_itself.items()), missing


def test_every_family_is_tried():
    """Names are unique, and each kind of way out has its attempts."""
    families = {attempt.family for attempt in ATTEMPTS.values()}
    assert len(families) == 9
    assert all(attempt.what for attempt in ATTEMPTS.values())


def test_the_page_hides_nothing():
    """What gets out behind all walls heads the page; the walls that stop the rest are named, alone or together."""
    denied, out = ["denied", "EACCES", ""], ["got out", "", "the secret was read"]
    names = ("stat-secret", "read-sibling-file", "tcp-connect", "forged-source")
    runs = {
        "require": dict(zip(names, (out, denied, denied, denied), strict=True)),
        "nothing at all": dict(zip(names, (out, out, out, denied), strict=True)),
        "without files": {"read-sibling-file": out, "tcp-connect": denied},
        "without ports": {"read-sibling-file": denied, "tcp-connect": denied},
        "ports alone": {"tcp-connect": denied},
        "sockets alone": {"tcp-connect": denied},
        "files alone": {"tcp-connect": out},
    }
    for label in ("best-effort", "best-effort, no Landlock", "off"):
        runs[label] = runs["require"]
    part = {"host": "here", "walls": ["files", "ports", "sockets", "limits"], "runs": runs}
    assert stopped_by(part, "read-sibling-file") == ["files"]
    assert stopped_by(part, "tcp-connect") == ["ports", "sockets"]
    page = adversary_page({**part, "runs": {**runs, **dict.fromkeys(_grants(), runs["require"])}})
    assert "- *stat-secret*: " in page
    assert "| **got out** | **got out** | nothing yet |" in page
    assert "2 walls, each alone: ports, sockets" in page
    assert ATTEMPTS["forged-source"].closed in page
    assert broken(part) == ["no attempt shows what the wall limits is for"]


def _grants():
    from faults.adversary import GRANTS

    return GRANTS
