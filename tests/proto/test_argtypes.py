"""Each argument type accepts, refuses and turns words into values as the ceph client does."""

import math
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proto.argtypes import TYPES, ArgumentRefused, CephFilepath, CephFragment, CephSizeBytes
from proto.descriptor import Signature
from tests import cephclient


def kind(type_name, **fields):
    """The type as a descriptor makes it."""
    text = ",".join(["name=x", f"type={type_name}", *(f"{k}={v}" for k, v in fields.items())])
    return Signature.parse(f"cmd {text}").arguments[0].type


VARIANTS = [
    ("CephInt", {}),
    ("CephInt", {"range": "0|100"}),
    ("CephInt", {"range": "-5"}),
    ("CephFloat", {}),
    ("CephFloat", {"range": "0.0|1.0"}),
    ("CephString", {}),
    ("CephString", {"goodchars": "[A-Za-z0-9-_.]"}),
    ("CephString", {"goodchars": "abc"}),
    ("CephString", {"goodchars": "^[a-c]"}),
    ("CephChoices", {"strings": "a|b||--yes-i-mean-it"}),
    ("CephBool", {}),
    ("CephPoolname", {}),
    ("CephObjectname", {}),
    ("CephPgid", {}),
    ("CephName", {}),
    ("CephOsdName", {}),
    ("CephEntityAddr", {}),
    ("CephIPAddr", {}),
    ("CephUUID", {}),
]

PIECES = [
    "0",
    "1",
    "-1",
    "+1",
    "10",
    "0x10",
    "0b1",
    "010",
    "1_0",
    "ff",
    "g",
    "x",
    "é",
    "٣",
    ".",
    "..",
    ":",
    "::",
    "/",
    "-",
    "--",
    "_",
    "*",
    "~",
    "[",
    "]",
    "%",
    "|",
    ",",
    "=",
    '"',
    "'",
    "\\",
    "osd",
    "mon",
    "mds",
    "mgr",
    "client",
    "osd.",
    "mon.a",
    "osd.1",
    "any:",
    "v1:",
    "v2:",
    "1.2.3.4",
    "1.2.3.4:80",
    "256.1.1.1",
    "::1",
    "[::1]",
    "[::1]:80",
    "fe80::1",
    "abcd",
    "true",
    "false",
    "True",
    "YES",
    "no",
    "a",
    "b",
    "A",
    "nan",
    "inf",
    "1e3",
    "1.5",
    "99999",
    "65535",
    "65536",
    "--yes-i-mean-it",
    "12345678-1234-5678-1234-567812345678",
    "urn:uuid:",
    "{",
    "}",
]

words = st.one_of(
    st.sampled_from(PIECES),
    st.lists(st.sampled_from([*PIECES, " "]), max_size=4).map("".join),
    st.text(max_size=6),
)


def ours(argtype, word):
    try:
        return argtype.value(word)
    except ArgumentRefused:
        return ArgumentRefused


def same(one, other):
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return type(one) is type(other) and one == other


@pytest.mark.ceph
@pytest.mark.parametrize(
    ("name", "fields"), VARIANTS, ids=lambda v: v if isinstance(v, str) else "-".join(v.values())
)
def test_words_are_accepted_refused_and_converted_as_by_the_ceph_client(name, fields):
    """Same verdict and same value for any word, save where that client crashes."""
    mine = kind(name, **fields)

    @given(words)
    def compare(word):
        theirs = getattr(cephclient.library(), name)(**fields)
        try:
            theirs.valid(word)
            expected = theirs.val
        except cephclient.library().ArgumentError:
            expected = ArgumentRefused
        except (ValueError, IndexError):
            return
        assert same(ours(mine, word), expected), (word, expected)

    compare()


@pytest.mark.ceph
@pytest.mark.parametrize(
    ("name", "fields"), VARIANTS, ids=lambda v: v if isinstance(v, str) else "-".join(v.values())
)
def test_a_refusal_says_what_the_ceph_client_says(name, fields):
    """An operator reads the same sentence from both clients."""
    mine = kind(name, **fields)
    for word in [
        *PIECES,
        "",
        "1.2.3",
        "1.2.3.4:99999",
        "1.2.3.4/x",
        "1.g",
        "osd.x",
        "foo.1",
        "A b",
    ]:
        said = ""
        try:
            getattr(cephclient.library(), name)(**fields).valid(word)
        except cephclient.library().ArgumentError as error:
            said = str(error)
        except (ValueError, IndexError):
            continue
        if said:
            with pytest.raises(ArgumentRefused) as refusal:
                mine.value(word)
            # The bad characters of a string come from a set over there, in any order.
            assert sorted(str(refusal.value)) == sorted(said)


