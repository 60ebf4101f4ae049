"""The hierarchy of a synthetic cluster: a root, its hosts, their OSDs; and the same per class."""

from typing import Any

from bench.clusters.plan import CLASSES, Document, Osd, Plan


ROOT = "default"
WEIGHT = 8.0  # of an OSD: its TiB
_FIXED = 0x10000  # CRUSH keeps weights as multiples of its inverse
_HOST = {"alg": "straw2", "hash": "rjenkins1", "type_id": 1, "type_name": "host"}
_ROOT = {"alg": "straw2", "hash": "rjenkins1", "type_id": 11, "type_name": "root"}


def crush_map(plan: Plan, captured: Document) -> Document:
    """The captured map with other devices and buckets; its rules find their roots by name."""
    buckets: list[Document] = []
    for kind in (None, *CLASSES):
        buckets += _hierarchy(plan, kind, -1 - len(buckets))
    roots = {bucket["name"]: bucket["id"] for bucket in buckets if bucket["type_id"] == 11}
    rules = [
        {
            **rule,
            "steps": [
                {**step, "item": roots[step["item_name"]]} if step["op"] == "take" else step
                for step in rule["steps"]
            ],
        }
        for rule in captured["rules"]
    ]
    devices = [{"class": osd.kind, "id": osd.number, "name": osd.name} for osd in plan.osds]
    return {**captured, "buckets": buckets, "rules": rules, "devices": devices}


def _hierarchy(plan: Plan, kind: str | None, first: int) -> list[Document]:
    """The root and its hosts, with the OSDs of one class or all; ids go down from `first`."""
    suffix = f"~{kind}" if kind else ""
    hosts = [
        _bucket(
            {**_HOST, "id": first - 1 - number, "name": f"{plan.host_name(number)}{suffix}"},
            [(osd.number, round(WEIGHT * _FIXED)) for osd in plan.on(number, kind)],
        )
        for number in range(plan.hosts)
    ]
    root = _bucket(
        {**_ROOT, "id": first, "name": f"{ROOT}{suffix}"},
        [(host["id"], host["weight"]) for host in hosts],
    )
    return [root, *hosts]


def _bucket(head: Document, items: list[tuple[int, int]]) -> Document:
    found = [{"id": item, "pos": n, "weight": weight} for n, (item, weight) in enumerate(items)]
    return {**head, "items": found, "weight": sum(weight for _, weight in items)}


def crush_text(map_: Document, captured: str) -> str:
    """The map as crushtool decompiles it; what has no part in sizes is the captured text's."""
    head, _, rest = captured.partition("# devices\n")
    types = rest.partition("# types\n")[2].partition("# buckets\n")[0]
    rules = rest.partition("# rules\n")[2]
    devices = [f"device {d['id']} {d['name']} class {d['class']}\n" for d in map_["devices"]]
    names = {bucket["id"]: bucket["name"] for bucket in map_["buckets"]}
    ids = {bucket["name"]: bucket["id"] for bucket in map_["buckets"]}
    plain = [bucket for bucket in map_["buckets"] if "~" not in bucket["name"]]
    root, *hosts = plain
    buckets = [_described(bucket, names, ids) for bucket in (*hosts, root)]
    return "".join(
        (head, "# devices\n", *devices, "\n# types\n", types, "# buckets\n", *buckets,
         "\n# rules\n", rules)
    )  # fmt: skip


def _described(bucket: Document, names: dict[int, str], ids: dict[str, int]) -> str:
    kept = "\t\t# do not change unnecessarily\n"
    of_class = {kind: ids[f"{bucket['name']}~{kind}"] for kind in CLASSES}
    shadows = [f"\tid {number} class {kind}{kept}" for kind, number in of_class.items()]
    items = [
        f"\titem {names.get(i['id'], 'osd.' + str(i['id']))} weight {i['weight'] / _FIXED:.3f}\n"
        for i in bucket["items"]
    ]
    return "".join(
        (f"{bucket['type_name']} {bucket['name']} {{\n\tid {bucket['id']}{kept}", *shadows,
         f"\t# weight {bucket['weight'] / _FIXED:.3f}\n\talg straw2\n\thash 0\t# rjenkins1\n",
         *items, "}\n")
    )  # fmt: skip


def tree(plan: Plan, captured: Document) -> Document:
    """`osd tree` of the same hierarchy: the last child first, as Ceph has it."""
    models = {node["type"]: node for node in captured["nodes"]}
    hosts = [-2 - number for number in range(plan.hosts)]
    nodes: list[Document] = [{**models["root"], "children": hosts[::-1], "id": -1}]
    for number, bucket in enumerate(hosts):
        osds = plan.on(number)
        children = [osd.number for osd in reversed(osds)]
        name = plan.host_name(number)
        nodes.append({**models["host"], "children": children, "id": bucket, "name": name})
        nodes += [_leaf(models["osd"], osd) for osd in osds]
    return {**captured, "nodes": nodes}


def _leaf(model: dict[str, Any], osd: Osd) -> Document:
    own = {"crush_weight": WEIGHT, "device_class": osd.kind, "id": osd.number, "name": osd.name}
    return {**model, **own}
