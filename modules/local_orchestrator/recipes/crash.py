"""The collector of crash reports."""

import re

from ceph.deployment.service_spec import ServiceSpec

from local_orchestrator.recipes.ceph_daemon import (
    CephRecipe,
    key,
    reachable,
)
from local_orchestrator.recipes.cluster import Cluster
from local_orchestrator.recipes.deployment import Deployment, Preparation
from local_orchestrator.recipes.programs import needed
from local_orchestrator.recipes.recipe import Place, extra_arguments


FOLDER_OF_DUMPS = "/var/lib/ceph/crash"  # unless the operator's ceph.conf says otherwise


class CrashRecipe(CephRecipe):
    """ceph-crash, which posts the dumps in the folder where daemons leave them.

    Started by root it becomes the user `ceph`, who must not read a daemon's folder. So what it
    needs to reach the cluster is in its environment.
    """

    kind = "crash"
    program = "ceph-crash"
    package = "ceph-base"
    client = True
    caps = ("mon", "profile crash", "mgr", "profile crash")

    def deployment(
        self, spec: ServiceSpec, daemon_id: str, place: Place, cluster: Cluster | None
    ) -> Deployment:
        known = reachable(self.kind, cluster)
        entity = self.entity(daemon_id)
        program = needed(self.kind, self.program, self.package)
        minimal = known.ask("config generate-minimal-conf")
        arguments = {
            "mon-host": ",".join(_value(minimal, "mon_host").split()),
            "key": _value(key(known, entity, self.caps), "key"),
        }
        dumps = _value(known.conf(), "crash_dir") or FOLDER_OF_DUMPS
        return Deployment(
            name=f"{self.kind}.{daemon_id}",
            command=(program, "-n", entity, "-p", dumps, *extra_arguments(spec)),
            environment={
                "CEPH_CONF": "/dev/null",
                "CEPH_ARGS": " ".join(f"--{name}={value}" for name, value in arguments.items()),
            },
            labels=self.labels(spec, daemon_id, place),
            prepare=[Preparation(("mkdir", "-p", f"{dumps}/posted"))],
        )


def _value(conf: str, option: str) -> str:
    """What the first line `option = value` of a ceph.conf or keyring says; empty without one."""
    name = option.replace("_", "[ _-]")
    found = re.search(rf"^\s*{name}\s*=\s*(.*?)\s*$", conf, re.MULTILINE)
    return found.group(1) if found else ""
