"""Daemons of any kind, run from an image."""

from copy import copy
from typing import Any

from ceph.deployment.hostspec import SpecValidationError
from ceph.deployment.placement import PlacementSpec
from ceph.deployment.service import ServiceSpec


_CONFIG = (
    "image", "entrypoint", "uid", "gid", "args", "envs", "volume_mounts", "privileged",
    "bind_mounts", "ports", "dirs", "files",
)  # fmt: skip


class CustomContainerSpec(ServiceSpec):
    """`args` are for the container's engine, `envs` are NAME=value, `volume_mounts` and `files` map
    a path to what it holds, each of `bind_mounts` is a list of mount's options, `dirs` are made
    before the start.
    """

    _types = ["container"]

    def __init__(
        self,
        service_type: str = "container",
        service_id: str | None = None,
        config: dict[str, str] | None = None,
        networks: list[str] | None = None,
        placement: PlacementSpec | None = None,
        unmanaged: bool = False,
        preview_only: bool = False,
        image: str | None = None,
        entrypoint: str | None = None,
        extra_entrypoint_args: list[str] | None = None,
        uid: int | None = None,
        gid: int | None = None,
        volume_mounts: dict[str, str] | None = {},
        args: list[str] | None = [],
        envs: list[str] | None = [],
        privileged: bool | None = False,
        bind_mounts: list[list[str]] | None = None,
        ports: list[int] | None = [],
        dirs: list[str] | None = [],
        files: dict[str, Any] | None = {},
    ) -> None:
        for field, value in (("service_id", service_id), ("image", image)):
            if value is None:
                raise SpecValidationError(f"Cannot add container: No {field} specified")
        super().__init__(
            service_type,
            service_id,
            placement=placement,
            unmanaged=unmanaged,
            preview_only=preview_only,
            config=config,
            networks=networks,
            extra_entrypoint_args=extra_entrypoint_args,
        )
        self.image = image
        self.entrypoint = entrypoint
        self.uid = uid
        self.gid = gid
        self.volume_mounts = copy(volume_mounts)
        self.args = copy(args)
        self.envs = copy(envs)
        self.privileged = privileged
        self.bind_mounts = bind_mounts
        self.ports = copy(ports)
        self.dirs = copy(dirs)
        self.files = copy(files)

    def config_json(self) -> dict[str, Any]:
        """What the program that runs the container is to know: all fields that are not None."""
        fields = {field: getattr(self, field) for field in _CONFIG}
        return {field: value for field, value in fields.items() if value is not None}
