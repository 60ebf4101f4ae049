"""Strategies for Hypothesis: command descriptors with every field there is, and lines that fit."""

import math
import shlex
import string
from dataclasses import dataclass

from hypothesis import strategies as st

from proto.argtypes import TYPES


names = st.from_regex(r"[a-z][a-z_]{0,5}", fullmatch=True).filter(lambda n: n != "prefix")
literals = st.from_regex(r"[a-z][a-z0-9-]{0,5}", fullmatch=True)
GOODCHARS = {
    "[A-Za-z0-9-_.]": string.ascii_letters + string.digits + "-_.",
    "[0-9a-f]": string.hexdigits.lower(),
    "[a-z]": string.ascii_lowercase,
}


@dataclass(frozen=True)
class Given:
    """One argument of a descriptor, and what an operator and a module make of it."""

    name: str
    text: str  # the argument's word in the descriptor
    kind: str
    many: bool
    count: int
    required: bool
    positional: bool
    words: tuple[str, ...]  # () where it is left out
    value: object


@st.composite
def fields(draw, kind):
    """(the type's own fields, a strategy of (word, JSON value) that it takes)."""
    match kind:
        case "CephInt":
            low, high = sorted(draw(st.tuples(st.integers(), st.integers())))
            bounds = draw(st.sampled_from(["", f",range={low}", f",range={low}|{high}"]))
            least = low if bounds else None
            most = high if "|" in bounds else None
            spell = st.sampled_from([str, hex])
            return bounds, st.builds(lambda n, s: (s(n), n), st.integers(least, most), spell)
        case "CephFloat":
            some = st.floats(allow_nan=False)
            low, high = sorted(draw(st.tuples(some, some)))
            bounds = draw(st.sampled_from(["", f",range={low}", f",range={low}|{high}"]))
            least = low if bounds else None
            most = high if "|" in bounds else None
            values = st.floats(least, most, allow_nan=False)
            return bounds, values.map(lambda f: (repr(f), f))
        case "CephString":
            good = draw(st.sampled_from(["", *GOODCHARS]))
            letters = GOODCHARS.get(good, string.printable)
            words = st.text(letters, max_size=8)
            return f",goodchars={good}" * bool(good), same(words)
        case "CephChoices":
            word = st.text(string.ascii_letters + string.digits + "-_.:", min_size=1, max_size=6)
            choices = draw(st.lists(word, min_size=1, max_size=4, unique=True))
            return f",strings={'|'.join(choices)}", same(st.sampled_from(choices))
        case "CephBool":
            known = {"true": True, "True": True, "1": True, "false": False, "0": False}
            return "", st.sampled_from(sorted(known.items()))
    return "", _PLAIN[kind]


def same(words):
    """Words that are their own value."""
    return words.map(lambda w: (w, w))


_v4 = st.ip_addresses(v=4).map(str)
_v6 = st.ip_addresses(v=6).map(str)
_ports = st.integers(0, 65535)
_addresses = (
    _v4
    | st.builds("{}:{}".format, _v4, _ports)
    | _v6.filter(lambda a: "." not in a)
    | st.builds("[{}]:{}".format, _v6, _ports)
)
_numbers = st.integers(0, 2**40)
_PLAIN = {
    "CephPoolname": same(st.text(max_size=8)),
    "CephObjectname": same(st.text(max_size=8)),
    "CephPgid": same(st.builds("{}.{:x}".format, _numbers, _numbers)),
    "CephName": same(
        st.sampled_from(["*", "mon", "mgr", "osd.*"])
        | st.builds("osd.{}".format, _numbers)
        | st.builds("{}.{}".format, st.sampled_from(["mon", "client", "mds", "mgr"]), literals)
    ),
    "CephOsdName": st.just(("*", "*"))
    | _numbers.map(lambda n: (str(n), n))
    | _numbers.map(lambda n: (f"osd.{n}", n)),
    "CephEntityAddr": same(_v4 | st.builds("{}:{}/{}".format, _v4, _ports, _numbers)),
    "CephIPAddr": same(_addresses) | _v4.map(lambda a: (f"v1:{a}", a)),
    "CephSocketpath": st.nothing(),
    "CephFilepath": st.just(("/dev/../dev/null", "/dev/null")),
    "CephFragment": same(st.builds("0x{:x}/{}".format, _numbers, _numbers)),
    "CephUUID": same(st.uuids().map(str)),
    "CephSizeBytes": st.builds(
        lambda n, u: (f"{n}{u}", n << 10 * (" KMGTP".index(u[:1] or " "))),
        _numbers,
        st.sampled_from(["", "K", "KB", "M", "G", "TB", "P"]),
    ),
}


@st.composite
def arguments(draw, name, kinds, *, last):
    """One argument; only the last may take any number of words."""
    kind = draw(st.sampled_from([k for k in kinds if k != "CephSocketpath"]))
    own, pairs = draw(fields(kind))
    count = draw(st.sampled_from(["", "", ",n=2", ",n=1", *[",n=N"] * last]))
    req = draw(st.sampled_from(["", ",req=true", ",req=false", ",req=False"]))
    positional = draw(st.sampled_from(["", "", "", ",positional=false"]))
    required = "alse" not in req
    many, number = "N" in count, 2 if "2" in count else 1
    shuffled = draw(st.permutations([f",type={kind}", own, count, req, positional]))
    if many:  # a comma in a word parts it into several, save in text that stands in its place
        pairs = pairs.filter(lambda pair: "," not in pair[0])
    size = (1, 3) if many else (number, number)
    taken = draw(st.lists(pairs, min_size=size[0], max_size=size[1]))
    if not required and draw(st.booleans()):
        taken = []
    values = [value for _, value in taken]
    return Given(
        name=name,
        text=f"name={name}{''.join(shuffled)}",
        kind=kind,
        many=many,
        count=number,
        required=required,
        positional=not positional,
        words=tuple(word for word, _ in taken),
        value=None if not values else values if many else values[-1],
    )


@st.composite
def commands(draw, kinds=tuple(TYPES)):
    """(descriptor, words of a line that fits it, the JSON object that the line stands for)."""
    prefix = draw(st.lists(literals, min_size=1, max_size=3))
    called = draw(st.lists(names, max_size=4, unique=True))
    given = [draw(arguments(name, kinds, last=name == called[-1])) for name in called]
    text = " ".join([*prefix, *(g.text for g in given)])
    words, by_name = list(prefix), False
    for argument in given:
        # Behind one that is left out, and for a word that looks like an option, the name is needed.
        by_name = by_name or not argument.words
        named = by_name or not argument.positional
        for word in argument.words:
            if named or word.startswith("--"):
                words += ([f"--{argument.name}={word}"] if word and draw(st.booleans())
                          else [f"--{argument.name}", word] if argument.kind != "CephBool"
                          else [f"--{argument.name}={word}"])  # fmt: skip
            else:
                words.append(word)
    expected = {"prefix": " ".join(prefix)} | {g.name: g.value for g in given if g.words}
    return text, words, expected


def line(words):
    """For people who read a failure."""
    return shlex.join(words)


def equal(one, other):
    """Type and value; a float is itself also as NaN."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other
