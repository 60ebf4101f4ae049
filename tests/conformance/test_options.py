"""Module options: declared types, defaults, ranges, localized values, who may set what."""

import contextlib

import pytest

from tests.conditions import poll_for
from tests.conformance.subjects import Raised


@contextlib.contextmanager
def config(subject, key, value):
    """An option of probe that is set by the operator for a while, and that the module sees."""
    before = subject.eval(f"repr(mgr.get_module_option({key!r}))")
    subject.ok("config set mgr", f"mgr/probe/{key}", value)
    try:
        poll_for(
            lambda: subject.eval(f"repr(mgr.get_module_option({key!r}))") != before,
            10,
            f"{key} to arrive",
        )
        yield
    finally:
        # By the module itself: a real manager does not notice what an operator removes.
        with subject.quietly():
            subject.eval(f"mgr.set_module_option({key!r}, None)")


def value_of(subject, key, text):
    """What the module gets after `config set mgr mgr/probe/<key> <text>`."""
    with config(subject, key, text):
        found = subject.eval(f"mgr.get_module_option({key!r})")
    return subject.shows(found)


def refusal(subject, key, text):
    """How `config set` refuses a value."""
    answered = subject.run("config set mgr", f"mgr/probe/{key}", text)
    assert answered.code != 0, answered
    return subject.shows((answered.code, answered.err.strip()))


def test_defaults(subject):
    """An option that is not set has its default: as declared where a type is, text where none is."""
    names = ["a_str", "an_int", "a_uint", "a_float", "a_bool", "a_size", "a_secs", "a_millisecs"]
    names += ["untyped", "bare", "an_enum", "an_addr"]
    found = subject.eval(f"{{name: mgr.get_module_option(name) for name in {names!r}}}")
    assert found == {
        "a_str": "text", "an_int": 7, "a_uint": 3, "a_float": 1.5, "a_bool": True, "a_size": 4096,
        "a_secs": 30, "a_millisecs": 500, "untyped": "8080", "bare": None, "an_enum": "one",
        "an_addr": "",
    }  # fmt: skip


def test_callers_default_for_a_declared_default(subject):
    """The caller's default does not count where the option declares one."""
    assert subject.eval("mgr.get_module_option('an_int', 99)") == 7


def test_callers_default_without_a_declared_one(subject):
    """The caller's default is the answer where neither a value nor a declared default exists."""
    assert subject.eval("mgr.get_module_option('bare', 'mine')") == "mine"


def test_undeclared_get(subject):
    """Reading an undeclared option raises RuntimeError that names the class."""
    raised = subject.eval("mgr.get_module_option('nothing')")
    assert raised == Raised(
        "RuntimeError", "Config option 'nothing' is not in Module.MODULE_OPTIONS"
    )


def test_undeclared_localized_get(subject):
    """Reading an undeclared option in its localized form raises the same."""
    raised = subject.eval("mgr.get_localized_module_option('nothing')")
    assert raised == Raised(
        "RuntimeError", "Config option 'nothing' is not in Module.MODULE_OPTIONS"
    )


def test_undeclared_set(subject):
    """Setting an undeclared option raises the same."""
    raised = subject.eval("mgr.set_module_option('nothing', '1')")
    assert raised == Raised(
        "RuntimeError", "Config option 'nothing' is not in Module.MODULE_OPTIONS"
    )


def test_undeclared_localized_set(subject):
    """Setting an undeclared option in its localized form raises the same."""
    raised = subject.eval("mgr.set_localized_module_option('nothing', '1')")
    assert raised == Raised(
        "RuntimeError", "Config option 'nothing' is not in Module.MODULE_OPTIONS"
    )


def test_type_str(subject):
    """A `str` option arrives as text."""
    assert value_of(subject, "a_str", "other words") == "other words"


def test_type_int(subject):
    """An `int` option arrives as int."""
    assert value_of(subject, "an_int", "5") == 5


def test_type_uint(subject):
    """A `uint` option arrives as int."""
    assert value_of(subject, "a_uint", "44") == 44


def test_type_float(subject):
    """A `float` option arrives as float, whole numbers too."""
    found = value_of(subject, "a_float", "2")
    assert (found, type(found)) == (2.0, float)


def test_type_bool(subject):
    """A `bool` option arrives as bool; `false`, in any case, and `0` are False."""
    found = [value_of(subject, "a_bool", text) for text in ("false", "FALSE", "0")]
    assert subject.shows(found) == [False] * 3


