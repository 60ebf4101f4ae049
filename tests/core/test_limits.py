"""What follows from what a module uses, and what its limits are worth in the kernel's terms."""

import pytest

from supervisor.core.bucket import Bucket
from supervisor.core.limits import GIB, MIB, Limits, nice_of, size
from supervisor.core.watch import REMEMBERED, Usage, Watch, wants_exact


def test_a_module_past_its_memory_is_killed_with_the_figure():
    watch = Watch(Limits(memory=100 * MIB))
    over = watch.look(Usage(memory=150 * MIB, exact=True), 0.0)
    assert over == "limit memory: it used 150.0 MiB of 100.0 MiB"
    assert watch.warning == f"was killed: {over}"


def test_one_that_the_kernel_killed_first_is_warned_of_as_well():
    watch = Watch(Limits())
    watch.killed("limit memory: so much", 0.0)
    assert watch.look(Usage(), 1.0) == ""
    assert watch.warning == "was killed: limit memory: so much"


def test_shared_pages_kill_nobody():
    """RSS counts a page at each process that has it: it only says that the PSS is worth reading."""
    limits = Limits(memory=100 * MIB)
    assert Watch(limits).look(Usage(memory=150 * MIB, exact=False), 0.0) == ""
    assert wants_exact(limits, 90 * MIB)
    assert not wants_exact(limits, 50 * MIB)


def test_threads_of_all_processes_count():
    over = Watch(Limits(processes=40)).look(Usage(processes=11, threads=41), 0.0)
    assert over == "limit processes: it had at least 41 of 40, threads included"


def test_a_module_with_too_many_connections_is_killed_with_the_figure():
    watch = Watch(Limits(connections=700))
    assert watch.look(Usage(connections=600), 0.0) == ""
    assert watch.warning == "is near a limit: connections, 600 of 700"
    assert watch.look(Usage(connections=701), 0.0) == "limit connections: it had 701 of 700"


def test_a_module_whose_folder_is_full_is_killed_and_may_go_on_to_empty_it():
    """It is killed again where it adds to it; what it has given up, it may not take again."""
    watch = Watch(Limits(data_size=100 * MIB))

    def look(mib, now):
        return watch.look(Usage(data_bytes=mib * MIB), now)

    assert look(110, 0.0) == "limit data_size: its data folder had at least 110.0 MiB of 100.0 MiB"
    assert look(112, 1.0) == ""
    assert watch.warning.startswith("was killed: limit data_size")
    assert look(112, REMEMBERED + 1) == ""
    assert watch.warning == "is past a limit: data_size, 112.0 MiB of 100.0 MiB"
    assert look(121, REMEMBERED + 2)
    assert look(130, REMEMBERED + 3) == ""
    assert look(105, REMEMBERED + 4) == ""
    assert look(116, REMEMBERED + 5)
    assert look(60, REMEMBERED + 6) == ""
    assert look(101, REMEMBERED + 7)


def test_a_module_near_a_limit_is_warned_of_until_it_is_well_below():
    watch = Watch(Limits(memory=100 * MIB))
    watch.look(Usage(memory=81 * MIB, exact=True), 0.0)
    assert watch.warning == "is near a limit: memory, 81.0 MiB of 100.0 MiB"
    watch.look(Usage(memory=75 * MIB, exact=True), 1.0)
    assert "75.0 MiB" in watch.warning
    watch.look(Usage(memory=60 * MIB, exact=True), 2.0)
    assert watch.warning == ""
    watch.look(Usage(memory=75 * MIB, exact=True), 3.0)
    assert watch.warning == ""


def test_a_killed_modules_limit_stands_in_the_report_for_a_while():
    watch = Watch(Limits(processes=40))
    watch.look(Usage(threads=100), 5.0)
    watch.look(Usage(threads=10), 5.0 + REMEMBERED - 1)
    assert watch.warning.startswith("was killed: limit processes")
    watch.look(Usage(threads=10), 5.0 + REMEMBERED + 1)
    assert watch.warning == ""


def test_a_limit_of_0_is_none():
    watch = Watch(Limits(memory=0, processes=0, connections=0, data_size=0))
    much = Usage(1 << 50, True, threads=1 << 20, connections=1 << 20, data_bytes=1 << 50)
    assert watch.look(much, 0.0) == ""
    assert watch.warning == ""


@pytest.mark.parametrize(("share", "nice"), [(100, 0), (80, 1), (50, 3), (10, 10), (1, 19)])
def test_a_share_of_the_cpu_is_a_nice_value(share, nice):
    assert nice_of(share) == nice


def test_a_bucket_gives_its_burst_at_once_and_its_rate_for_ever():
    bucket = Bucket(rate=10, burst=20, now=0.0)
    assert sum(bucket.take(0.0) for _ in range(100)) == 20
    assert bucket.due() == pytest.approx(0.1)
    assert sum(bucket.take(at / 100) for at in range(1, 1001)) == pytest.approx(100, abs=1)


def test_a_bucket_gives_a_part_where_it_has_no_more():
    bucket = Bucket(rate=10, burst=20, now=0.0)
    assert bucket.take_some(0.0, 15) == 15
    assert bucket.take_some(0.0, 15) == 5
    assert bucket.take_some(1.0, 15) == 10


def test_sizes_are_told_in_the_unit_that_fits():
    assert [size(n) for n in (12, 2048, 3 * MIB, 5 * GIB)] == [
        "12 bytes", "2.0 KiB", "3.0 MiB", "5.0 GiB",
    ]  # fmt: skip
