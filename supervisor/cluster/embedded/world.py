"""The state of the embedded cluster: its documents and how one change ripples through them.

Owned by one thread. Nothing here waits, writes files or commits; `dirty` names what must be
published.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from supervisor.cluster.embedded import checks, clog, health, mgrmap
from supervisor.cluster.embedded.answers import Change
from supervisor.cluster.embedded.clog import ClusterLog
from supervisor.cluster.embedded.configdb import ConfigDb
from supervisor.cluster.embedded.counters import Counters
from supervisor.cluster.embedded.digest import Digest
from supervisor.cluster.embedded.pgs import Pgs
from supervisor.cluster.embedded.snapshot import stamp
from supervisor.cluster.embedded.store import Contents
from supervisor.cluster.embedded.traffic import Traffic
from supervisor.cluster.interface import Report


Document = dict[str, Any]
TICKS_TO_BOOT = 3  # an OSD marked down reports in again after as many ticks
_INNER = frozenset(
    ("_config_key", "_log_last", "_mon_commands", "_versions", "_crush_text", "_captured_osd_map")
)


class World:
    """Documents by name, the configuration, the keys, the log, and the models behind them."""

    def __init__(
        self,
        documents: dict[str, Any],
        contents: Contents,
        mgr_id: str,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._clock = clock
        self._opened = clock()
        self.documents = documents
        self.dirty = set(documents) - _INNER
        self.mgr_id = mgr_id
        self.keys = dict(contents.keys)
        self.log = ClusterLog(orjson.loads(entry) for entry in contents.log)
        self.fresh_log: list[Document] = []
        self.mutes: list[Document] = orjson.loads(contents.documents.get("mutes", b"[]"))
        # What the manager before us last reported stands until we have something to say.
        inherited = orjson.loads(contents.documents.get("mgr_health", b"{}"))
        self.report = Report(available=False, health=inherited)
        self.health: Document = {"status": "HEALTH_OK", "checks": {}, "mutes": []}
        self._own_config = dict(documents["config"])
        self._own_modified = list(documents["modified_config_options"]["options"])
        self.config = ConfigDb(
            documents["config_options"]["options"],
            contents.config,
            mgrmap.declarations(documents["mgr_map"]),
        )
        # Every module looks one up as it starts, and whole descriptions take megabytes, decoded.
        self.put("_config_defaults", _defaults(documents["config_options"]))
        self.pgs = Pgs(documents["pg_dump"]["pg_stats"])
        # The rows show the cluster as captured; what each OSD uses beside them is learned here.
        self._digest = Digest(
            documents["osd_stats"], documents["pg_dump"], documents["_captured_osd_map"]
        )
        self._traffic = Traffic()
        self._counters = Counters(
            documents["_perf_schema"], documents["_perf_counters"], self._opened.timestamp()
        )
        self.pool_shape: Document = documents["_captured_osd_map"]["pools"][0]
        del documents["_captured_osd_map"]
        self._down_for: dict[int, int] = {}
        self._settle()

    def _settle(self) -> None:
        self._follow_config()
        self.put("osd_map_tree", _tree(self.documents["osd_map_tree"], self.osd_map))
        self.pgs.follow(self.osd_map, self.crush, self.stamp())
        self.pgs.settle(self.osd_map, self.stamp())
        self._put_counters()
        self._derive()
        self.reassess()

    @property
    def osd_map(self) -> Document:
        """The current OSD map; never changed in place."""
        map_: Document = self.documents["osd_map"]
        return map_

    @property
    def crush(self) -> Document:
        """The current CRUSH map; never changed in place."""
        map_: Document = self.documents["osd_map_crush"]
        return map_

    def now(self) -> dt.datetime:
        """The cluster's clock, UTC."""
        return self._clock()

    def stamp(self) -> str:
        """The cluster's clock as Ceph's JSON gives it."""
        return stamp(self.now())

    def put(self, name: str, document: Any) -> None:
        """Make `document` current; it is published with the next batch."""
        self.documents[name] = document
        self.dirty.add(name)

    def draft(self) -> Change:
        """A change that holds a copy of the OSD map, one epoch on."""
        copy: Document = orjson.loads(orjson.dumps(self.osd_map))
        copy["epoch"] += 1
        copy["modified"] = self.stamp()
        return Change(osd_map=copy)

    def draft_crush(self) -> Change:
        """A change that holds copies of the CRUSH map and of the OSD map, both one version on."""
        change = self.draft()
        assert change.osd_map is not None
        change.osd_map["crush_version"] += 1
        change.crush = orjson.loads(orjson.dumps(self.crush))
        return change

    def install(self, change: Change, log: list[Document]) -> set[str]:
        """Take over what was committed; returns the types of notification it calls for."""
        self.keys.update({key: value for key, value in change.keys.items() if value is not None})
        for key in [key for key, value in change.keys.items() if value is None]:
            self.keys.pop(key, None)
        if change.config:
            self.config.apply(change.config)
            self._follow_config()
        for entry in log:
            self._append(entry)
        if change.mutes is not None:
            self.mutes = change.mutes
        if change.crush is not None:
            self.put("osd_map_crush", change.crush)
        if change.osd_map is not None:
            self._follow_maps(change.osd_map)
        if change.osd_map is None and change.mutes is None:
            return set()
        self.reassess()
        return {"osd_map", "health"} if change.osd_map is not None else {"health"}

    def _put_counters(self) -> None:
        self.put("_perf_counters", self._counters.document)
        # Who wants the newest alone decodes a twentieth.
        self.put("_perf_latest", self._counters.latest)

    def _follow_maps(self, osd_map: Document) -> None:
        self.put("osd_map", osd_map)
        self.put("osd_map_tree", _tree(self.documents["osd_map_tree"], osd_map))
        self.pgs.follow(osd_map, self.crush, self.stamp())
        self._derive()

    def boots(self) -> Change | None:
        """One tick for OSDs that are down; the change that brings back those that waited enough."""
        down = {osd["osd"] for osd in self.osd_map["osds"] if not osd["up"]}
        self._down_for = {number: self._down_for.get(number, 0) + 1 for number in down}
        ready = {number for number, ticks in self._down_for.items() if ticks > TICKS_TO_BOOT}
        if not ready or "noup" in self.osd_map["flags_set"]:
            return None
        change = self.draft()
        assert change.osd_map is not None
        change.osd_map["last_up_change"] = self.stamp()
        for osd in change.osd_map["osds"]:
            if osd["osd"] in ready:
                epoch = change.osd_map["epoch"]
                osd.update(up=1, up_from=epoch, up_thru=epoch, state=["exists", "up"])
                addrs = ",".join(
                    f"{a['type']}:{a['addr']}/{a['nonce']}" for a in osd["public_addrs"]["addrvec"]
                )
                change.log.append(
                    (self.monitor(), "cluster", clog.INFO, f"osd.{osd['osd']} [{addrs}] boot")
                )
        return change

    def advance(self, span: float) -> None:
        """One tick of `span` seconds: recovery, clients, counters, and what follows from them."""
        now = self.stamp()
        self.pgs.advance(self.osd_map, now)
        self._traffic.advance(self.pgs, self.osd_map, now)
        silent = {f"osd.{osd['osd']}" for osd in self.osd_map["osds"] if not osd["up"]}
        self._counters.advance(self.now().timestamp(), silent)
        self._put_counters()
        self._derive(span)
        self.reassess()
        mon_status = orjson.loads(self.documents["mon_status"]["json"])
        mon_status["quorum_age"] = int((self.now() - self._opened).total_seconds())
        self.put("mon_status", {"json": orjson.dumps(mon_status).decode()})

    @property
    def reported_health(self) -> Mapping[str, Any]:
        """The checks that the manager reported, by code."""
        return self.report.health

    def hear(self, report: Report) -> bool:
        """Take over the supervisor's report; True where the manager map changed."""
        if not report.available:
            # Its modules are being started, and have not said how they are.
            report = replace(report, health={**self.report.health, **report.health})
        self.report = report
        before = self.documents["mgr_map"]
        after = mgrmap.follow(before, report, self.release())
        if after is not before:
            self.put("mgr_map", after)
            self.config.modules = mgrmap.declarations(after)
        if after["available"] and not before["available"]:
            text = f"Manager daemon {self.mgr_id} is now available"
            self._append(self.entry(self.monitor(), "cluster", clog.INFO, text))
        self.reassess()
        return after is not before

    def hear_standbys(self, entries: Sequence[Mapping[str, Any]]) -> bool:
        """Take over who else runs; True where the manager map changed."""
        self.follow_managers(entries)
        before = self.documents["mgr_map"]
        after = mgrmap.with_standbys(before, entries)
        if after is before:
            return False
        known = {standby["gid"] for standby in before["standbys"]}
        for standby in after["standbys"]:
            if standby["gid"] not in known:
                text = f"Standby manager daemon {standby['name']} started"
                self._append(self.entry(self.monitor(), "cluster", clog.DEBUG, text))
        self.put("mgr_map", after)
        return True

    def follow_managers(self, others: Iterable[Mapping[str, Any]]) -> None:
        """Have metadata of every manager that lives; all are of one release."""
        metadata = self.documents["_metadata"]
        mine = metadata["mgr"][self.mgr_id]
        managers = {self.mgr_id: mine}
        for other in others:
            managers[other["name"]] = {**mine, "hostname": other.get("hostname", "")}
        self.put("_metadata", {**metadata, "mgr": dict(sorted(managers.items()))})

    def reassess(self) -> None:
        """Bring the health document up to date; what changed goes to the cluster log."""
        own = checks.derive(self.osd_map, self.documents["osd_map_tree"], self.pgs)
        raised: Mapping[str, Any] = {**own, **self.report.health}
        self.mutes = health.still_muted(self.mutes, raised, self.now())
        after = health.merge(own, self.report.health, self.mutes)
        for priority, text in health.news(self.health, after):
            self._append(self.entry(self.monitor(), "cluster", priority, text))
        self.health = after
        self.put("health", {"json": orjson.dumps(after).decode()})

    def entry(self, name: str, channel: str, priority: int, text: str) -> Document:
        """A new entry of the cluster log by the monitor, our manager or a client."""
        map_ = self.documents["mgr_map"]
        if name == self.monitor():
            who = (name, "mon.0", self.documents["mon_map"]["mons"][0]["public_addrs"])
        elif name.startswith("client."):
            who = (name, "client.?", map_["active_addrs"])
        else:
            who = (name, f"mgr.{map_['active_gid']}", map_["active_addrs"])
        return self.log.entry(who, channel, priority, text, self.stamp())

    def monitor(self) -> str:
        """Name of the leader, "mon.a"."""
        return f"mon.{self.documents['mon_map']['mons'][0]['name']}"

    def version(self) -> str:
        """As `ceph version` prints it: "ceph version 16.2.15 (...) pacific (stable)"."""
        return str(self.documents["_metadata"]["mgr"][self.mgr_id]["ceph_version"])

    def release(self) -> str:
        """Name of the release, "pacific"."""
        return str(self.documents["_metadata"]["mgr"][self.mgr_id]["ceph_release"])

    def _append(self, entry: Document) -> None:
        self.log.add(entry)
        self.fresh_log.append(entry)

    def _derive(self, span: float | None = None) -> None:
        maps = (self.osd_map, self.crush)
        for name, document in self._digest.documents(
            self.pgs, maps, self._traffic.last, self.stamp(), span
        ).items():
            self.put(name, document)

    def module_options(self) -> dict[str, str]:
        """Every module option that is set for this manager, by full key."""
        effective = self.config.effective(f"mgr.{self.mgr_id}", {})
        return {name: s.value for name, s in effective.items() if name.startswith("mgr/")}

    def _follow_config(self) -> None:
        effective = self.config.effective(f"mgr.{self.mgr_id}", {})
        ours = {name: s.value for name, s in effective.items() if not name.startswith("mgr/")}
        known = {name: value for name, value in ours.items() if name in self._own_config}
        self.put("config", {**self._own_config, **known})
        self.put("modified_config_options", {"options": sorted({*self._own_modified, *effective})})
        plain = {
            section: {k: v for k, v in values.items() if not k.startswith("mgr/")}
            for section, values in self.config.sections.items()
        }
        self.put("_config_map", {section: values for section, values in plain.items() if values})


def _defaults(options: Document) -> Document:
    return {option["name"]: [option["type"], option["default"]] for option in options["options"]}


def _tree(before: Document, osd_map: Document) -> Document:
    """`osd tree` with each OSD's state; the hierarchy is that of the CRUSH map."""
    osds = {osd["osd"]: osd for osd in osd_map["osds"]}
    nodes = []
    for node in before["nodes"]:
        osd = osds.get(node["id"])
        changed = (
            {}
            if osd is None
            else {
                "status": "up" if osd["up"] else "down",
                "reweight": osd["weight"],
                "primary_affinity": osd["primary_affinity"],
            }
        )
        nodes.append({**node, **changed})
    return {**before, "nodes": nodes}
