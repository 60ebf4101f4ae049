"""Which crashes are alike, which get a record, and what a record says."""

import traceback

import pytest

from supervisor.core.crashes import (
    DAY,
    PER_MODULE,
    PER_SIGNATURE,
    Book,
    CountIn,
    entries,
    exception_of,
    signature,
    stack_of,
)


# A record of 18.2.4, published by somebody whose nfs module had no orchestrator.
REAL = [
    '  File "/usr/share/ceph/mgr/nfs/module.py", line 189, in cluster_ls\n    return available_clusters(self)',
    "  File \"/usr/share/ceph/mgr/nfs/utils.py\", line 70, in available_clusters\n    completion = mgr.describe_service(service_type='nfs')",
    '  File "/usr/share/ceph/mgr/orchestrator/_interface.py", line 1664, in inner\n    completion = self._oremote(method_name, args, kwargs)',
    '  File "/usr/share/ceph/mgr/orchestrator/_interface.py", line 1731, in _oremote\n    raise NoOrchestrator()',
    "orchestrator._interface.NoOrchestrator: No orchestrator configured (try `ceph orch set backend`)",
]


def test_a_traceback_is_listed_and_signed_as_a_real_ceph_mgr_does():
    """The items, and the signature that Ceph's crash module gave the same crash."""
    text = "\n".join(["Traceback (most recent call last):", *REAL, ""])
    assert entries(text) == REAL
    assert exception_of(text) == "NoOrchestrator"
    assert signature(REAL) == "922e03f28672a048b4c876242e1e5b1c28a51719b3a09938b8f19b8435ffacbb"


def test_an_exception_is_named_whatever_its_text():
    """Also one of several lines, one with a cause, one without any text."""

    def told(*errors):
        try:
            try:
                raise errors[0]
            except Exception as error:
                raise errors[-1] from error
        except Exception as error:
            return exception_of("".join(traceback.format_exception(error)))

    assert told(OSError(), ValueError("a: b\nKeyError: c")) == "ValueError"
    assert told(OSError(), KeyError()) == "KeyError"
    assert exception_of("no traceback at all") == ""


DUMP = """2026-11-26 23:44:19,600 [INFO] serving
Fatal Python error: Segmentation fault

Thread 0x00007f01 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 320 in wait

Current thread 0x00007f02 (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 517 in string_at
  File "/srv/peer.py", line 96 in crash

Extension modules: zmq (total: 1)
2026-11-26 23:44:20,600 [INFO] no_new_privs: enforced
"""


def test_a_segfaults_stack_is_found_in_the_log():
    assert stack_of(DUMP) == [
        "Segmentation fault",
        '  File "/usr/lib/python3.11/ctypes/__init__.py", line 517 in string_at',
        '  File "/srv/peer.py", line 96 in crash',
    ]
    assert stack_of("nothing happened") == []


def test_of_crashes_that_are_alike_a_few_a_day_get_a_record():
    """5,760 a day, as one module of Ceph's wrote once, are three records and one true count."""
    book, records, counted = Book(), 0, []
    for n in range(5760):
        into = book.add("rook", "sig", "NotImplementedError", f"id{n}", n * 15.0)
        if into is None:
            records += 1
        else:
            counted.append(into)
    assert records == PER_SIGNATURE
    assert set(counted) == {CountIn("id2")}
    (group,) = book.groups("rook")
    assert (group.count, group.first, group.last) == (5760, 0.0, 5759 * 15.0)
    assert book.add("rook", "sig", "NotImplementedError", "next", DAY + 3600) is None


def test_a_module_whose_crashes_all_differ_is_bounded_too():
    book = Book()
    answers = [book.add("m", f"sig{n}", "what", f"id{n}", float(n)) for n in range(1000)]
    assert answers.count(None) == PER_MODULE
    assert sum(group.count for group in book.groups("m")) == 1000
    assert book.add("other", "sig0", "what", "its", 1000.0) is None


@pytest.mark.parametrize("order", [1, -1])
def test_what_was_counted_before_goes_on_after_a_restart(order):
    """Records are read back in any order."""
    book = Book()
    for at, count in [(10.0, 1), (20.0, 1), (30.0, 40)][::order]:
        book.known("m", "sig", "what", f"id{at:.0f}", at, at + 5, count)
    assert book.add("m", "sig", "what", "new", 50.0) == CountIn("id30")
    (group,) = book.groups()
    assert (group.count, group.first, group.last) == (43, 10.0, 50.0)


def test_a_group_whose_records_are_gone_is_forgotten():
    book = Book()
    book.add("m", "sig", "what", "id", 1.0)
    book.forget(["id"])
    assert book.groups() == []
