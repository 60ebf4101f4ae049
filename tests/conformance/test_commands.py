"""What an operator may type, and what of it arrives at a module's handler."""

import json

import pytest


def typed(subject, words, *more, **options):
    """What arrives of a line that is accepted: the arguments without what every command has."""
    arrived = json.loads(subject.ok(words, *more, **options))["cmd"]
    del arrived["prefix"], arrived["target"]
    return subject.shows(arrived)


def refused(subject, words, *more):
    """The first line of why a line is not accepted; nothing is sent."""
    answered = subject.run(words, *more)
    assert (answered.code, answered.out) == (22, "")
    lines = answered.err.splitlines()
    assert lines[-1] == "Error EINVAL: invalid command"
    return subject.shows(lines[0])


def test_dict(subject):
    """A handler gets a dict of the command's words, under "prefix", of the arguments given, and of
    a "target"; it gets "" where no file is sent.
    """
    assert json.loads(subject.ok("probe echo word 3")) == {
        "inbuf": "",
        "cmd": {
            "prefix": "probe echo", "word": "word", "number": 3, "target": ["mon-mgr", ""],
        },
    }  # fmt: skip


def test_optional_missing(subject):
    """An optional argument that is not given is not in the dict."""
    assert typed(subject, "probe echo") == {}


def test_capital_req(subject):
    """`req=False` means the same as `req=false`."""
    assert typed(subject, "argued capital") == {}


def test_optional_skipped(subject):
    """A word that an optional argument cannot take is left to the next argument."""
    assert typed(subject, "argued optional word") == {"word": "word"}
    assert typed(subject, "argued optional 5") == {"number": 5}


def test_optional_order(subject):
    """Optional arguments are taken in order."""
    assert refused(subject, "argued optional word 5") == (
        "Invalid command: unused arguments: ['5']"
    )


def test_int(subject):
    """A CephInt is a number, decimal or with 0x."""
    assert typed(subject, "probe ranged 10") == {"number": 10}
    assert typed(subject, "probe ranged 0x5") == {"number": 5}


def test_int_refused(subject):
    """A CephInt takes no fraction."""
    assert refused(subject, "probe ranged 1.5") == ("Invalid command: 1.5 doesn't represent an int")


def test_range(subject):
    """A number outside its range is refused, with the range."""
    assert refused(subject, "probe ranged 11") == "Invalid command: 11 not in range [1, 10]"
    assert refused(subject, "probe ranged -1") == "Invalid command: -1 not in range [1, 10]"


def test_open_range(subject):
    """A range may have a lower end only."""
    assert typed(subject, "argued lower 500") == {"number": 500}
    assert refused(subject, "argued lower 4") == "Invalid command: 4 not in range [5]"


def test_float(subject):
    """A CephFloat is a number in any of Python's spellings."""
    assert typed(subject, "probe floating 0.5") == {"number": 0.5}
    assert typed(subject, "probe floating 1e-3") == {"number": 0.001}


def test_float_range(subject):
    """A range of a CephFloat is shown as floats."""
    assert refused(subject, "probe floating 1.1") == (
        "Invalid command: 1.1 not in range [0.0, 1.0]"
    )


def test_float_refused(subject):
    """A CephFloat takes no word."""
    assert refused(subject, "probe floating x") == "Invalid command: x doesn't represent a float"


def test_nan(subject):
    """NaN passes a range and is no JSON: the manager refuses the command."""
    answered = subject.run("probe floating nan")
    assert (answered.code, answered.out) == (22, "")
    assert answered.err == (
        'Error EINVAL: unparseable JSON {"prefix": "probe floating", "number": NaN, '
        '"target": ["mon-mgr", ""]}\n'
    )


def test_string(subject):
    """A CephString may hold blanks, and may be empty."""
    assert typed(subject, "probe named", "a b", "") == {"first": "a b", "second": ""}


def test_string_ascii(subject):
    """A CephString that does not say its characters takes printable ASCII only."""
    assert refused(subject, "probe named", "ä") == "Invalid command: invalid chars ä in ä"


def test_goodchars(subject):
    """goodchars names the characters that a CephString may have."""
    assert typed(subject, "probe good abc") == {"word": "abc"}
    assert refused(subject, "probe good abd") == "Invalid command: invalid chars d in abd"


def test_goodchars_keyword(subject):
    """They hold for a value given by name as well."""
    assert refused(subject, "probe good --word=zz") == "Invalid command: invalid chars z in zz"


def test_choices(subject):
    """A CephChoices takes one of its strings."""
    assert typed(subject, "probe choose two") == {"what": "two"}
    assert refused(subject, "probe choose four") == ("Invalid command: four not in one|two|three")


