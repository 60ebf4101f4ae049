"""Commands declared by decorators: from a signature to a descriptor, and to a call."""

import pytest


def declared(subject, name):
    """The entry of COMMANDS that a decorated method `argued NAME` made."""
    code, out, _ = subject.raw(
        {"prefix": "argued eval"},
        f"[c for c in mgr.COMMANDS if (c['cmd'] + ' ').startswith('argued {name} ')]",
    )
    assert code == 0
    (entry,) = eval(out)
    return subject.shows(entry)


def raised(subject, command):
    """The last line of a command's traceback."""
    code, out, err = subject.raw(command)
    assert (code, out) == (-22, "")
    return subject.shows(err.strip().splitlines()[-1])


def called(subject, command):
    """What a command gives that succeeds."""
    code, out, err = subject.raw(command)
    assert (code, err) == (0, "")
    return subject.shows(out.strip())


def test_entry(subject):
    """A decorated method is an entry of COMMANDS: its docstring in one line, "rw" and no poll."""
    assert declared(subject, "plain") == {
        "cmd": "argued plain name=text,type=CephString name=number,type=CephInt "
        "name=share,type=CephFloat name=flag,type=CephBool",
        "desc": "Take one of each plain type",
        "perm": "rw",
        "poll": False,
    }


def test_no_arguments(subject):
    """Without arguments the descriptor ends in a blank."""
    assert declared(subject, "inputless")["cmd"] == "argued inputless "


def test_no_docstring(subject):
    """Without a docstring the description is empty."""
    assert declared(subject, "listed")["desc"] == ""


def test_list(subject):
    """A List or Sequence becomes n=N."""
    assert declared(subject, "listed")["cmd"] == "argued listed name=numbers,n=N,type=CephInt"
    assert declared(subject, "sequence")["cmd"] == (
        "argued sequence name=words,n=N,type=CephString"
    )


def test_optional(subject):
    """An Optional becomes req=false."""
    assert declared(subject, "maybe")["cmd"] == (
        "argued maybe name=number,req=false,type=CephInt name=words,req=false,n=N,type=CephString"
    )


def test_default(subject):
    """An argument with a default becomes req=false."""
    assert declared(subject, "defaults")["cmd"] == (
        "argued defaults name=first,type=CephString name=second,req=false,type=CephString "
        "name=third,req=false,type=CephInt"
    )


def test_enum(subject):
    """An Enum becomes CephChoices of its values."""
    assert declared(subject, "level")["cmd"] == (
        "argued level name=level,strings=low|high,type=CephChoices "
        "name=other,req=false,strings=low|high,type=CephChoices"
    )


def test_own_types(subject):
    """An argument type of the client's is used as it is."""
    assert declared(subject, "typed")["cmd"] == (
        "argued typed name=number,req=false,type=CephInt "
        "name=what,req=false,strings=a|b,type=CephChoices "
        "name=word,req=false,goodchars=[xyz],type=CephString"
    )


def test_no_return(subject):
    """Without a return annotation, the last argument without a default is published as optional."""
    assert declared(subject, "unreturned")["cmd"] == (
        "argued unreturned name=first,type=CephString name=second,req=false,type=CephString"
    )


def test_no_return_default(subject):
    """So it is where a default follows."""
    assert declared(subject, "unreturned-default")["cmd"] == (
        "argued unreturned-default name=first,type=CephString "
        "name=second,req=false,type=CephString name=third,req=false,type=CephString"
    )


def test_inbuf(subject):
    """The parameter inbuf is no argument."""
    assert declared(subject, "file")["cmd"] == "argued file name=name,req=false,type=CephString"


def test_read(subject):
    """CLIReadCommand declares the permission "r"."""
    assert declared(subject, "dec-read")["perm"] == "r"


def test_write(subject):
    """CLIWriteCommand declares the permission "w"."""
    assert declared(subject, "dec-write")["perm"] == "w"


def test_poll(subject):
    """poll=True is declared as it is."""
    assert declared(subject, "dec-poll")["poll"] is True


def test_listed_commands(subject):
    """Decorated commands stand behind those that the class lists itself."""
    code, out, _ = subject.raw({"prefix": "argued eval"}, "[c['cmd'] for c in mgr.COMMANDS][19:22]")
    assert (code, eval(out)[:2]) == (
        0,
        ["argued poll-false", "argued eval "],
    )


def test_usage(subject):
    """The usage and the docstring are what an operator sees."""
    assert subject.run("argued plain a 1 2.5").err.splitlines()[1] == (
        "argued plain <text> <number:int> <share:float> --flag :  Take one of each plain type"
    )


def test_typed(subject):
    """A handler gets its arguments in the types that it is annotated with."""
    assert subject.ok("argued plain a 1 2.5 true") == "('a', 1, 2.5, True)"


def test_cast(subject):
    """What a program sends is converted; any text is a true bool."""
    command = {"prefix": "argued plain", "text": 5, "number": "7", "share": "1", "flag": "false"}
    assert called(subject, command) == "('5', 7, 1.0, True)"


def test_call_list(subject):
    """A list's items are converted one by one, and so are a text's characters."""
    assert called(subject, {"prefix": "argued listed", "numbers": ["1", "2"]}) == "[1, 2]"
    assert called(subject, {"prefix": "argued listed", "numbers": "12"}) == "[1, 2]"


def test_call_optional(subject):
    """An optional argument that is missing is not passed: the default holds."""
    assert subject.ok("argued maybe") == "(None, None)"
    assert subject.ok("argued maybe 3 a b") == "(3, ['a', 'b'])"


def test_call_default(subject):
    """An argument given by name leaves those before it to their defaults."""
    assert subject.ok("argued defaults --third 9 a") == "('a', 'b', 9)"


