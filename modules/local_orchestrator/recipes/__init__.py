"""How each kind of daemon is made ready, started and removed on this machine."""

from local_orchestrator.recipes.cluster import Cluster, RadosCluster
from local_orchestrator.recipes.container import ContainerRecipe
from local_orchestrator.recipes.crash import CrashRecipe
from local_orchestrator.recipes.deployment import Deployment, File, Preparation
from local_orchestrator.recipes.mds import MdsRecipe
from local_orchestrator.recipes.mgr import MgrRecipe
from local_orchestrator.recipes.mirrors import CephfsMirrorRecipe, RbdMirrorRecipe
from local_orchestrator.recipes.mon import MonRecipe
from local_orchestrator.recipes.monitoring import (
    AlertmanagerRecipe,
    NodeExporterRecipe,
    PrometheusRecipe,
)
from local_orchestrator.recipes.osd import OsdRecipe
from local_orchestrator.recipes.recipe import Place, Recipe
from local_orchestrator.recipes.refused import REFUSED
from local_orchestrator.recipes.rgw import RgwRecipe


__all__ = [
    "RECIPES",
    "Cluster",
    "Deployment",
    "File",
    "Place",
    "Preparation",
    "RadosCluster",
    "Recipe",
]

RECIPES: dict[str, Recipe] = {
    recipe.kind: recipe
    for recipe in (
        AlertmanagerRecipe(),
        CephfsMirrorRecipe(),
        ContainerRecipe(),
        CrashRecipe(),
        MdsRecipe(),
        MgrRecipe(),
        MonRecipe(),
        NodeExporterRecipe(),
        OsdRecipe(),
        PrometheusRecipe(),
        RbdMirrorRecipe(),
        RgwRecipe(),
        *REFUSED,
    )
}
