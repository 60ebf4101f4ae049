"""The metadata servers of a file system."""

from ceph.deployment.custom_config import CustomConfig
from ceph.deployment.hostspec import SpecValidationError
from ceph.deployment.placement import PlacementSpec
from ceph.deployment.service import ServiceSpec


class MDSSpec(ServiceSpec):
    """`service_id` is the name of the file system."""

    _types = ["mds"]

    def __init__(
        self,
        service_type: str = "mds",
        service_id: str | None = None,
        placement: PlacementSpec | None = None,
        config: dict[str, str] | None = None,
        unmanaged: bool = False,
        preview_only: bool = False,
        extra_container_args: list[str] | None = None,
        extra_entrypoint_args: list[str] | None = None,
        custom_configs: list[CustomConfig] | None = None,
    ) -> None:
        super().__init__(
            service_type,
            service_id,
            placement=placement,
            config=config,
            unmanaged=unmanaged,
            preview_only=preview_only,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
            custom_configs=custom_configs,
        )

    def validate(self) -> None:
        super().validate()
        if self.service_id and self.service_id[0].isdigit():
            raise SpecValidationError("MDS service id cannot start with a numeric digit")