@pytest.mark.ceph
def test_describe_and_usage_are_those_of_the_ceph_client():
    """Usage lines and error texts name types as operators know them."""
    for name in set(TYPES) - {"CephSizeBytes"}:
        for fields in [f for n, f in VARIANTS if n == name] or [{}]:
            desc = cephclient.library().argdesc(
                getattr(cephclient.library(), name), name="some_name", **fields
            )
            assert kind(name, **fields).describe() == str(desc.instance), name
            assert (
                Signature.parse(
                    f"c {','.join(['name=some_name', f'type={name}', *(f'{k}={v}' for k, v in fields.items())])}"
                )
                .arguments[0]
                .usage()
                == desc.helpstr()
            ), name


@pytest.mark.parametrize(
    ("word", "size"),
    [
        ("0", 0),
        ("4096", 4096),
        ("5K", 5120),
        ("5KB", 5120),
        ("10MB", 10 << 20),
        ("1G", 1 << 30),
        ("2TB", 2 << 40),
        ("1P", 1 << 50),
        ("500B", 500),
        ("10 MB", 10 << 20),
    ],
)
def test_a_size_becomes_bytes(word, size):
    """Units are powers of 1024."""
    assert CephSizeBytes().value(word) == size


@pytest.mark.parametrize("word", ["", "GB", "50XYZ", "-1", "1.5G", "1GG", "K5"])
def test_a_malformed_size_is_refused(word):
    """The sentence says what is allowed."""
    with pytest.raises(ArgumentRefused, match="size: a number"):
        CephSizeBytes().value(word)


@pytest.mark.parametrize("word", ["0x2a/6", "0x0/0"])
def test_a_directory_fragment_is_accepted(word):
    """Although the 16.2.15 client refuses every one of them."""
    assert CephFragment().value(word) == word


@pytest.mark.parametrize("word", ["", "1", "1/2", "0xg/2", "0x1/", "0x1/x", "0x1/2/3"])
def test_a_malformed_fragment_is_refused(word):
    """Both halves are checked."""
    with pytest.raises(ArgumentRefused):
        CephFragment().value(word)


@pytest.mark.parametrize(
    "word",
    ["1.2.3.4:", "1.2.3.4:x", "v3:1.2.3.4:8", "1.2.3.4:0/0/0", "::ffff:1.2.3.4/x", "[::1", "[]"],
)
@pytest.mark.parametrize("name", ["CephIPAddr", "CephEntityAddr"])
def test_an_address_that_crashes_the_ceph_client_is_refused_with_a_sentence(name, word):
    """Never a traceback for an operator's mistake."""
    with pytest.raises(ArgumentRefused):
        kind(name).value(word)


@pytest.mark.parametrize("word", ["[::1]", "[::1]:", "::ffff:1.2.3.4", "any:1.2.3.4"])
def test_an_address_that_the_ceph_client_only_fails_to_parse_is_accepted(word):
    """Valid addresses are valid."""
    assert kind("CephIPAddr").value(word) == word.removeprefix("any:")


def test_a_socket_path_must_be_a_socket(tmp_path):
    """A missing file, a folder and a plain file are refused."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        assert kind("CephSocketpath").value(str(path)) == str(path)
    (tmp_path / "plain").touch()
    for word in [str(tmp_path), str(tmp_path / "plain"), str(tmp_path / "gone"), "", "a\0b"]:
        with pytest.raises(ArgumentRefused, match="socket path"):
            kind("CephSocketpath").value(word)


def test_a_file_path_becomes_absolute_and_its_folder_must_exist(tmp_path, monkeypatch):
    """The module that gets it may run elsewhere."""
    monkeypatch.chdir(tmp_path)
    assert CephFilepath().value("out") == str(tmp_path / "out")
    assert CephFilepath().value("a/../out") == str(tmp_path / "out")
    with pytest.raises(ArgumentRefused, match="cannot create file in"):
        CephFilepath().value("nowhere/out")


def test_every_type_describes_itself_in_descriptor_fields():
    """A type built from its own fields is equal to it."""
    for name, fields in VARIANTS:
        argtype = kind(name, **fields)
        assert type(argtype).from_fields(argtype.fields()) == argtype
