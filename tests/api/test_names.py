"""A module is a subclass: whatever names its author takes for attributes and methods, none is ours."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from module_host.mgr.main import module as newest
from tests.api.house import living
from tests.api.memory import MemorySession


# What upstream's own mgr_module keeps on a module, so that it is in its way in ceph-mgr, too.
UPSTREAMS = {
    "_root_logger", "_mgr_log_handler", "_cluster_log_handler", "_file_log_handler", "_logger",
    "_version", "_rados", "_mgr_ips", "_db", "_db_lock", "_register_options", "_register_commands",
    "_configure_logging", "_unconfigure_logging", "_set_log_level", "_enable_file_log",
    "_disable_file_log", "_enable_cluster_log", "_disable_cluster_log", "_config_notify",
    "_validate_module_option", "_get_module_option", "_set_module_option", "_set_localized",
    "_perfvalue_to_value", "_perfpath_to_path_labels", "_audit_log_subscribe", "_handle_command",
    "_stattype_to_str", "_unit_to_str",
}  # fmt: skip
# A module's own, as in programs everywhere.
AUTHORS = {
    "_session", "_identity", "_osd_map", "_open", "_create", "_device", "_connected", "_complain",
    "_entity",
}  # fmt: skip
LEVELS = {"pacific": importlib.import_module("mgr_module"), "main": newest}


@pytest.fixture(params=LEVELS)
def module(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Of either level, with attributes as programs use to have."""
    base: Any = LEVELS[request.param].MgrModule

    class Ordinary(base):  # type: ignore[misc]
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self._session = self._identity = self._osd_map = None

        def _open(self, _file: str) -> None:
            raise AssertionError("this is the author's")

        _create = _device = _connected = _complain = _entity = _open

    with living(Ordinary, MemorySession("ordinary", tmp_path)) as made:
        yield made


def test_every_private_name_is_upstreams_or_marked_as_ours(module: Any) -> None:
    """Ours begin in a way in which nobody's do by accident, or are mangled."""
    ours = {
        name
        for name in dir(module)
        if name.startswith("_")
        and not name.startswith(("__", "_ceph_", "_supervisor_"))
        and "__" not in name
        and name not in UPSTREAMS | AUTHORS
    }
    assert ours == set()


def test_a_module_may_call_its_attributes_what_it_likes(module: Any) -> None:
    """What the base class does goes on."""
    module.set_store("key", "value")
    assert module.get_store("key") == "value"
    assert module.get_mgr_id() == "x"
    assert module.get("osd_map")["epoch"]
    assert module.get("device nobody") == {}
