"""Makes, remakes and removes daemons: recipes decide, the host agent does."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from itertools import count
from typing import Any

from ceph.deployment.service_spec import ServiceSpec, service_spec_allow_invalid_from_json
from orchestrator import OrchestratorValidationError

from local_orchestrator import hosts
from local_orchestrator.daemons import Daemon
from local_orchestrator.errands import RESTART, START, STOP
from local_orchestrator.placement import Slot
from local_orchestrator.recipes import RECIPES, Place, Recipe
from local_orchestrator.services import Service
from local_orchestrator.site import Site


STOP_SECONDS_AT_MOST = 70.0  # longer than any recipe gives a daemon
DONE = {START: "Started", STOP: "Stopped", RESTART: "Restarted"}


def recipe_of(kind: str) -> Recipe:
    """The recipe for a type of service; raises OrchestratorValidationError where there is none."""
    if kind not in RECIPES:
        raise OrchestratorValidationError(
            f"services of type {kind} cannot be deployed on this machine; "
            f"those that can be are {', '.join(sorted(RECIPES))}"
        )
    return RECIPES[kind]


def free_ports(start: Sequence[int], daemons: Sequence[Daemon]) -> tuple[int, ...]:
    """Ports of a service, moved up until no other daemon of this machine has one of them."""
    used = {port for daemon in daemons for port in daemon.ports}
    shift = next(n for n in count() if not used & {port + n for port in start})
    return tuple(port + shift for port in start)


class Deployer:
    """Each method returns once it is done; raises OrchestratorError."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def check(self, spec: ServiceSpec) -> None:
        """Refuse what could not be deployed."""
        recipe_of(spec.service_type).check(spec, self._site.cluster)

    def deploy(
        self, spec: ServiceSpec, slot: Slot, device: str = "", labels: dict[str, str] | None = None
    ) -> str:
        """One more daemon, with these labels besides its recipe's; answers its name."""
        site, recipe = self._site, recipe_of(spec.service_type)
        host = hosts.known(site.desired.hosts(), slot.host)
        daemons = site.daemons()
        place = Place(
            host=host.name,
            address="" if host.addr == host.name else host.addr,
            name=slot.name,
            network=slot.network,
            device=device,
            ports=free_ports(spec.get_port_start(), daemons),
        )
        recipe.check(spec, site.cluster)
        if not any(daemon.service == spec.service_name() for daemon in daemons):
            recipe.service_setup(spec, site.cluster)
        taken = [daemon.id for daemon in daemons if daemon.type == recipe.kind]
        daemon_id = recipe.daemon_id(spec, place, taken, site.cluster)
        name = self._make(recipe, spec, daemon_id, place, time.time(), labels or {})
        self._note(name, f"Deployed {name} on host '{host.name}'")
        return name

    def redeploy(self, daemon: Daemon, spec: ServiceSpec | None = None) -> None:
        """The same daemon anew, from the spec given or the one that it was made from."""
        if spec is None:
            with service_spec_allow_invalid_from_json():
                spec = ServiceSpec.from_json(json.loads(daemon.labels["spec"]))
        recipe = recipe_of(spec.service_type)
        recipe.service_setup(spec, self._site.cluster)
        stored = json.loads(daemon.labels["place"])
        place = Place(**{**stored, "ports": tuple(stored["ports"])})
        own = json.loads(daemon.labels["own"])
        self._make(recipe, spec, daemon.id, place, daemon.created, own)
        self._note(daemon.name, f"Redeployed {daemon.name} on host '{daemon.host}'")

    def remove(self, daemon: Daemon, why: str) -> None:
        """Stop it, and delete its folder and its key."""
        site, recipe = self._site, recipe_of(daemon.type)
        recipe.leaving(daemon.id, site.cluster)
        site.agent.act("remove", daemon.name, STOP_SECONDS_AT_MOST)
        recipe.removed(daemon.id, site.cluster)
        site.events.forget("daemon", daemon.name)
        site.log.info("removed %s: %s", daemon.name, why)
        site.events.note(
            "service", daemon.service, f"Removed {daemon.name} from host '{daemon.host}': {why}"
        )

    def act(self, daemon: Daemon, action: str) -> None:
        """`action` is start, stop or restart."""
        self._site.agent.act(action, daemon.name, STOP_SECONDS_AT_MOST)
        self._note(daemon.name, f"{DONE[action]} {daemon.name} on host '{daemon.host}'")

    def gone(self, service: Service) -> None:
        """After the last daemon of a removed service."""
        if service.spec.service_type in RECIPES:
            recipe_of(service.spec.service_type).service_gone(service.spec, self._site.cluster)

    def _make(
        self,
        recipe: Recipe,
        spec: ServiceSpec,
        daemon_id: str,
        place: Place,
        created: float,
        own: dict[str, str],
    ) -> str:
        """`own` are labels that a redeployment keeps."""
        made = recipe.deployment(spec, daemon_id, place, self._site.cluster)
        request: dict[str, Any] = made.request()
        request.pop("op")
        request["labels"] = {
            **request["labels"],
            **own,
            "own": json.dumps(own),
            "created": str(created),
            "revision": Service(spec, created).revision,
            "place": json.dumps(asdict(place)),
            "spec": json.dumps(spec.to_json()),
        }
        self._site.agent.deploy(**request)
        return made.name

    def _note(self, name: str, message: str) -> None:
        self._site.log.info("%s", message)
        self._site.events.note("daemon", name, message)
