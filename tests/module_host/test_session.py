"""The session: local reads, writes that are read back at once, messages that say what was meant."""

from proto.v1.envelope_pb2 import Envelope
from tests.module_host.standin import text


def execute(standin, host, source, **names):
    return standin.call(host, "execute", f"s = self.session\n{source}", **names)


def test_a_write_is_read_back_at_once(standin):
    """No change came through the inbox, and still the writer sees what it wrote."""
    standin.store["old"] = "1"
    host = standin.run()
    source = "s.set_store('a', 'b'); s.set_store('old', None); result = s.store_prefix('')"
    assert execute(standin, host, source) == {"a": "b"}
    source = "s.set_option('probe', 'n', '5'); result = s.option('mgr/probe/n')"
    assert execute(standin, host, source) == "5"


def test_changes_by_others_arrive(standin):
    """Options and keys follow what the supervisor says, older changes excepted."""
    standin.options["mgr/probe/n"] = "1"
    host = standin.run()
    assert execute(standin, host, "result = s.option('mgr/probe/n')") == "1"
    news = [
        {"key": "mgr/probe/n", "value": "2", "seq": 30},
        {"key": "mgr/x/y", "value": "", "seq": 31},
    ]
    standin.send(host, Envelope(options_changed={"changes": news}))
    standin.send(host, Envelope(options_changed={"changes": [{"key": "mgr/probe/n", "seq": 29}]}))
    standin.send(host, Envelope(store_changed={"changes": [{"key": "k", "value": "v", "seq": 32}]}))
    source = "result = s.option('mgr/probe/n'), s.option('mgr/x/y'), s.store('k'), s.store('none')"
    assert execute(standin, host, source) == ("2", None, "v", None)


def test_a_refused_write_is_a_value_error(standin):
    """With the cluster's sentence."""
    host = standin.run()
    source = """
try:
    s.set_store("bad", "1")
except ValueError as error:
    result = str(error)
"""
    assert execute(standin, host, source) == "the key is bad"


def test_state_is_read_from_the_folder(standin):
    """No message is needed."""
    standin.publish("osd_map", {"epoch": 4})
    host = standin.run()
    source = "result = s.state('osd_map'), s.shared_state('osd_map') is s.shared_state('osd_map')"
    assert execute(standin, host, source) == ({"epoch": 4}, True)
    standin.publish("osd_map", {"epoch": 5})
    assert execute(standin, host, "result = s.state('osd_map'), s.state('no')") == (
        {"epoch": 5},
        None,
    )


def test_commands_complete_once_each_with_their_own_outcome(standin):
    """Fifty at once; every completion gets its own command's result."""
    host = standin.run()
    source = """
import threading
got, all_there = {}, threading.Event()
def completion(n):
    def done(retval, out, err):
        assert n not in got
        got[n] = (retval, out, err)
        if len(got) == 50: all_there.set()
    return done
for n in range(50):
    s.send_command(("mon", ""), '{"n": %d}' % n, b"", "tag", completion(n))
all_there.wait(10)
result = got
"""
    assert execute(standin, host, source) == {n: (0, f'{{"n": {n}}}', "") for n in range(50)}


def test_commands_to_nowhere_are_refused_before_they_are_sent(standin):
    """The sentences of ceph-mgr 16.2.15."""
    host = standin.run()
    source = """
result = []
for service in (("osd", "abc"), ("mgr", "x"), ("pg", "zz")):
    try:
        s.send_command(service, "{}", b"", "", print)
    except ValueError as error:
        result.append(str(error))
"""
    assert execute(standin, host, source) == [
        'invalid osd_id: "abc"',
        "unknown service type: mgr",
        'invalid pgid: "zz"',
    ]


def test_messages_arrive_in_the_order_in_which_they_were_said(standin):
    """Health, log, progress, uri, clients: nothing overtakes."""
    host = standin.run()
    source = """
from module_host.session import Check
s.set_health([Check("A", "warning", "sum", 2, ["d"])])
s.cluster_log("cluster", 1, "text")
s.daemon_log("line", 30)
s.set_uri("http://x")
s.progress("update", "id", "msg", 0.5, True)
s.progress("clear", "", "", 0.0, False)
s.register_client("c", "addr", remove=False, replace=True)
s.set_health([])
"""
    assert execute(standin, host, source) is None
    said = [e.WhichOneof("body") for e in host.heard]
    assert said == [
        "set_health", "cluster_log", "log", "set_uri", "progress", "progress", "register_client",
        "set_health",
    ]  # fmt: skip
    check = host.heard[0].set_health.checks[0]
    assert (check.code, check.severity, check.count, list(check.detail)) == (
        "A",
        "warning",
        2,
        ["d"],
    )
    assert not host.heard[-1].set_health.checks
    assert host.heard[4].progress.action == 1
    assert host.heard[6].register_client.replace


def test_authorized_only_while_a_command_is_served(standin):
    """As upstream: True inside a handler, False elsewhere."""
    standin.add_module(
        "guarded",
        "from mgr_module import MgrModule\n"
        "class Module(MgrModule):\n"
        "    COMMANDS = [{'cmd': 'guarded', 'perm': 'r'}]\n"
        "    def handle_command(self, inbuf, cmd): return 0, str(self.session.authorized({})), ''\n"
        "    def outside(self): return self.session.authorized({})\n",
    )
    host = standin.run("guarded")
    assert standin.call(host, "outside") is False
    assert standin.result(standin.command(host, {"prefix": "guarded"})).stdout == b"True"


def test_logging_never_fails(standin):
    """What cannot be told to the supervisor is in the module's own log: of a forked child, too."""
    host = standin.run()
    source = """
import os
s.daemon_log("a lone \\udcff surrogate")
if os.fork() == 0:
    s.daemon_log("a line of a child")
    s.cluster_log("cluster", 1, "news of a child")
    os._exit(0)
result = os.wait()[1]
"""
    assert execute(standin, host, source) == 0
    assert [e.log.line for e in host.heard] == ["a lone \\udcff surrogate"]
    assert {"a line of a child", "news of a child"} <= set(text(host).splitlines())