def test_choices_abbreviated(subject):
    """A choice cannot be abbreviated."""
    assert refused(subject, "probe choose tw") == "Invalid command: tw not in one|two|three"


def test_bool_flag(subject):
    """A CephBool is given as a flag."""
    assert typed(subject, "probe switch --on") == {"on": True}
    assert typed(subject, "probe switch") == {}


def test_bool_words(subject):
    """A CephBool may be given as true, false, 1 or 0."""
    assert typed(subject, "probe switch true") == {"on": True}
    assert typed(subject, "probe switch 0") == {"on": False}
    assert typed(subject, "probe switch --on=false") == {"on": False}


def test_bool_refused(subject):
    """A CephBool takes no other word; what an optional argument refused is told first."""
    answered = subject.run("probe switch yes")
    assert answered.code == 22
    assert answered.err.splitlines()[:2] == [
        "yes not valid:  yes not one of 'true', 'false'",
        "Invalid command: unused arguments: ['yes']",
    ]


def test_osd_name(subject):
    """A CephOsdName is a number or osd.number, arrives as a number, and may be *."""
    assert typed(subject, "probe place osd.3") == {"osd": 3}
    assert typed(subject, "probe place *") == {"osd": "*"}


def test_osd_name_refused(subject):
    """A CephOsdName is an OSD's, and its number is not below 0."""
    assert refused(subject, "probe place mon.a") == "Invalid command: unknown type mon"
    assert refused(subject, "probe place osd.x") == "Invalid command: osd id x not integer"
    assert refused(subject, "probe place -1") == "Invalid command: osd id -1 is less than 0"


def test_name(subject):
    """A CephName is a daemon's or client's, type.id, or *, or a type alone for mon and mgr."""
    assert typed(subject, "probe daemon osd.1") == {"who": "osd.1"}
    assert typed(subject, "probe daemon mgr") == {"who": "mgr"}


def test_name_refused(subject):
    """A CephName has a known type, and an OSD's is a number."""
    assert refused(subject, "probe daemon foo") == "Invalid command: CephName: no . in foo"
    assert refused(subject, "probe daemon foo.a") == "Invalid command: unknown type foo"
    assert refused(subject, "probe daemon osd.a") == "Invalid command: osd id a not integer"


def test_pgid(subject):
    """A CephPgid is a pool's number, a dot, and a hexadecimal number."""
    assert typed(subject, "probe group 1.2f") == {"pg": "1.2f"}


def test_pgid_refused(subject):
    """Each part of a CephPgid is checked."""
    assert refused(subject, "probe group 12") == "Invalid command: pgid has no ."
    assert refused(subject, "probe group x.1") == "Invalid command: pool x not integer"
    assert refused(subject, "probe group 1.g") == "Invalid command: pgnum g not hex integer"


def test_uuid(subject):
    """A CephUUID arrives as it was typed; what is none is refused in Python's words."""
    uuid = "6f1b7e0e-3d6f-4c6e-9d3e-111111111111"
    assert typed(subject, f"probe identity {uuid}") == {"uuid": uuid}
    assert refused(subject, "probe identity nonsense") == (
        "Invalid command: invalid UUID nonsense: badly formed hexadecimal UUID string"
    )


def test_address(subject):
    """A CephIPAddr is an address of either kind, perhaps with a port."""
    assert typed(subject, "probe address 1.2.3.4:80") == {"addr": "1.2.3.4:80"}
    assert typed(subject, "probe address [::1]:80") == {"addr": "[::1]:80"}


def test_address_prefix(subject):
    """A prefix v2: is taken off a CephIPAddr."""
    assert typed(subject, "probe address v2:::1") == {"addr": "::1"}


def test_address_refused(subject):
    """Names, incomplete addresses and ports beyond 65535 are no CephIPAddr."""
    assert refused(subject, "probe address name") == "Invalid command: name not valid IPv6 address"
    assert refused(subject, "probe address 1.2.3") == (
        "Invalid command: 1.2.3: invalid IPv4 address"
    )
    assert refused(subject, "probe address 1.2.3.4:70000") == (
        "Invalid command: 70000: invalid IPv4 port"
    )


def test_entity(subject):
    """A CephEntityAddr may have a nonce, which is a number."""
    assert typed(subject, "probe entity 1.2.3.4:6800/20") == {"addr": "1.2.3.4:6800/20"}
    assert refused(subject, "probe entity 1.2.3.4/x") == (
        "Invalid command: 1.2.3.4/x: invalid entity, nonce x not integer > 0"
    )


