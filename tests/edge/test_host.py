"""What is known of one module's process."""

import random
from unittest.mock import Mock

import pytest

from supervisor.config import Tree
from supervisor.core import events
from supervisor.core.lifecycle import Lifecycle
from supervisor.core.policy import RestartPolicy, Timings
from supervisor.core.state import State
from supervisor.edge.discovery import Found
from supervisor.edge.host import Host, Layer, Surroundings


@pytest.fixture
def made(tmp_path):
    """Makes one, of a module that was never started."""

    def make(policy):
        cycle = Lifecycle("x", policy, Timings(), random.Random(1), mgr_id="a")
        return Host(Found("x", Tree(tmp_path), tmp_path), cycle, Mock(spec=Surroundings))

    return make


@pytest.fixture
def host(made):
    return made(RestartPolicy())


@pytest.mark.parametrize("status", ["absent", "off"])
def test_a_layer_holds_only_where_the_process_said_so(host, status):
    """Where the kernel has none, or it is switched off, the module may do what it would forbid."""
    host.inbox = b"route"
    assert not host.enforces("programs")
    host.layers = [Layer("files", "enforced", ""), Layer("programs", status, "")]
    assert not host.enforces("programs")
    host.layers = [Layer("files", "enforced", ""), Layer("programs", "enforced", "")]
    assert host.enforces("programs")


def test_nothing_is_known_of_a_process_before_its_hello(host):
    """The layers of the one before it may have been others."""
    host.inbox = b"route"
    host.layers = [Layer("programs", "enforced", "")]
    host.process_gone()
    assert not host.enforces("programs")


@pytest.mark.parametrize(("delay", "refusals"), [(8.0, 0), (12.0, 2)])
def test_nobody_waits_for_a_module_that_is_tried_again_too_late(made, delay, refusals):
    """Who asks waits while it may be ready in time, and is refused as soon as it cannot be."""
    host = made(RestartPolicy(first_delay=delay, jitter=0.0))
    go, refuse = Mock(), Mock()
    host.tell(events.EnableAsked())
    host.wait_ready(10, go, refuse)
    host.tell(events.SpawnFailed("the first one, tried again at once"))
    assert not refuse.called
    host.tell(events.SpawnFailed("the second one"))
    assert host.lifecycle.state is State.BACKOFF
    host.wait_ready(10, go, refuse)
    assert (go.call_count, refuse.call_count) == (0, refusals)
