"""An OSD's way out of the cluster, step by step: drained, stopped, then destroyed or purged."""

from collections.abc import Sequence

from local_orchestrator.recipes.cluster import Cluster


def placement_groups(cluster: Cluster, osd: int) -> int:
    """How many placement groups are on an OSD; -1 where that is unknown."""
    for row in cluster.ask_json("osd df")["nodes"]:
        if row["id"] == osd:
            return int(row.get("pgs", -1))
    return -1


def exists(cluster: Cluster, osd: int) -> bool:
    """Whether the cluster knows an OSD of that number, destroyed or not."""
    return any(row["osd"] == osd for row in cluster.ask_json("osd dump")["osds"])


def crush_weight(cluster: Cluster, osd: int) -> float:
    """Weight of an OSD in the CRUSH map, 0 where it has no place there."""
    rows = cluster.ask_json("osd crush tree")["nodes"]
    return next((float(row["crush_weight"]) for row in rows if row["id"] == osd), 0.0)


def drain(cluster: Cluster, osd: int, *, replace: bool) -> float:
    """Have data move away. Answers the CRUSH weight that `refill` wants to know.

    One that is to be replaced is only marked out, so that its host keeps its weight and no data
    move twice; one that goes for good loses its weight at once, for the same reason.
    """
    weight = crush_weight(cluster, osd)
    if replace:
        cluster.ask("osd out", ids=[str(osd)])
    else:
        _reweight(cluster, osd, 0.0)
    return weight


def refill(cluster: Cluster, osd: int, weight: float, *, replace: bool) -> None:
    """Take `drain` back."""
    if replace:
        cluster.ask("osd in", ids=[str(osd)])
    elif weight:
        _reweight(cluster, osd, weight)


def safe_to_destroy(cluster: Cluster, osds: Sequence[int]) -> str:
    """Why these must not be destroyed yet, in the manager's words; empty when they may be."""
    return cluster.refusal("osd safe-to-destroy", ids=[str(osd) for osd in osds])


def take_out(cluster: Cluster, osd: int, *, replace: bool) -> None:
    """Forget an OSD whose process has ended; to be replaced, its number and place are kept."""
    cluster.ask("osd down", ids=[str(osd)])
    verb = "osd destroy-actual" if replace else "osd purge-actual"
    cluster.ask(verb, id=osd, yes_i_really_mean_it=True)


def destroyed_on(cluster: Cluster, bare_host: str) -> list[str]:
    """Numbers of OSDs that were destroyed on a host and wait for a replacement."""
    tree = cluster.ask_json("osd tree", states=["destroyed"])
    for row in tree["nodes"]:
        if row["type"] == "host" and row["name"] == bare_host:
            return sorted(str(child) for child in row["children"])
    return []


def _reweight(cluster: Cluster, osd: int, weight: float) -> None:
    cluster.ask("osd crush reweight", name=f"osd.{osd}", weight=weight)
