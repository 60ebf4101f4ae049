"""notify(): which changes a module hears of, how, and on which thread."""

from tests.conditions import poll_for


def heard(subject, kind, act):
    """What probe's notify() got of type `kind` since `act()` began."""
    before = subject.eval("len(mgr.seen)")
    act()

    def found():
        return subject.eval(f"[n for n in mgr.seen[{before}:] if n[0] == {kind!r}]")

    return poll_for(found, 30, f"a notification {kind}")


def in_list(subject):
    """Change the OSD map."""
    subject.ok("osd set noscrub")
    subject.ok("osd unset noscrub")


def test_osd_map(subject):
    """A new OSD map is notified as `osd_map` with an empty id."""
    found = heard(subject, "osd_map", lambda: in_list(subject))
    assert subject.shows(found[0][:2]) == ("osd_map", "")


def test_osd_map_is_there(subject):
    """When notify() of a new map runs, get() gives that map or a newer one."""
    subject.eval("before = mgr.get('osd_map')['epoch']")
    heard(subject, "osd_map", lambda: in_list(subject))
    assert subject.eval("mgr.get('osd_map')['epoch'] > before") is True


def test_clog(subject):
    """A line of the cluster log is notified as `clog`, with the entry as a dict."""
    found = heard(subject, "clog", lambda: subject.ok("log", "words for the probe"))
    entries = [entry for _, entry, _ in found if entry["message"] == "words for the probe"]
    assert poll_for(lambda: entries, 1, "the entry")
    assert subject.shows(sorted(entries[0])) == [
        "addrs", "channel", "message", "name", "priority", "rank", "seq", "stamp",
    ]  # fmt: skip


def test_command(subject):
    """The end of each sent command is notified as `command` with its tag."""
    source = (
        "from mgr_module import CommandResult\nresult = CommandResult('mytag')\n"
        "mgr.send_command(result, 'mon', '', '{\"prefix\": \"fsid\"}', 'mytag'); result.wait()[0]"
    )
    found = heard(subject, "command", lambda: subject.eval(source))
    assert ("command", "mytag") in [entry[:2] for entry in found]
    subject.shows(("command", "mytag"))


def test_command_of_others(subject):
    """The end of another module's command is notified as well."""
    source = (
        "from mgr_module import CommandResult\nresult = CommandResult('theirs')\n"
        "mgr.send_command(result, 'mon', '', '{\"prefix\": \"fsid\"}', 'theirs'); result.wait()[0]"
    )
    found = heard(subject, "command", lambda: subject.eval(source, module="second"))
    assert ("command", "theirs") in [entry[:2] for entry in found]
    subject.shows(("command", "theirs"))


def test_health(subject):
    """Health is notified as `health`, again and again."""
    assert subject.shows(heard(subject, "health", lambda: None)[0][:2]) == ("health", "")


def test_pg_summary(subject):
    """The digest of placement groups is notified as `pg_summary`, again and again."""
    assert subject.shows(heard(subject, "pg_summary", lambda: None)[0][:2]) == ("pg_summary", "")


def test_plain_text(subject):
    """The type arrives as plain text, not as a member of NotifyType."""
    heard(subject, "osd_map", lambda: in_list(subject))
    assert subject.eval("sorted({type(kind).__name__ for kind, _, _ in mgr.seen})") == ["str"]


def test_one_thread(subject):
    """Every notify() of a module runs on one and the same thread, that of its commands."""
    heard(subject, "osd_map", lambda: in_list(subject))
    source = (
        "import threading\n{name for _, _, name in mgr.seen} == {threading.current_thread().name}"
    )
    assert subject.eval(source) is True


def test_unlisted_types(subject):
    """A module hears nothing of types that NOTIFY_TYPES does not list."""
    subject.ok("config set mgr mgr/second/port 81")
    subject.eval("mgr.set_module_option('port', None)", module="second")
    heard(subject, "osd_map", lambda: in_list(subject))
    source = (
        "{kind for kind, _, _ in mgr.seen}"
        " <= {'osd_map', 'mon_map', 'clog', 'command', 'health', 'pg_summary'}"
    )
    assert subject.eval(source) is True


def test_exception(subject):
    """An exception in notify() is not the end: the next notification arrives, and health is as before."""
    subject.eval(
        "def fail(kind, what):\n    mgr.seen.append((kind, '', __import__('threading').current_thread().name)); raise ValueError\n"
        "mgr.notify = fail"
    )
    try:
        heard(subject, "osd_map", lambda: in_list(subject))
    finally:
        subject.eval("del mgr.notify")
    heard(subject, "osd_map", lambda: in_list(subject))
    found = [c for c in subject.json("health")["checks"] if c.startswith("MGR_MODULE")]
    assert subject.shows(found) == []


def test_exception_in_config_notify(subject):
    """An exception in config_notify() is not the end either."""
    subject.eval("def fail():\n    mgr.configured += 1; raise ValueError\nmgr.config_notify = fail")
    before = subject.eval("mgr.configured")
    try:
        subject.ok("config set mgr mgr/second/port 82")
        poll_for(lambda: subject.eval("mgr.configured") > before, 10, "config_notify()")
        again = subject.eval("mgr.configured")
        subject.ok("config set mgr mgr/second/port 83")
        poll_for(lambda: subject.eval("mgr.configured") > again, 10, "config_notify() again")
    finally:
        subject.eval("del mgr.config_notify")
        subject.eval("mgr.set_module_option('port', None)", module="second")
    subject.shows("called again")
