"""Words select the command, and give the arguments, that the ceph client would send."""

from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from mgrctl.commands import Command, match
from mgrctl.errors import Refused

from proto.descriptor import Signature
from tests import cephclient


DESCRIPTORS = tuple((Path(__file__).parent / "commands-16.2.15.txt").read_text().splitlines())

LINES = """
status
stat
health
health detail
health detial
healthx
osd
osd tree
osd tre
osd t
osd tree json
osd tree 5
osd tree 5 up down
osd tree up
osd tree up nonsense
osd tree 5 6
osd tree -1
osd tree json extra
osd dump
osd dump 3
osd dump three
osd df
osd df tree
osd df tree class ssd
osd df plain name default
osd df nonsense
osd pool
osd pool create
osd pool create x
osd pool create x 8
osd pool create x 8 8
osd pool create x 0x10
osd pool create x 010
osd pool create x -1
osd pool create x y
osd pool create x y z
osd pool create x 8 8 erasure
osd pool create x 8 8 erasure default
osd pool create x 8 replicated
osd pool create x erasure 8
osd pool create x --pg-num 8
osd pool create x --pg_num=8
osd pool create --pool x --pg-num=8
osd pool create --pool=x --pg-num=abc
osd pool create x --pg-num
osd pool create x --pg-num=
osd pool create x 8 --pg-num 9
osd pool create x --bulk
osd pool create x --bulk=false
osd pool create x --bulk --target-size-ratio 0.5
osd pool create x --target_size_ratio half
osd pool create x --nonsense
osd pool create x --autoscale-mode on
osd pool create x --autoscale-mode maybe
osd pool create x 8 8 replicated p r 5 3 1 32 on --bulk
osd pool rm x
osd pool rm x x --yes-i-really-really-mean-it
osd pool rm x x --yes-i-really-mean-it
osd pool delete
osd pool set x size 3
osd pool set x size
osd pool set x nonsense 3
osd pool set x size 3 --yes-i-really-mean-it
osd pool get x size
osd pool get x siz
osd pool ls
osd pool ls detail
osd pool ls details
osd pool stats
osd pool stats x
osd pool application get
osd pool application get x
osd out
osd out 0
osd out 0 1 2
osd out osd.0 osd.1
osd out any
osd out --ids 1 2
osd out --ids=1 --ids 2
osd in 0 --nonsense
osd down 0 --definitely-dead
osd down 0 1 --definitely-dead
osd find 0
osd find osd.0
osd find osd.x
osd find mon.a
osd find -1
osd find *
osd reweight 0 0.5
osd reweight osd.0 1.5
osd reweight 0 -0.5
osd reweight 0 half
osd reweight 0
osd reweight
osd set noout
osd set nonsense
osd set noout --yes-i-really-mean-it
osd unset noout
osd crush tree
osd crush rule ls
osd crush add 0 1.0 host=a root=default
osd crush add osd.0 1.0 host=a root=b!d
osd crush add osd.0 one host=a
osd crush move a root=default
osd crush reweight osd.0 1
osd blocklist add 1.2.3.4:6800/5
osd blocklist add 1.2.3.4:6800/x
osd blocklist add nonsense
osd blocklist add 1.2.3.4 60.5
osd blocklist ls
osd map x obj
osd map x obj ns
osd map x
osd new 12345678-1234-5678-1234-567812345678
osd new nonsense
osd new 12345678-1234-5678-1234-567812345678 3
osd primary-affinity 0 0.5
osd primary-affinity 0 2.0
osd pg-temp 1.0 0 1
osd pg-temp 1.0
osd pg-temp 1.x 0
osd pg-upmap-items 1.0 0 1
pg dump
pg dum
pg dump all
pg dump pgs_brief osds
pg dump nonsense
pg ls
pg ls 1
pg ls 1 active clean
pg ls active
pg map 1.0
pg map 1
pg map 1.zz
pg scrub 1.0
pg deep-scrub -1.0
config get mon.a
config get mon.a --foo
config get mon.a debug_mon
config set global a b
config set global a
config set global a b --force
config set global a --force
config set global a --force b
config set global a -5
config rm global a
config dump
config-key set a b
config-key set a
config-key set
config-key get a
config-key ls
config log 5
config log five
log last
log last 5
log last 5 debug
log last 5 debug cluster
log last nonsense
log hello world
log
mgr module ls
mgr module enable x
mgr module enable x --force
mgr module enable
mgr module disable x
mgr services
mgr fail
mgr fail x
balancer status
balancer mode upmap
balancer mode nonsense
balancer on
balancer eval
balancer eval p extra
crash ls
crash info
crash info x
crash post
device ls
device light on x
device light on x ident --force
device light maybe x
iostat
iostat 80 true
iostat --width 80 --print-header
iostat eighty
orch ps
orch ps a b
orch ps --daemon_type osd --refresh
orch start x
orch stop x y
orch frobnicate x
orch host add a
orch host add a 1.2.3.4 l1 l2
orch apply rgw x --port 80
orch apply rgw x --port eighty
orch daemon add osd h:/dev/sda
orch device ls --wide
orch device ls a b --refresh --format json
orch osd rm 1 2 3 --force
orch upgrade start --image x --limit 3
telemetry show
telemetry on
telemetry on --license sharing-1-0
progress
progress json
fs ls
fs status
fs status x
fs new a b c
fs new a b c --force
fs new a b c --fscid
fs set a max_mds 2
fs set a nonsense 2
auth add client.x mon
auth get client.x
auth get-or-create client.x mon all osd all
auth ls
mon dump
mon add a 1.2.3.4
mon add a 1.2.3.4:6789
mon add a nonsense
mon rm a
quorum_status
quorum_statu
tell
injectargs --debug-mon 5
nonsense
nonsense words here
--
--pool x osd pool create
osd --pool x pool create
-1
""".strip("\n").splitlines()