def test_call_enum(subject):
    """An Enum's member arrives."""
    assert subject.ok("argued level high") == "(<Level.high: 'high'>, <Level.low: 'low'>)"


def test_call_enum_refused(subject):
    """A value that the Enum does not have raises in Python's words."""
    command = {"prefix": "argued level", "level": "none"}
    assert raised(subject, command) == "ValueError: 'none' is not a valid Level"


def test_call_own_types_missing(subject):
    """Arguments of the client's own types have defaults as others do."""
    assert subject.ok("argued typed") == "(3, 'a', 'x')"


@pytest.mark.deviates("a value for an argument that is annotated with one of ceph_argparse's types")
def test_call_own_types(subject):
    """A value for such an argument arrives as it was sent."""
    command = {"prefix": "argued typed", "number": 5, "what": "b"}
    if subject.here:
        assert called(subject, command) == "(5, 'b', 'x')"
    else:
        assert raised(subject, command) == "ValueError: unknown type '<int>': '5'"


def test_call_missing(subject):
    """A required number that is missing raises TypeError."""
    assert raised(subject, {"prefix": "argued plain", "text": "a"}) == (
        "TypeError: int() argument must be a string, a bytes-like object or a real number, "
        "not 'NoneType'"
    )


def test_call_missing_text(subject):
    """A required text that is missing is "None"."""
    assert called(subject, {"prefix": "argued defaults"}) == "('None', 'b', 3)"


def test_call_missing_list(subject):
    """A required list that is missing raises TypeError."""
    assert raised(subject, {"prefix": "argued listed"}) == (
        "TypeError: 'NoneType' object is not iterable"
    )


def test_call_no_return(subject):
    """So an argument that is optional for want of a return annotation is "None"."""
    assert subject.ok("argued unreturned a") == "('a', 'None')"


def test_call_required_optional(subject):
    """An Optional without a default that is missing is converted from None, and raises."""
    assert raised(subject, {"prefix": "argued required-optional"}).startswith("TypeError: int()")


def test_call_extra(subject):
    """Arguments that the handler does not have are dropped."""
    command = {"prefix": "argued dashed", "my_name": "x", "extra": "y", "self": "z"}
    assert called(subject, command) == "x"


def test_call_dashed(subject):
    """In what is sent, a name has its underscores."""
    assert called(subject, {"prefix": "argued dashed", "my-name": "x"}) == "none"


def test_call_keyed(subject):
    """A value that reads NAME=value, of a name that the command has, goes to that argument."""
    assert subject.ok("argued dashed my_name=x") == "x"
    assert subject.ok("argued defaults second=x first=y") == "('y', 'x', 3)"


def test_call_keyed_type(subject):
    """Such a value has the type of the argument in whose place it stands."""
    assert subject.ok("argued defaults first=a third=5") == "('a', 'b', '5')"


def test_call_keyed_unknown(subject):
    """Of another name, it is a value as others are."""
    assert subject.ok("argued dashed my-name=x") == "my-name=x"


def test_call_inbuf(subject):
    """A file arrives as inbuf."""
    assert subject.ok("argued input -i -", stdin=b"text\n") == r"'text\n'"


def test_call_inbuf_empty(subject):
    """An empty file is none."""
    assert subject.ok("argued input -i -", stdin=b"") == "None"


def test_call_inbuf_argument(subject):
    """inbuf cannot be sent as an argument."""
    assert called(subject, {"prefix": "argued input", "inbuf": "x"}) == "None"


def test_call_inbuf_unwanted(subject):
    """A file for a handler without inbuf raises TypeError."""
    code, _, err = subject.raw({"prefix": "argued inputless"}, "text")
    assert code == -22
    assert subject.shows(err.strip().splitlines()[-1]) == (
        "TypeError: Module.inputless() got an unexpected keyword argument 'inbuf'"
    )


def test_file_missing(subject):
    """CLICheckNonemptyFileInput refuses a command without a file, and says which."""
    assert subject.raw({"prefix": "argued file"}) == (
        -22,
        "",
        'Input file not specified: Please specify the file containing the key with "-i" option',
    )


def test_file_empty(subject):
    """An empty file is none to it, too."""
    answered = subject.run("argued file -i -", stdin=b"")
    assert (answered.code, answered.err.startswith("Error EINVAL: Input file not specified")) == (
        22,
        True,
    )


def test_file_blank(subject):
    """It refuses a file of blanks and ends of lines."""
    expected = (-22, "", "Empty input file: Please add the key to the file")
    assert subject.raw({"prefix": "argued file"}, " \n") == expected


def test_file_stripped(subject):
    """It takes ends of lines off a file's end, and leaves blanks."""
    assert subject.ok("argued file word -i -", stdin=b" key \r\n\n") == "(' key ', 'word')"


def test_call_result(subject):
    """What a handler leaves out of a HandleCommandResult is 0 and empty."""
    assert subject.raw({"prefix": "argued dec-read"}) == (0, "read\n", "")
    assert subject.raw({"prefix": "argued dec-write"}) == (0, "", "wrote")


def test_registry(subject):
    """CLICommand.COMMANDS holds the commands by prefix."""
    code, out, _ = subject.raw(
        {"prefix": "argued eval"},
        "[(c.prefix, c.perm, c.poll, c.func.__name__) for p, c in CLICommand.COMMANDS.items()"
        " if p == 'argued dec-poll']",
    )
    assert (code, out.strip()) == (0, "[('argued dec-poll', 'r', True, 'dec_poll')]")


def test_decorated(subject):
    """A decorated method stays callable."""
    code, out, _ = subject.raw({"prefix": "argued eval"}, "mgr.dashed('directly')")
    assert (code, out.strip()) == (0, "(0, 'directly', '')")