def test_pool(subject):
    """Whether a CephPoolname exists is not looked at, nor a CephObjectname."""
    assert typed(subject, "probe pool none-such") == {"pool": "none-such"}
    assert typed(subject, "probe object an/object") == {"object": "an/object"}


def test_filepath(subject):
    """A CephFilepath can be read or can be created, from where the operator is."""
    assert typed(subject, "probe file /etc/passwd") == {"path": "/etc/passwd"}
    assert refused(subject, "probe file /nowhere/file") == (
        "Invalid command: cannot create file in /nowhere"
    )


@pytest.mark.deviates("a word of type CephFragment")
def test_fragment(subject):
    """A CephFragment is a hexadecimal value and a number of bits."""
    if subject.here:
        assert typed(subject, "probe fragment 0x2a/6") == {"frag": "0x2a/6"}
    else:
        assert refused(subject, "probe fragment 0x2a/6") == (
            "Invalid command: can't convert 0x2a to integer"
        )


def test_fragment_refused(subject):
    """A CephFragment has a slash, and its value begins with 0x."""
    assert refused(subject, "probe fragment 12") == "Invalid command: 12: no /"
    assert refused(subject, "probe fragment 2/6") == "Invalid command: 2 not a hex integer"


def test_socket_path(subject):
    """A CephSocketpath is a socket's."""
    assert refused(subject, "argued socket /etc/passwd") == (
        "Invalid command: socket path /etc/passwd is not a socket"
    )


def test_many(subject):
    """n=N collects every further word into a list, and wants one at least."""
    assert typed(subject, "probe many a b c") == {"words": ["a", "b", "c"]}
    assert refused(subject, "probe many") == (
        "Invalid command: saw 0 of words(<string>)..., expected at least 1"
    )


def test_some(subject):
    """n=N with req=false wants none."""
    assert typed(subject, "probe some") == {}
    assert typed(subject, "probe some a") == {"words": ["a"]}


def test_many_numbers(subject):
    """Words of n=N are typed, and may be separated by commas."""
    assert typed(subject, "argued numbers 1 2 3") == {"numbers": [1, 2, 3]}
    assert typed(subject, "argued numbers 1,2 3") == {"numbers": [1, 2, 3]}


def test_many_choices(subject):
    """The same holds for choices."""
    assert typed(subject, "argued wish a b") == {"what": ["a", "b"]}
    assert typed(subject, "argued wish a,b") == {"what": ["a", "b"]}


def test_many_text(subject):
    """A comma is part of a CephString in its place, and separates those given by name."""
    assert typed(subject, "probe many a,b c") == {"words": ["a,b", "c"]}
    assert typed(subject, "probe many --words a,b --words c") == {"words": ["a", "b", "c"]}


def test_many_one_wrong(subject):
    """One word that is refused refuses all."""
    assert refused(subject, "argued numbers 1 x") == ("Invalid command: x doesn't represent an int")


def test_tail(subject):
    """n=N may follow other arguments."""
    assert typed(subject, "argued tail 1 a b") == {"first": 1, "rest": ["a", "b"]}


def test_count(subject):
    """With n=2 the last of two words arrives."""
    assert typed(subject, "argued pair a b") == {"words": "b"}


def test_by_name(subject):
    """An argument may be given by its name, `--name value` or `--name=value`, in any order."""
    assert typed(subject, "probe named --second b a") == {"first": "a", "second": "b"}
    assert typed(subject, "probe named --second=b --first=a") == {"first": "a", "second": "b"}


def test_by_dashed_name(subject):
    """A name's underscores may be typed as dashes."""
    assert typed(subject, "argued under --pg-num 8 p") == {"pg_num": 8, "pool": "p"}
    assert typed(subject, "argued under --pg_num=8") == {"pg_num": 8}


def test_by_name_refused(subject):
    """A value given by name is refused for good, even that of an optional argument."""
    assert refused(subject, "argued under --pg-num x") == (
        "Invalid command: x doesn't represent an int"
    )


def test_unknown_name(subject):
    """A name that the command does not have is refused, and so is one without a value."""
    assert refused(subject, "probe named --third x a") == (
        "Invalid command: Unexpected argument '--third'"
    )
    assert refused(subject, "probe named --second") == (
        "Invalid command: Unexpected argument '--second'"
    )


def test_two_dashes(subject):
    """Two dashes alone are dropped."""
    assert typed(subject, "probe named a --") == {"first": "a"}


def test_confirmation(subject):
    """A choice may look like a flag, and arrives as text."""
    assert typed(subject, "argued confirmed --yes-i-really-mean-it") == {
        "sure": "--yes-i-really-mean-it"
    }
    assert refused(subject, "argued confirmed --yes") == (
        "--yes not valid:  --yes not in --yes-i-really-mean-it"
    )