def ours(words, descriptors):
    commands = [Command(Signature.parse(text), f"help {i}") for i, text in enumerate(descriptors)]
    try:
        return match(words, commands).arguments, ""
    except Refused as error:
        return None, str(error)


def near(line):
    """The commands that begin as the line does: no other one can be close. Else all of them."""
    return tuple(d for d in DESCRIPTORS if d.split()[0] == line.partition(" ")[0]) or DESCRIPTORS


def test_the_corpus_has_lines_of_every_sort():
    """Enough of them, with both verdicts."""
    verdicts = [ours(line.split(), near(line))[0] is not None for line in LINES]
    assert len(LINES) >= 200
    assert sum(verdicts) >= 80
    assert verdicts.count(False) >= 60


@pytest.mark.ceph
def test_a_line_gives_the_ceph_clients_dict_or_its_refusal():
    """With all commands of a 16.2.15 cluster: the same dict, or the same sentences."""
    for line in ["", *LINES]:
        words = line.split()
        assert ours(words, near(line)) == cephclient.validate(near(line), words), line


WORDS = [
    "osd",
    "pool",
    "os",
    "tree",
    "a",
    "1",
    "2",
    "-1",
    "osd.1",
    "osd.x",
    "x",
    "b",
    "true",
    "false",
    "--foo",
    "--foo=1",
    "--bar-x",
    "--bar_x=x",
    "--force",
    "--yes",
    "--yes-i-really-mean-it",
    "--yes-i-really-really-mean-it",
    "--",
    "1.5",
    "*",
    "--pool",
    "--pool=x",
    "-f",
    "injectargs",
    "tre",
    "po",
    "o",
]
LITERALS = ["osd", "pool", "os", "tree", "a"]
TYPES = [
    "CephInt",
    "CephInt,range=0|10",
    "CephString",
    "CephChoices,strings=osd|b",
    "CephChoices,strings=--force",
    "CephBool",
    "CephOsdName",
    "CephPoolname",
    "CephFloat",
]