def test_type_enum(subject):
    """A value of `enum_allowed` arrives as it is."""
    assert value_of(subject, "an_enum", "two") == "two"


def test_type_untyped(subject):
    """An option without a type arrives as text."""
    assert value_of(subject, "untyped", "9090") == "9090"


def test_type_uuid(subject):
    """A `uuid` option arrives as text."""
    identity = "67e55044-10b1-426f-9247-bb680e5fe0c8"
    assert value_of(subject, "a_uuid", identity) == identity


def test_type_addr(subject):
    """An `addr` option arrives in its normal form."""
    assert value_of(subject, "an_addr", "v2:1.2.3.4:5") == "v2:1.2.3.4:5/0"


def test_type_size_plain(subject):
    """A `size` option that is set to a number arrives as int."""
    assert value_of(subject, "a_size", "8192") == 8192


def test_type_size_suffix(subject):
    """A `size` option may be set with a suffix of powers of 1024, and arrives as int."""
    found = [value_of(subject, "a_size", text) for text in ("5K", "1Mi", "3KB")]
    assert subject.shows(found) == [5120, 1048576, 3072]


def test_type_secs(subject):
    """A `secs` option arrives as float once it is set."""
    found = value_of(subject, "a_secs", "90")
    assert (found, type(found)) == (90.0, float)


def test_type_secs_suffix(subject):
    """A `secs` option may be set with units of time."""
    found = [value_of(subject, "a_secs", text) for text in ("5m", "1h30m")]
    assert subject.shows(found) == [300.0, 5400.0]


def test_type_millisecs(subject):
    """A `millisecs` option arrives as float once it is set."""
    found = value_of(subject, "a_millisecs", "250")
    assert (found, type(found)) == (250.0, float)


def test_refuses_unit_for_millisecs(subject):
    """A unit is refused for `millisecs`."""
    assert subject.shows(refusal(subject, "a_millisecs", "250ms")[0]) == 22


def test_refuses_above_max(subject):
    """A value above `max` is refused, and the sentence names both."""
    assert refusal(subject, "an_int", "99") == (
        22,
        "Error EINVAL: error parsing value: Value '99' exceeds maximum 10",
    )


def test_refuses_below_min(subject):
    """A value below `min` is refused, and the sentence names both."""
    code, text = refusal(subject, "an_int", "0")
    assert (code, text) == (22, "Error EINVAL: error parsing value: Value '0' is below minimum 1")


def test_refuses_word_for_int(subject):
    """A word for a number is refused."""
    assert subject.shows(refusal(subject, "an_int", "many")[0]) == 22


def test_refuses_negative_uint(subject):
    """A negative number for `uint` is refused."""
    assert subject.shows(refusal(subject, "a_uint", "-3")[0]) == 22


def test_refuses_word_for_float(subject):
    """A word for `float` is refused."""
    assert subject.shows(refusal(subject, "a_float", "much")[0]) == 22


def test_refuses_word_for_bool(subject):
    """A word other than `true` and `false` is refused for `bool`: `yes` and `on` too."""
    assert subject.shows(refusal(subject, "a_bool", "yes")[0]) == 22


def test_refuses_outside_enum(subject):
    """A value that `enum_allowed` does not list is refused."""
    assert subject.shows(refusal(subject, "an_enum", "three")[0]) == 22


def test_refuses_bad_uuid(subject):
    """What is no UUID is refused for `uuid`."""
    assert subject.shows(refusal(subject, "a_uuid", "12")[0]) == 22


def test_refuses_bad_addr(subject):
    """What is no address is refused for `addr`."""
    assert subject.shows(refusal(subject, "an_addr", "nowhere:-")[0]) == 22


def test_refuses_unknown_option(subject):
    """`config set` of an option that no module declares is refused."""
    assert refusal(subject, "nothing", "1") == (
        22,
        "Error EINVAL: unrecognized config option 'mgr/probe/nothing'",
    )


def test_set_is_seen_at_once(subject):
    """A module reads back at once what it has set."""
    found = subject.eval(
        "mgr.set_module_option('a_str', 'mine'); got = mgr.get_module_option('a_str')\n"
        "mgr.set_module_option('a_str', None)\ngot, mgr.get_module_option('a_str')"
    )
    assert found == ("mine", "text")


