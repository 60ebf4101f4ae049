"""Calling back from __init__: the guide forbids it, and what upstream serves there works."""

import pytest


CALLS = [
    "get_mgr_id", "version", "release_name", "lookup_release_name", "get_module_option",
    "get_localized_module_option", "get_module_option_ex", "undeclared option", "get_ceph_option",
    "get_foreign_ceph_option", "get_store", "get_store_prefix", "set_store", "set_module_option",
    "get osd_map", "get unknown", "get_osdmap", "list_servers", "get_metadata", "get_perf_schema",
    "cluster_log", "log", "get_context", "have_mon_connection", "get_mgr_ip",
    "remote to nobody",
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_in_constructor(subject, call):
    """Called from __init__, an accessor answers as it does later."""
    if call in ("version", "release_name"):
        subject.shows(type(subject.eval(f"mgr.outcomes[{call!r}]", module="early")).__name__)
    else:
        assert subject.eval(f"mgr.outcomes[{call!r}]", module="early") != ""


@pytest.mark.deviates("`set_health_checks()` in `__init__`")
def test_health_in_constructor(subject):
    """Health checks that are set in __init__ are lost."""
    source = "'EARLY' in __import__('json').loads(mgr.get('health')['json'])['checks']"
    seen = subject.eval(source, module="early")
    with subject.quietly():
        subject.eval("mgr.set_health_checks({})", module="early")
    assert seen is subject.here
