"""The documents of a synthetic cluster, one by one, made from the captured cluster's.

What there is once in a cluster is taken over; what there is per host, OSD or group is that of a
captured one with other numbers, names and addresses. Documents that the embedded cluster derives
from these (pg_summary, df, ...) are left to it.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from bench.clusters.crush import crush_map, crush_text, tree
from bench.clusters.plan import GIB, Document, Osd, Plan, Size


DISK = 8 * 1024 * GIB  # bytes of an OSD
OWN_USE = GIB  # bytes that it uses beside its groups
HEARTBEAT_PEERS = 10  # osd_heartbeat_min_peers; more than these would grow with the square
_DERIVED = frozenset(
    (
        "active_clean_pgs", "df", "health", "io_rate", "osd_pool_stats", "pg_progress", "pg_stats",
        "pg_status", "pg_summary", "pool_stats",
    )
)  # fmt: skip


class Documents:
    """All of one cluster. Large ones come in pieces, so that none of them is ever whole here."""

    def __init__(self, size: Size, captured: bytes) -> None:
        """`captured`: the documents of the captured cluster as JSON text."""
        for number, host in enumerate((b"lab-a", b"lab-b", b"lab-c")):
            captured = captured.replace(host, f"host-{number:04}".encode())
        self._captured: Document = orjson.loads(captured)
        self._osd: Document = self._captured["osd_map"]["osds"][0]
        pools, rules = self._captured["osd_map"]["pools"], self._captured["osd_map_crush"]["rules"]
        classes = {
            rule["rule_id"]: step["item_name"].partition("~")[2]
            for rule in rules
            for step in rule["steps"]
            if step["op"] == "take" and "~" in step["item_name"]
        }
        self.plan = Plan(size, pools, classes)
        self._held: Counter[int] = Counter()  # bytes of each OSD's groups
        self._groups: Counter[int] = Counter()  # how many it has
        self._ids = uuid.UUID(int=size.seed)

    def names(self) -> list[str]:
        """Names of all documents, in the order in which they have to be made."""
        first = "pg_dump"  # what its groups add up to is in osd_stats
        rest = sorted(set(self._captured) - _DERIVED - {first})
        return [first, *rest]

    def text(self, name: str) -> Iterator[bytes]:
        """The document `name` as JSON text, in pieces."""
        made = _MADE.get(name)
        if made is None:
            yield orjson.dumps(self._captured[name])
        else:
            yield from made(self)

    def pg_dump(self) -> Iterator[bytes]:
        """Groups first: the OSDs' rows need their sums."""
        whole = self._captured["pg_dump"]
        rest = {k: v for k, v in whole.items() if k not in ("pg_stats", "osd_stats")}
        yield orjson.dumps(rest)[:-1] + b',"pg_stats":'
        yield from _listed(self._pg_rows())
        yield b',"osd_stats":'
        yield from _listed(map(orjson.dumps, self._osd_rows()))
        yield b"}"

    def osd_stats(self) -> Iterator[bytes]:
        """The OSDs' rows once more."""
        yield b'{"osd_stats":'
        yield from _listed(map(orjson.dumps, self._osd_rows()))
        yield b',"pool_statfs":[]}'

    def osd_map(self) -> Iterator[bytes]:
        """With every OSD, and the pools at their number of groups."""
        map_, count = self._captured["osd_map"], self.plan.size.osds
        info = map_["osd_xinfo"][0]
        pools = [
            {**pool, **dict.fromkeys(_PG_NUMS, number)}
            for pool, number in zip(map_["pools"], self.plan.pg_nums, strict=True)
        ]
        whole = {
            **map_, "max_osd": count, "pools": pools,
            "osds": [self._map_row(osd) for osd in self.plan.osds],
            "osd_xinfo": [{**info, "osd": number} for number in range(count)],
        }  # fmt: skip
        yield orjson.dumps(whole)

    def osd_metadata(self) -> Iterator[bytes]:
        """{id: {key: text}}."""
        yield from _keyed((str(osd.number), self._metadata(osd)) for osd in self.plan.osds)

    def metadata(self) -> Iterator[bytes]:
        """{daemon type: {id: {key: text}}}."""
        yield from self._by_type("_metadata", self.osd_metadata())

    def daemon_status(self) -> Iterator[bytes]:
        """{daemon type: {id: {key: text}}}."""
        status = orjson.dumps(self._captured["_daemon_status"]["osd"]["0"])
        found = _keyed((str(osd.number), status) for osd in self.plan.osds)
        yield from self._by_type("_daemon_status", found)

    def perf_counters(self) -> Iterator[bytes]:
        """Histories are cut to the number of samples that is wanted."""
        most = self.plan.size.samples
        histories = {
            daemon: {path: samples[-most:] for path, samples in paths.items()}
            for daemon, paths in self._captured["_perf_counters"].items()
        }
        yield from self._by_daemon(histories)

    def perf_schema(self) -> Iterator[bytes]:
        """{daemon: {path: ...}}."""
        yield from self._by_daemon(self._captured["_perf_schema"])

    def daemon_health_metrics(self) -> Iterator[bytes]:
        """{daemon: [...]}."""
        yield from self._by_daemon(self._captured["_daemon_health_metrics"])

    def osd_ping_times(self) -> Iterator[bytes]:
        """Each OSD has times of its heartbeat peers."""
        times = self._captured["osd_ping_times"]["osd_ping_times"][0]["network_ping_times"][0]

        def row(osd: Osd) -> bytes:
            found = [{**times, "osd": peer} for peer in self._peers(osd)]
            return orjson.dumps({"network_ping_times": found, "osd": osd.number})

        yield b'{"osd_ping_times":'
        yield from _listed(map(row, reversed(self.plan.osds)))
        yield b"}"

    def servers(self) -> Iterator[bytes]:
        """Hosts with what runs on them: the captured daemons, and all OSDs."""
        captured = {server["hostname"]: server for server in self._captured["_servers"]}
        model = next(iter(captured.values()))
        found = []
        for host in range(self.plan.hosts):
            name = self.plan.host_name(host)
            before = captured.get(name, {"services": []})["services"]
            services = [service for service in before if service["type"] != "osd"]
            services += [
                {"ceph_version": model["ceph_version"], "id": str(osd.number), "type": "osd"}
                for osd in self.plan.on(host)
            ]
            found.append({**model, "hostname": name, "services": services})
        yield orjson.dumps(found)

    def versions(self) -> Iterator[bytes]:
        """The answer of `versions`: more OSDs than before, all of one version."""
        before = self._captured["_versions"]
        more = self.plan.size.osds - sum(before["osd"].values())
        added = {
            kind: {version: count + more for version, count in before[kind].items()}
            for kind in ("osd", "overall")
        }
        yield orjson.dumps({**before, **added})

    def crush_map(self) -> Iterator[bytes]:
        """The CRUSH map."""
        yield orjson.dumps(crush_map(self.plan, self._captured["osd_map_crush"]))

    def crush_text(self) -> Iterator[bytes]:
        """The same, decompiled."""
        made = crush_map(self.plan, self._captured["osd_map_crush"])
        yield orjson.dumps(crush_text(made, self._captured["_crush_text"]))

    def osd_map_tree(self) -> Iterator[bytes]:
        """`osd tree`."""
        yield orjson.dumps(tree(self.plan, self._captured["osd_map_tree"]))

    def _pg_rows(self) -> Iterator[bytes]:
        captured: dict[int, list[Document]] = {}
        for row in self._captured["pg_dump"]["pg_stats"]:
            captured.setdefault(int(row["pgid"].partition(".")[0]), []).append(row)
        for number, group in enumerate(self.plan.groups()):
            models = captured[group.pool]
            row = dict(models[number % len(models)])
            row.update(pgid=group.pgid, up=group.osds, acting=group.osds)
            row.update(up_primary=group.osds[0], acting_primary=group.osds[0])
            for osd in group.osds:
                self._groups[osd] += 1
                self._held[osd] += row["stat_sum"]["num_bytes"]
            yield orjson.dumps(row)

    def _osd_rows(self) -> Iterator[Document]:
        captured = {row["osd"]: row for row in self._captured["osd_stats"]["osd_stats"]}
        model = captured[0]
        for osd in reversed(self.plan.osds):
            used = OWN_USE + self._held[osd.number]
            yield {
                **model, "osd": osd.number, "num_pgs": self._groups[osd.number],
                "hb_peers": self._peers(osd), "kb": DISK // 1024, "kb_used": used // 1024,
                "kb_avail": (DISK - used) // 1024,
                "statfs": {**model["statfs"], "total": DISK, "available": DISK - used},
            }  # fmt: skip

    def _peers(self, osd: Osd) -> list[int]:
        count = self.plan.size.osds
        most = min(HEARTBEAT_PEERS, count - 1)
        return sorted((osd.number + step) % count for step in range(1, most + 1))

    def _map_row(self, osd: Osd) -> Document:
        row: Document = orjson.loads(self._moved(orjson.dumps(self._osd), osd))
        row.update(osd=osd.number, uuid=str(uuid.uuid5(self._ids, osd.name)))
        return row

    def _metadata(self, osd: Osd) -> bytes:
        captured = self._captured["osd_metadata"]["0"]
        text = self._moved(orjson.dumps(captured), osd)
        own = f'"hostname":"{self.plan.host_name(osd.host)}"'.encode()
        folder = captured["osd_data"].encode()
        text = text.replace(f'"hostname":"{self.plan.host_name(0)}"'.encode(), own)
        return text.replace(folder, folder[:-1] + str(osd.number).encode())

    def _moved(self, text: bytes, osd: Osd) -> bytes:
        """The captured OSD's text with the addresses of another one: its host's, its own nonce."""
        address, _, nonce = self._osd["public_addr"].rpartition("/")
        host = address.rpartition(":")[0]
        ours = f"10.{osd.host >> 8}.{osd.host & 255}.{osd.number // self.plan.hosts + 1}"
        text = text.replace(f"{host}:".encode(), f"{ours}:".encode())
        return text.replace(nonce.encode(), str(100_000 + osd.number).encode())

    def _by_type(self, name: str, osds: Iterator[bytes]) -> Iterator[bytes]:
        """A document by daemon type, with other OSDs."""
        others = {kind: ids for kind, ids in self._captured[name].items() if kind != "osd"}
        yield orjson.dumps(others)[:-1] + b',"osd":'
        yield from osds
        yield b"}"

    def _by_daemon(self, captured: Document) -> Iterator[bytes]:
        """A document by daemon, in which every OSD has what the first one has."""
        body = orjson.dumps(captured["osd.0"])
        yield from _keyed(
            (
                *((k, orjson.dumps(v)) for k, v in captured.items() if not k.startswith("osd.")),
                *((osd.name, body) for osd in self.plan.osds),
            )
        )


