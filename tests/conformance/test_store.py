"""The key/value store: a module's own keys, as config-key shows them."""

import pytest

from tests.conditions import poll_for
from tests.conformance.subjects import Raised


LIMIT = 64 << 10  # bytes of a value: the monitors' mon_config_key_max_entry_size


@pytest.fixture
def keys(subject):
    """No key of the test's is left behind."""
    yield
    with subject.quietly():
        subject.eval("for key in mgr.get_store_prefix('t/'): mgr.set_store(key, None)")


def test_set_get(subject, keys):
    """What set_store() stored, get_store() gives."""
    assert subject.eval("mgr.set_store('t/a', 'one'); mgr.get_store('t/a')") == "one"


def test_unset_is_none(subject):
    """A key that was never stored is None."""
    assert subject.eval("mgr.get_store('t/never')") is None


def test_default(subject):
    """A key that was never stored gives the caller's default, and only then."""
    found = subject.eval("mgr.set_store('t/a', ''), mgr.get_store('t/never', 'mine')")
    subject.eval("mgr.set_store('t/a', None)")
    assert subject.shows(found[1]) == "mine"


def test_empty_text(subject, keys):
    """The empty text is a value: it is stored, and read as such."""
    assert subject.eval(
        "mgr.set_store('t/e', ''); mgr.get_store('t/e'), mgr.get_store('t/e', 'x')"
    ) == (
        "",
        "",
    )


def test_delete(subject, keys):
    """Storing None removes a key."""
    found = subject.eval(
        "mgr.set_store('t/a', '1'); mgr.set_store('t/a', None); mgr.get_store('t/a')"
    )
    assert found is None


def test_delete_of_nothing(subject):
    """Removing a key that is not there is no error."""
    assert subject.eval("mgr.set_store('t/never', None)") is None


def test_prefix(subject, keys):
    """get_store_prefix() gives all keys with the prefix, whole keys, sorted by nothing but dict."""
    found = subject.eval(
        "mgr.set_store('t/a', '1'); mgr.set_store('t/b', '2'); mgr.set_store('t/b/c', '3')\n"
        "mgr.get_store_prefix('t/b')"
    )
    assert found == {"t/b": "2", "t/b/c": "3"}


def test_prefix_of_nothing(subject):
    """A prefix that no key has gives an empty dict."""
    assert subject.eval("mgr.get_store_prefix('t/no')") == {}


def test_localized(subject, keys):
    """The localized form is the key <manager>/<key>, and falls back to the plain one."""
    found = subject.eval(
        "mgr.set_store('t/l', 'plain'); first = mgr.get_localized_store('t/l')\n"
        "mgr.set_localized_store('t/l', 'own')\n"
        "second = mgr.get_localized_store('t/l'), mgr.get_store('t/l'), mgr.get_store('x/t/l')\n"
        "mgr.set_localized_store('t/l', None); first, second"
    )
    assert found == ("plain", ("own", "plain", "own"))


def test_visible_as_config_key(subject, keys):
    """A module's key is mgr/<module>/<key> of config-key."""
    subject.eval("mgr.set_store('t/shown', 'value')")
    assert subject.ok("config-key get mgr/probe/t/shown") == "value"


def test_config_key_set_is_seen(subject, keys):
    """A running module sees a key of its own that an operator stores."""
    subject.ok("config-key set mgr/probe/t/outside theirs")
    poll_for(
        lambda: subject.eval("mgr.get_store('t/outside')") == "theirs", 10, "the key to arrive"
    )


def test_config_key_rm_is_seen(subject, keys):
    """A running module sees that an operator has removed a key of its own."""
    subject.eval("mgr.set_store('t/gone', '1')")
    subject.ok("config-key rm mgr/probe/t/gone")
    poll_for(lambda: subject.eval("mgr.get_store('t/gone')") is None, 10, "the key to be gone")


def test_not_others_keys(subject, keys):
    """A module does not see another module's keys under its own name."""
    subject.eval("mgr.set_store('t/mine', '1')")
    assert subject.eval("mgr.get_store('t/mine')", module="second") is None


def test_unicode(subject, keys):
    """Text outside ASCII is stored as it is, in keys and values."""
    assert subject.eval(
        "mgr.set_store('t/schlüssel', 'wörter ☃'); mgr.get_store('t/schlüssel')"
    ) == ("wörter ☃")


def test_multiline(subject, keys):
    """Lines, blanks and quotes are stored as they are."""
    text = 'a\n b\t"c"\\\n'
    assert subject.eval(f"mgr.set_store('t/m', {text!r}); mgr.get_store('t/m')") == text


def test_number_is_refused(subject):
    """A value that is no text raises TypeError."""
    raised = subject.eval("mgr.set_store('t/n', 5)")
    assert raised.kind == "TypeError"
    subject.shows(raised.kind)


def test_bytes_are_refused(subject):
    """bytes are no text: TypeError."""
    raised = subject.eval("mgr.set_store('t/n', b'5')")
    assert raised.kind == "TypeError"
    subject.shows(raised.kind)


def test_nul_is_refused(subject):
    """A value with a NUL raises ValueError."""
    assert subject.eval("mgr.set_store('t/n', 'a\\0b')") == Raised(
        "ValueError", "embedded null character"
    )


def test_limit_is_silent(subject, keys):
    """A value over the monitors' limit is not stored, and no exception tells the module."""
    assert subject.eval(f"mgr.set_store('t/big', 'x' * {LIMIT + 1})") is None
    assert subject.run("config-key get mgr/probe/t/big").code == 2
    subject.shows("not stored")


def test_largest(subject, keys):
    """A value of exactly the monitors' limit is stored."""
    assert (
        subject.eval(f"mgr.set_store('t/big', 'x' * {LIMIT}); len(mgr.get_store('t/big'))") == LIMIT
    )


def test_config_key_limit(subject):
    """config-key refuses a value over the limit and says so."""
    answered = subject.run("config-key set mgr/probe/t/big -i -", stdin=b"x" * (LIMIT + 1))
    assert answered.code == 27
    subject.shows((answered.code, answered.err.strip()))


def test_survives_overwrite(subject, keys):
    """The last of many values stored one after another is the one that is there."""
    found = subject.eval("for n in range(20): mgr.set_store('t/n', str(n))\nmgr.get_store('t/n')")
    assert found == "19"


def test_config_key_dump(subject, keys):
    """config-key dump with a prefix gives the module's keys as JSON."""
    subject.eval("mgr.set_store('t/d', 'v')")
    assert subject.json("config-key dump mgr/probe/t") == {"mgr/probe/t/d": "v"}


def test_config_key_exists(subject, keys):
    """config-key exists answers by its exit code."""
    subject.eval("mgr.set_store('t/x', 'v')")
    found = [subject.run("config-key exists", f"mgr/probe/t/{key}").code for key in "xy"]
    assert subject.shows(found) == [0, 2]


def test_config_key_get_of_nothing(subject):
    """config-key get of a key that is not there is ENOENT."""
    assert subject.shows(subject.run("config-key get mgr/probe/t/y").code) == 2