@st.composite
def descriptors(draw):
    """A signature over few words, so that several of them compete."""
    names = draw(st.lists(st.sampled_from(["foo", "bar_x", "pool", "q"]), unique=True, max_size=3))
    items = draw(st.lists(st.sampled_from(LITERALS), min_size=1, max_size=3))
    for name in names:
        kind, req, n = (
            draw(st.sampled_from(s))
            for s in (TYPES, ["", "", ",req=false"], ["", "", ",n=N", ",n=2"])
        )
        items.append(f"name={name},type={kind}{req}{n}")
    return " ".join(draw(st.permutations(items)) if draw(st.integers(0, 9)) == 0 else items)


@st.composite
def command_lines(draw):
    """Several signatures, and words that come near one of them."""
    known = draw(st.lists(descriptors(), min_size=1, max_size=6))
    words = []
    for item in draw(st.sampled_from(known)).split():
        if draw(st.integers(0, 12)) == 0:
            words.append(draw(st.sampled_from(WORDS)))
        if "=" in item:
            words += draw(st.lists(st.sampled_from(WORDS), max_size=2))
        else:
            words.append(item if draw(st.integers(0, 20)) else item[:2])
    return known, words + draw(st.lists(st.sampled_from(WORDS), max_size=1))


@pytest.mark.ceph
@settings(max_examples=600, deadline=None)
@given(command_lines())
@example(
    (
        [
            "osd",
            "osd x name=a,type=CephChoices,strings=osd|b",
            "osd name=a,type=CephChoices,strings=osd|b",
        ],
        ["osd", "os"],
    )
)
def test_any_words_against_any_commands_end_as_in_the_ceph_client(drawn):
    """Save that a command is never taken when its name is incomplete."""
    known, words = drawn
    expected = cephclient.validate(known, words)
    if expected[0]:
        assume(expected[0]["prefix"] in {Signature.parse(text).prefix for text in known})
    assert ours(words, known) == expected


def refused(line, *texts):
    with pytest.raises(Refused) as error:
        match(line.split(), [Command(Signature.parse(t), "what it does") for t in texts])
    return str(error.value)


def test_a_refused_word_names_the_argument_and_shows_the_usage():
    """Golden sentences, without the ceph client."""
    create = (
        "osd pool create name=pool,type=CephPoolname name=pg_num,type=CephInt,range=0,req=false"
    )
    usage = "osd pool create <pool> [<pg_num:int>] :  what it does"
    assert refused("osd pool create x -1", create) == (
        f"-1 not valid:  -1 not in range [0]\nInvalid command: unused arguments: ['-1']\n{usage}"
    )
    assert refused("osd pool create", create) == (
        f"Invalid command: missing required parameter pool(<poolname>)\n{usage}"
    )
    assert refused("osd pool create x --nonsense", create) == (
        f"Invalid command: Unexpected argument '--nonsense'\n{usage}"
    )


def test_unknown_words_list_at_most_ten_of_the_closest_commands():
    """The list stays readable."""
    texts = [f"osd cmd{i}" for i in range(20)]
    assert refused("osd nonsense", *texts, "pg dump") == "\n".join(
        ["no valid command found; 10 closest matches:", *texts[:10]]
    )


def test_an_option_only_argument_is_not_filled_by_position():
    """positional=false, as newer modules declare it."""
    command = Command(
        Signature.parse(
            "ls name=a,type=CephString,req=false name=format,type=CephString,req=false,positional=false"
        )
    )
    assert match(["ls", "x", "--format", "json"], [command]).arguments == {
        "prefix": "ls",
        "a": "x",
        "format": "json",
    }
    assert match(["ls", "--format=json"], [command]).arguments == {"prefix": "ls", "format": "json"}
    with pytest.raises(Refused, match="unused arguments"):
        match(["ls", "x", "json"], [command])


def test_an_argument_may_stand_before_a_literal():
    """The grammar does not put literals first."""
    command = Command(Signature.parse("orch name=action,type=CephChoices,strings=start|stop now"))
    assert match(["orch", "stop", "now"], [command]).arguments == {
        "prefix": "orch now",
        "action": "stop",
    }
