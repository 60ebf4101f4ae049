"""What is known of one module's process."""

import random
from unittest.mock import Mock

import pytest

from supervisor.config import Tree
from supervisor.core.lifecycle import Lifecycle
from supervisor.core.policy import RestartPolicy, Timings
from supervisor.edge.discovery import Found
from supervisor.edge.host import Host, Layer, Surroundings


@pytest.fixture
def host(tmp_path):
    cycle = Lifecycle("x", RestartPolicy(), Timings(), random.Random(1), mgr_id="a")
    return Host(Found("x", Tree(tmp_path), tmp_path), cycle, Mock(spec=Surroundings))


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