def test_set_shows_in_config(subject):
    """What a module sets is a config value of `mgr`, which `config get` shows."""
    subject.eval("mgr.set_module_option('a_str', 'mine')")
    try:
        assert subject.ok("config get mgr mgr/probe/a_str") == "mine"
    finally:
        subject.eval("mgr.set_module_option('a_str', None)")
    subject.shows("mine")


def test_set_number(subject):
    """A number that a module sets is stored as its text."""
    subject.eval("mgr.set_module_option('an_int', 4)")
    try:
        assert subject.eval("mgr.get_module_option('an_int')") == 4
    finally:
        subject.eval("mgr.set_module_option('an_int', None)")
    subject.shows(4)


def test_bad_set_is_silent(subject):
    """A module that sets a bad value keeps the old one, and no exception tells it."""
    assert subject.eval("mgr.set_module_option('an_int', '99')") is None
    assert subject.eval("mgr.get_module_option('an_int')") == 7


def test_set_empty(subject):
    """The empty text is a value for the module that has set it itself."""
    subject.eval("mgr.set_module_option('a_str', '')")
    try:
        found = subject.eval("mgr.get_module_option('a_str')")
        # In ceph-mgr the monitor's new configuration unsets it again when that comes later than the
        # monitor's reply, which nothing orders: one time in fifteen on two busy cores.
        assert found == "" or (found == "text" and not subject.here)
    finally:
        subject.eval("mgr.set_module_option('a_str', None)")
    subject.shows("''")


def test_operators_empty_is_default(subject):
    """The empty text that an operator sets counts as unset: the default holds."""
    with config(subject, "a_str", "full"):
        before = subject.eval("mgr.configured")
        subject.ok("config set mgr mgr/probe/a_str", "")
        poll_for(lambda: subject.eval("mgr.configured") > before, 10, "the change to arrive")
        found = subject.eval("mgr.get_module_option('a_str')")
    assert subject.shows(found) == "text"


def test_localized_wins(subject):
    """A value under the manager's own name wins over the plain one in the localized form."""
    subject.eval("mgr.set_module_option('a_str', 'plain')")
    subject.eval("mgr.set_localized_module_option('a_str', 'own')")
    try:
        found = subject.eval(
            "mgr.get_localized_module_option('a_str'), mgr.get_module_option('a_str')"
        )
        assert found == ("own", "plain")
    finally:
        subject.eval("mgr.set_localized_module_option('a_str', None)")
        subject.eval("mgr.set_module_option('a_str', None)")
    subject.shows(found)


def test_localized_key(subject):
    """The localized form is the option mgr/<module>/<manager>/<key>."""
    subject.eval("mgr.set_localized_module_option('a_str', 'own')")
    try:
        assert subject.ok("config get mgr mgr/probe/x/a_str") == "own"
    finally:
        subject.eval("mgr.set_localized_module_option('a_str', None)")
    subject.shows("own")


def test_localized_falls_back(subject):
    """The localized form falls back to the plain value, then to the default."""
    subject.eval("mgr.set_module_option('a_str', 'plain')")
    try:
        first = subject.eval("mgr.get_localized_module_option('a_str')")
    finally:
        subject.eval("mgr.set_module_option('a_str', None)")
    second = subject.eval("mgr.get_localized_module_option('a_str')")
    assert subject.shows((first, second)) == ("plain", "text")


def test_other_module_get(subject):
    """A module may read another module's option, which it does not validate."""
    found = subject.eval(
        "mgr.get_module_option_ex('second', 'port', 1), mgr.get_module_option_ex('second', 'no', 2),"
        " mgr.get_module_option_ex('nobody', 'no', 3)"
    )
    assert found == (1, 2, 3)


def test_other_module_set(subject):
    """A module may set another module's option, and reads it back typed."""
    subject.eval("mgr.set_module_option_ex('second', 'port', 1234)")
    try:
        found = subject.eval("mgr.get_module_option_ex('second', 'port')")
        assert found == 1234
    finally:
        subject.eval("mgr.set_module_option('port', None)", module="second")
    subject.shows(found)


def test_other_module_undeclared_set(subject):
    """Setting an option that another module does not declare is silent and does nothing."""
    found = subject.eval(
        "mgr.set_module_option_ex('second', 'no', 1); mgr.get_module_option_ex('second', 'no', 'x')"
    )
    assert found == "x"


