"""Commands that a module sends: to monitors, OSDs and its own manager."""

import pytest

from tests.conditions import poll_for
from tests.conformance.subjects import Raised


SEND = """
from mgr_module import CommandResult
import json
def send(kind, where, command, tag='', inbuf=None):
    result = CommandResult(tag)
    text = command if isinstance(command, str) else json.dumps(command)
    mgr.send_command(result, kind, where, text, tag, inbuf)
    return result.wait()
"""


def sent(subject, call):
    """What `send(...)` in the module comes to."""
    return subject.eval(f"{SEND}\n{call}")


def test_mon(subject):
    """A command for the monitors ends in (0, stdout, stderr)."""
    found = sent(
        subject, "code, out, err = send('mon', '', {'prefix': 'fsid'}); code, len(out.strip()), err"
    )
    assert found == (0, 36, "")


def test_mon_format(subject):
    """`format` in the command chooses the output's form."""
    source = "sorted(json.loads(send('mon', '', {'prefix': 'osd stat', 'format': 'json'})[1]))[:2]"
    assert sent(subject, source) == ["epoch", "num_in_osds"]


def test_mon_unknown(subject):
    """An unknown command for the monitors is -EINVAL."""
    assert sent(subject, "send('mon', '', {'prefix': 'no such thing'})") == (
        -22,
        "",
        "command not known",
    )


def test_mon_malformed(subject):
    """Malformed JSON is accepted when sent and is an error when it is answered."""
    assert subject.shows(sent(subject, "send('mon', '', '{')[0]")) == -22


def test_mon_inbuf(subject):
    """Data goes along as `inbuf`."""
    source = (
        "send('mon', '', {'prefix': 'config-key set', 'key': 'mgr/probe/t/i'}, inbuf='data')[0]"
    )
    assert sent(subject, source) == 0
    assert subject.ok("config-key get mgr/probe/t/i") == "data"
    subject.ok("config-key rm mgr/probe/t/i")
    subject.shows("data")


def test_map_after_command(subject):
    """After a command that changed the OSD map, get('osd_map') shows the change."""
    source = (
        "code = send('mon', '', {'prefix': 'osd set', 'key': 'nodeep-scrub'})[0]\n"
        "flags = 'nodeep-scrub' in mgr.get('osd_map')['flags']\n"
        "send('mon', '', {'prefix': 'osd unset', 'key': 'nodeep-scrub'})\n"
        "code, flags, 'nodeep-scrub' in mgr.get('osd_map')['flags']"
    )
    assert sent(subject, source) == (0, True, False)


def test_unknown_kind(subject):
    """An unknown kind of daemon raises ValueError at once."""
    assert sent(subject, "send('mgr', '', {'prefix': 'x'})") == Raised(
        "ValueError", "unknown service type: mgr"
    )


def test_bad_osd(subject):
    """An OSD id that is no number raises ValueError at once."""
    assert sent(subject, "send('osd', 'abc', {'prefix': 'x'})") == Raised(
        "ValueError", 'invalid osd_id: "abc"'
    )


def test_bad_pg(subject):
    """A placement group id that is none raises ValueError at once."""
    raised = sent(subject, "send('pg', 'abc', {'prefix': 'x'})")
    assert subject.shows(raised.kind) == "ValueError"


def test_mon_command(subject):
    """mon_command() takes a dict, waits, and gives the triple."""
    source = "code, out, err = mgr.mon_command({'prefix': 'fsid'}); code, len(out.strip()), err"
    assert subject.eval(source) == (0, 36, "")


def test_mon_command_inbuf(subject):
    """mon_command() takes data as its second argument."""
    source = "mgr.mon_command({'prefix': 'config-key set', 'key': 'mgr/probe/t/m'}, 'data')[0]"
    assert subject.eval(source) == 0
    assert subject.ok("config-key get mgr/probe/t/m") == "data"
    subject.ok("config-key rm mgr/probe/t/m")
    subject.shows("data")


def test_check_mon_command(subject):
    """check_mon_command() gives a HandleCommandResult where the command succeeds."""
    source = (
        "result = mgr.check_mon_command({'prefix': 'fsid'}); type(result).__name__, result.retval"
    )
    assert subject.eval(source) == ("HandleCommandResult", 0)


def test_check_mon_command_failed(subject):
    """check_mon_command() raises MonCommandFailed with prefix, message and code where it fails."""
    raised = subject.eval("mgr.check_mon_command({'prefix': 'no such thing'})")
    assert raised == Raised(
        "MonCommandFailed", "no such thing failed: command not known retval: -22"
    )


def test_own_command_through_mon(subject):
    """A module's command reaches it through the monitors when another module sends it."""
    source = (
        "from mgr_module import CommandResult\nresult = CommandResult('')\n"
        "mgr.send_command(result, 'mon', '', '{\"prefix\": \"probe echo\", \"word\": \"w\"}', '')\n"
        "result.wait()[0]"
    )
    assert subject.eval(source, module="second") == 0


@pytest.mark.parametrize("prefix", ["osd df", "device ls"])
def test_manager_commands(subject, prefix):
    """A module may send commands that the manager itself serves."""
    assert subject.shows(sent(subject, f"send('mon', '', {{'prefix': {prefix!r}}})[0]")) == 0


def test_wait_from_serve(subject):
    """A command may be sent and awaited on the thread of serve()."""
    source = "mgr.in_serve(lambda: mgr.mon_command({'prefix': 'fsid'})[0])"
    assert subject.eval(source) == 0


def test_complete_is_called_once(subject):
    """complete() of whatever object is given is called with code, output and error text."""
    source = (
        "import threading\nclass Mine:\n    got = []\n    done = threading.Event()\n"
        "    def complete(self, *answer):\n        self.got.append(answer); self.done.set()\n"
        "mine = Mine(); mgr.send_command(mine, 'mon', '', '{\"prefix\": \"nope\"}', '')\n"
        "mine.done.wait(10), mine.got"
    )
    assert subject.eval(source) == (True, [(-22, "", "command not known")])


def test_cluster_log(subject):
    """cluster_log() appends to the cluster log with channel and priority."""
    subject.eval("mgr.cluster_log('cluster', mgr.ClusterLogPrio.WARN, 'the probe says so')")

    def found():
        return [e for e in subject.json("log last 50") if e["message"] == "the probe says so"]

    entry = poll_for(found, 10, "the line in the cluster log")[0]
    assert subject.shows((entry["channel"], entry["priority"])) == ("cluster", "[WRN]")