def test_missing(subject):
    """A required argument that is missing is named, with its type, and the usage follows."""
    answered = subject.run("probe ranged")
    assert (answered.code, answered.out) == (22, "")
    assert answered.err.splitlines() == [
        "Invalid command: missing required parameter number(<int[1-10]>)",
        "probe ranged <number:int> :  Answer what arrives",
        "Error EINVAL: invalid command",
    ]


def test_surplus(subject):
    """Words that are left over are told."""
    assert refused(subject, "probe named a b c") == "Invalid command: unused arguments: ['c']"


def test_abbreviated(subject):
    """A command's last word may not be abbreviated; what begins so is listed."""
    assert subject.run("probe ech").err.splitlines() == [
        "no valid command found; 1 closest matches:",
        "probe echo [<word>] [<number:int>]",
        "Error EINVAL: invalid command",
    ]


def test_unknown(subject):
    """Of an unknown command, at most ten that begin alike are listed, in order of declaration."""
    lines = subject.run("probe nonsense").err.splitlines()
    assert lines[:3] == [
        "no valid command found; 10 closest matches:",
        "probe echo [<word>] [<number:int>]",
        "probe ranged <number:int>",
    ]
    assert len(lines) == 12


def test_case(subject):
    """The case of a command's words counts."""
    assert subject.run("Probe echo").err.startswith("no valid command found; 10 closest")
    subject.shows("no valid command found")


def test_usages(subject):
    """A usage line shows optional arguments in brackets, several with dots, flags with dashes."""
    lines = subject.run("probe").err.splitlines()
    assert lines[4:11] == [
        "probe choose one|two|three",
        "probe many <words>...",
        "probe some [<words>...]",
        "probe switch [--on]",
        "probe good <word>",
        "probe place <id|osd.id>",
        "probe daemon <type.id>",
    ]


def test_longer_name(subject):
    """Of two commands of which one's name begins the other's, the one that fits is run."""
    assert typed(subject, "argued twice 1") == {"number": 1}
    assert json.loads(subject.ok("argued twice longer 1"))["cmd"]["prefix"] == (
        "argued twice longer"
    )


def test_longer_name_missing(subject):
    """Where an argument is missing and a longer name begins alike, both are listed."""
    assert subject.run("argued twice").err.splitlines()[:3] == [
        "no valid command found; 2 closest matches:",
        "argued twice <number:int>",
        "argued twice longer <number:int>",
    ]


def test_format(subject):
    """--format arrives as the argument "format", whether the command declares one or not."""
    assert typed(subject, "probe echo --format yaml") == {"format": "yaml"}


def test_format_declared(subject):
    """A declared format may be given in its place, and is checked there alone."""
    assert typed(subject, "argued formatted json") == {"format": "json"}
    assert typed(subject, "argued formatted --format xml") == {"format": "xml"}
    assert refused(subject, "argued formatted xml") == "xml not valid:  xml not in json|plain"


@pytest.mark.deviates("JSON at the command line")
def test_json_format(subject):
    """What a command gives is printed as it is, where JSON is asked for, too."""
    out = subject.run("probe choose two --format json").out
    assert out.startswith('{"cmd"' if subject.here else '\n{"cmd"')


def test_in_file(subject, tmp_path):
    """-i sends a file along with a command, or stdin."""
    file = tmp_path / "file"
    file.write_text("some text\n")
    assert json.loads(subject.ok(f"probe echo -i {file}"))["inbuf"] == "some text\n"
    assert json.loads(subject.ok("probe echo -i -", stdin=b"of stdin"))["inbuf"] == "of stdin"


def test_in_file_missing(subject):
    """A file that cannot be read ends the client with 1."""
    answered = subject.run("probe echo -i /nowhere")
    assert (answered.code, answered.out, answered.err) == (
        1,
        "",
        "Can't open input file /nowhere: [Errno 2] No such file or directory: '/nowhere'\n",
    )


def test_out_file(subject, tmp_path):
    """-o puts a command's output into a file, with an end of its last line."""
    file = tmp_path / "file"
    answered = subject.run(f"probe echo -o {file}")
    assert (answered.code, answered.out, answered.err) == (0, "", "")
    assert json.loads(file.read_text())["cmd"]["prefix"] == "probe echo"
    assert file.read_text().endswith("}\n")


def test_permissions_same(subject):
    """An administrator may run commands of any permission."""
    assert typed(subject, "argued reading") == {}
    assert typed(subject, "argued writing") == {}