def test_config_notify(subject):
    """config_notify() runs in a module after another client has set one of its options."""
    before = subject.eval("mgr.configured")
    with config(subject, "a_runtime", "3"):
        poll_for(lambda: subject.eval("mgr.configured") > before, 10, "config_notify()")
    subject.shows("called")


@pytest.mark.deviates("an option that an operator removes")
def test_removed_by_operator(subject):
    """A module that runs keeps the value of an option that an operator has removed."""
    with config(subject, "a_str", "kept"):
        before = subject.eval("mgr.configured")
        subject.ok("config rm mgr mgr/probe/a_str")
        subject.ok("config set mgr mgr/second/port 77")
        poll_for(lambda: subject.eval("mgr.configured") > before, 10, "the change to arrive")
        found = subject.eval("mgr.get_module_option('a_str')")
        subject.eval("mgr.set_module_option('port', None)", module="second")
    assert subject.shows(found) == ("text" if subject.here else "kept")


def test_config_notify_for_others(subject):
    """config_notify() also runs when an option of another module was set."""
    before = subject.eval("mgr.configured")
    subject.ok("config set mgr mgr/second/port 77")
    try:
        poll_for(lambda: subject.eval("mgr.configured") > before, 10, "config_notify()")
    finally:
        subject.eval("mgr.set_module_option('port', None)", module="second")
    subject.shows("called")


def test_live_without_runtime(subject):
    """An option that is not declared `runtime` changes in the running module all the same."""
    assert value_of(subject, "a_str", "live") == "live"


def test_ceph_option(subject):
    """get_ceph_option() gives Ceph's own options with their types."""
    found = subject.eval(
        "[type(mgr.get_ceph_option(name)).__name__ for name in"
        " ('mon_max_pg_per_osd', 'mon_osd_full_ratio', 'mgr_tick_period', 'log_to_file', 'fsid')]"
    )
    assert found == ["int", "float", "float", "bool", "str"]


def test_unknown_ceph_option(subject):
    """An unknown option of Ceph is a KeyError that names it."""
    raised = subject.eval("mgr.get_ceph_option('no_such_option')")
    assert raised == Raised("KeyError", "'option not found: no_such_option'")


def test_foreign_ceph_option(subject):
    """get_foreign_ceph_option() gives what an option is for another daemon."""
    assert subject.eval("mgr.get_foreign_ceph_option('osd.0', 'osd_recovery_max_chunk')") == 8388608


def test_foreign_unknown_option(subject):
    """An unknown option for another daemon is a KeyError that names it."""
    raised = subject.eval("mgr.get_foreign_ceph_option('osd.0', 'no_such_option')")
    assert raised == Raised("KeyError", "'option not found: no_such_option'")


def test_foreign_bad_entity(subject):
    """A name that is no daemon's is a KeyError that names it."""
    raised = subject.eval("mgr.get_foreign_ceph_option('nonsense', 'osd_max_backfills')")
    assert raised == Raised("KeyError", "'invalid entity: nonsense'")


def test_foreign_follows_config(subject):
    """get_foreign_ceph_option() follows what an operator sets for that daemon."""
    subject.ok("config set osd.0 osd_max_backfills 4")
    try:
        poll_for(
            lambda: subject.eval("mgr.get_foreign_ceph_option('osd.0', 'osd_max_backfills')") == 4,
            10,
            "the value to arrive",
        )
    finally:
        subject.ok("config rm osd.0 osd_max_backfills")
    subject.shows(4)


def test_log_options_are_added(subject):
    """Every module has log_level, log_to_file, log_to_cluster and log_to_cluster_level."""
    found = subject.eval("sorted(o['name'] for o in mgr.MODULE_OPTIONS if 'log' in o['name'])")
    assert found == ["log_level", "log_to_cluster", "log_to_cluster_level", "log_to_file"]


def test_log_level_default(subject):
    """log_level is the empty text by default, log_to_cluster_level is `info`."""
    found = subject.eval(
        "[mgr.get_module_option(n) for n in ('log_level', 'log_to_cluster', 'log_to_cluster_level')]"
    )
    assert found == ["", False, "info"]


@pytest.mark.deviates("`log_to_file`")
def test_log_to_file_default(subject):
    """log_to_file is off by default."""
    assert subject.eval("mgr.get_module_option('log_to_file')") is subject.here