_PG_NUMS = (
    "pg_num", "pg_num_pending", "pg_num_target", "pg_placement_num", "pg_placement_num_target",
)  # fmt: skip
_MADE: dict[str, Callable[[Documents], Iterator[bytes]]] = {
    "_crush_text": Documents.crush_text,
    "_daemon_health_metrics": Documents.daemon_health_metrics,
    "_daemon_status": Documents.daemon_status,
    "_metadata": Documents.metadata,
    "_perf_counters": Documents.perf_counters,
    "_perf_schema": Documents.perf_schema,
    "_servers": Documents.servers,
    "_versions": Documents.versions,
    "osd_map": Documents.osd_map,
    "osd_map_crush": Documents.crush_map,
    "osd_map_tree": Documents.osd_map_tree,
    "osd_metadata": Documents.osd_metadata,
    "osd_ping_times": Documents.osd_ping_times,
    "osd_stats": Documents.osd_stats,
    "pg_dump": Documents.pg_dump,
}


def _listed(parts: Iterator[bytes]) -> Iterator[bytes]:
    """A JSON list of values in JSON."""
    before = b"["
    for part in parts:
        yield before + part
        before = b","
    yield b"[]" if before == b"[" else b"]"


def _keyed(parts: Any) -> Iterator[bytes]:
    """A JSON object of (key, value in JSON); keys hold nothing that needs escaping."""
    before = b"{"
    for key, part in parts:
        yield before + b'"' + key.encode() + b'":' + part
        before = b","
    yield b"{}" if before == b"{" else b"}"
