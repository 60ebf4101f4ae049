"""Services of type `container`, run as plain commands: no image, no runtime, no mounts."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from ceph.deployment.service_spec import CustomContainerSpec
from orchestrator import OrchestratorValidationError

from local_orchestrator.recipes.cluster import Cluster
from local_orchestrator.recipes.deployment import FOLDER, Deployment, File, Preparation
from local_orchestrator.recipes.recipe import (
    Place,
    Recipe,
    extra_arguments,
    labels,
    refuse_fields,
)


MEANINGLESS = {
    "volume_mounts": f"a plain command has no mounts: use {FOLDER} in args, envs or files",
    "bind_mounts": f"a plain command has no mounts: use {FOLDER} in args, envs or files",
    "privileged": "a plain command has the rights of the host agent, no more and no less",
    "uid": "a plain command runs as the user of the host agent",
    "gid": "a plain command runs as the group of the host agent",
    "extra_container_args": "there is no container runtime to give them to: use args",
    "custom_configs": "there is nothing to mount them into: use files",
    "config": "a plain command has no options in the cluster: use args or envs",
    "networks": "a plain command binds to what its own arguments say",
}


class ContainerRecipe(Recipe):
    """`entrypoint` with `args` and `extra_entrypoint_args` behind it, in the environment `envs`.

    `files` and `dirs` are made in the daemon's own folder, below which a leading slash counts for
    nothing, as with cephadm. `image` is not used: it is listed as what the daemon was made from.
    Unlike with cephadm, `args` are the program's, since there is no runtime that could take them.
    """

    kind = "container"

    def check(self, spec: CustomContainerSpec, cluster: Cluster | None) -> None:
        name = spec.service_name()
        refuse_fields(spec, MEANINGLESS)
        if not spec.entrypoint:
            raise OrchestratorValidationError(
                f"{name}: entrypoint: name the program; images are not run here"
            )
        if len(spec.entrypoint.split()) != 1:
            raise OrchestratorValidationError(
                f"{name}: entrypoint: {spec.entrypoint!r} is not one word; arguments go into args"
            )
        _strings(name, "args", spec.args)
        _strings(name, "dirs", spec.dirs)
        extra_arguments(spec)
        _environment(name, spec.envs)
        for path, content in (spec.files or {}).items():
            _text(name, path, content)
        for field in ("dirs", "files"):
            for path in getattr(spec, field) or []:
                _inside(name, field, path)
        if any(not isinstance(port, int) or not 0 < port < 65536 for port in spec.ports or []):
            raise OrchestratorValidationError(
                f"{name}: ports: {spec.ports} are not all port numbers"
            )

    def deployment(
        self, spec: CustomContainerSpec, daemon_id: str, place: Place, cluster: Cluster | None
    ) -> Deployment:
        name = spec.service_name()
        described = {**labels(spec, self.kind, daemon_id, place), "image": spec.image}
        if spec.ports:
            described["ports"] = ",".join(map(str, place.ports or spec.ports))
        folders = [f"{FOLDER}/{_inside(name, 'dirs', path)}" for path in spec.dirs or []]
        return Deployment(
            name=f"{self.kind}.{daemon_id}",
            command=(spec.entrypoint, *(spec.args or []), *extra_arguments(spec)),
            environment=_environment(name, spec.envs),
            files={
                _inside(name, "files", path): File(_text(name, path, content))
                for path, content in (spec.files or {}).items()
            },
            labels=described,
            prepare=[Preparation(("mkdir", "-p", "--", *folders))] if folders else [],
        )


def _strings(service: str, field: str, words: Any) -> None:
    if words and not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
        raise OrchestratorValidationError(f"{service}: {field}: {words!r} is not a list of strings")


def _environment(service: str, words: Any) -> Mapping[str, str]:
    """Variables from `NAME=value` words."""
    _strings(service, "envs", words)
    for word in words or []:
        if not word.partition("=")[0].isidentifier() or "=" not in word:
            raise OrchestratorValidationError(f"{service}: envs: {word!r} is not NAME=value")
    return dict(word.split("=", 1) for word in words or [])


def _text(service: str, path: str, content: Any) -> str:
    """A file's text, given as such or as a list of its lines."""
    if isinstance(content, list) and all(isinstance(line, str) for line in content):
        return "\n".join(content)
    if not isinstance(content, str):
        raise OrchestratorValidationError(
            f"{service}: files: the content of {path} is neither a text nor a list of lines"
        )
    return content


def _inside(service: str, field: str, path: str) -> str:
    """`path` relative to the daemon's folder; OrchestratorValidationError if it leads out of it."""
    parts = PurePosixPath(path.strip("/")).parts
    if not parts or ".." in parts:
        raise OrchestratorValidationError(
            f"{service}: {field}: {path!r} is no path below the daemon's folder"
        )
    return str(PurePosixPath(*parts))
