"""What the files of cgroup v2 say, and what is written to them."""

import pytest

from supervisor.core.cgroup import (
    CONTROLLERS,
    Tally,
    Verdict,
    folder,
    membership,
    numbers,
    refused,
    settings,
    summary,
    verdict,
)
from supervisor.core.limits import MIB, Limits


HYBRID = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:5 - cgroup2 cgroup2 rw
"""
UNIFIED = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
PART = "30 23 0:26 /box /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("0::/system.slice/a.service\n", "/system.slice/a.service"),
        ("8:pids:/x\n1:name=systemd:/y\n0::/\n", "/"),
        ("8:pids:/x\n", None),
        ("", None),
    ],
)
def test_the_cgroup_of_a_process_is_that_of_version_2(text, path):
    assert membership(text) == path


@pytest.mark.parametrize(
    ("mounts", "path", "found"),
    [
        (UNIFIED, "/system.slice/a.service", "/sys/fs/cgroup/system.slice/a.service"),
        (UNIFIED, "/", "/sys/fs/cgroup"),
        (HYBRID, "/a", "/sys/fs/cgroup/unified/a"),
        (PART, "/box/a", "/sys/fs/cgroup/a"),
        (PART, "/box", "/sys/fs/cgroup"),
        (PART, "/boxes", None),
        ("", "/a", None),
    ],
)
def test_its_folder_is_below_the_mount(mounts, path, found):
    """Also where only a part of the tree is mounted, as in a container: what is beside it is not."""
    assert folder(mounts, path) == found


def test_blanks_in_a_mount_point_are_escaped():
    mounts = UNIFIED.replace("/sys/fs/cgroup", r"/mnt/my\040groups")
    assert folder(mounts, "/a") == "/mnt/my groups/a"


def test_each_limit_is_written_where_its_controller_is():
    limits = Limits(memory=100 * MIB, processes=40, cpu_share=50)
    everything = settings(limits, CONTROLLERS)
    assert everything == {
        "memory.max": str(100 * MIB),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "40",
        "cpu.weight": "50",
    }
    assert settings(limits, ["pids"]) == {"pids.max": "40"}
    assert settings(limits, []) == {}


def test_a_limit_that_is_lifted_is_lifted_in_the_kernel_too():
    lifted = settings(Limits(memory=0, processes=0), CONTROLLERS)
    assert {lifted[name] for name in ("memory.max", "memory.swap.max", "pids.max")} == {"max"}


def test_counters_are_read_by_key():
    """A newer kernel's keys do no harm."""
    assert numbers("oom 2\noom_kill 3\nsome future thing\n") == {"oom": 2, "oom_kill": 3}
    assert numbers("") == {}


def test_a_process_that_the_kernel_killed_for_its_limit_died_of_that():
    limits = Limits(memory=100 * MIB)
    found = verdict(Tally(peak=100 * MIB, short=1, killed=4), limits)
    text = "limit memory: it used 100.0 MiB of 100.0 MiB and asked for more"
    assert found == Verdict(limit=text)


def test_one_that_was_killed_for_others_did_not_pass_its_limit():
    """Memory ran out around it: in the service, or on the machine."""
    found = verdict(Tally(peak=30 * MIB, killed=1), Limits(memory=100 * MIB))
    assert not found.limit
    assert found.cause.startswith("by the kernel, for want of memory outside of its own limit")
    assert "30.0 MiB" in found.cause


def test_any_other_death_has_nothing_to_do_with_it():
    assert verdict(Tally(peak=100 * MIB, short=7), Limits()) == Verdict()


def test_what_was_refused_names_its_limit():
    told = refused(Tally(refused=12), Limits(processes=64))
    assert told == "limit processes: it was refused 12 processes or threads beyond 64"


def test_what_is_bounded_and_what_is_not():
    assert summary(CONTROLLERS) == "memory, pids, cpu"
    assert summary(("pids",)) == "pids; not available: memory, cpu"
    assert summary(()) == "kill only; not available: memory, pids, cpu"
