"""Placement groups that degrade, move and recover: a model, not a simulation.

Each group knows, position by position, which OSD holds its data in whole. The maps say where the
data should be; the difference is what is degraded or misplaced, and ticks of the clock work it off.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from supervisor.cluster.embedded.placement import NONE, Placement


ACTIVE_AT_ONCE = 8  # groups that recover or backfill in one tick
OBJECTS_A_TICK = 64
SHARE_MISSED = 10  # an OSD that returns lacks one object in ten: what was written meanwhile
LONGEST_LOG = (
    100  # a newcomer that is further behind does not serve yet: osd_async_recovery_min_cost
)

Row = dict[str, Any]


def pool_of(row: Row) -> int:
    """Number of the pool of a group's row."""
    return int(row["pgid"].partition(".")[0])


@lru_cache(maxsize=256)
def words(state: str) -> frozenset[str]:
    """The words of a state: there are few states, and many groups in each."""
    return frozenset(state.split("+"))


@dataclass
class Pg:
    """One group. `row` is its entry in `pg dump`, changed in place."""

    row: Row
    home: list[int]
    holders: list[int]  # per position; NONE: nobody has it whole
    up: list[int] = field(default_factory=list)
    behind: dict[int, int] = field(default_factory=dict)  # OSDs that catch up -> objects they lack
    creating: bool = False
    todo: tuple[tuple[int, int], ...] = ()  # (position, OSD) still to be copied
    steps: int = 1  # ticks that copying takes
    left: int = 0
    pool: int = field(init=False)  # number of its pool

    def __post_init__(self) -> None:
        self.pool = pool_of(self.row)

    @property
    def objects(self) -> int:
        """Objects in it, each counted once."""
        return int(self.row["stat_sum"]["num_objects"])


class Pgs:
    """Every group of the cluster, in step with its maps."""

    def __init__(self, rows: list[Row]) -> None:
        self._blank = _blank(rows[0])
        self._pgs = {
            row["pgid"]: Pg(row, list(row["up"]), list(row["acting"]), list(row["up"]))
            for row in rows
        }

    def __iter__(self) -> Iterator[Pg]:
        return iter(self._pgs.values())

    def __len__(self) -> int:
        return len(self._pgs)

    def get(self, pgid: str) -> Pg | None:
        """One group by its id, None where there is none."""
        return self._pgs.get(pgid)

    def follow(self, osd_map: Mapping[str, Any], crush: Mapping[str, Any], now: str) -> None:
        """Create, drop and remap groups as the maps say."""
        placement = Placement(crush, osd_map)
        pools = {pool["pool"]: pool for pool in osd_map["pools"]}
        self._census(pools, placement, osd_map["epoch"], now)
        for pg in self:
            pool = pools[pg.pool]
            self._remap(pg, pool, placement)
            _describe(pg, pool, set(), osd_map["epoch"], now)

    def advance(self, osd_map: Mapping[str, Any], now: str) -> None:
        """One tick: new groups become active, a few others get nearer to clean."""
        flags = set(osd_map["flags_set"])
        pools = {pool["pool"]: pool for pool in osd_map["pools"]}
        working: set[str] = set()
        for pg in self:
            if pg.creating:
                pg.creating = False
            elif not pg.todo or _paused(pg, flags) or len(working) >= ACTIVE_AT_ONCE:
                continue
            else:
                working.add(pg.row["pgid"])
                _copy(pg)
            _describe(pg, pools[pg.pool], working, osd_map["epoch"], now)

    def settle(self, osd_map: Mapping[str, Any], now: str) -> None:
        """Finish at once whatever is under way: the time before a start."""
        pools = {pool["pool"]: pool for pool in osd_map["pools"]}
        for pg in self:
            pg.creating = False
            pg.left = 1
            _copy(pg)
            _describe(pg, pools[pg.pool], set(), osd_map["epoch"], now)
            touch(pg.row, osd_map["epoch"], now)

    def _census(
        self, pools: Mapping[int, Mapping[str, Any]], placement: Placement, epoch: int, now: str
    ) -> None:
        wanted = {f"{n}.{i:x}": n for n, pool in pools.items() for i in range(pool["pg_num"])}
        gone = [self._pgs.pop(pgid) for pgid in list(self._pgs) if pgid not in wanted]
        split = {pg.pool for pg in gone} & set(pools)
        held = {pg.pool for pg in self}
        for pgid, number in wanted.items():
            if pgid not in self._pgs:
                pool = pools[number]
                home = placement.fill(pgid, pool["crush_rule"], [NONE] * pool["size"])
                row = _born(self._blank, pgid, epoch, now)
                self._pgs[pgid] = Pg(row, home, list(home), creating=True)
                split |= {number} & held
        rows: dict[int, list[Row]] = {number: [] for number in split}
        for pg in self if split else ():
            if pg.pool in rows:
                rows[pg.pool].append(pg.row)
        for number in split:
            _spread(rows[number], [pg.row for pg in gone])

    def _remap(self, pg: Pg, pool: Mapping[str, Any], placement: Placement) -> None:
        size, rule = pool["size"], pool["crush_rule"]
        candidates = placement.candidates(rule)
        pg.home = [osd if osd in candidates else NONE for osd in pg.home[:size]]
        pg.home += [NONE] * (size - len(pg.home))
        pg.holders = pg.holders[:size] + [NONE] * (size - len(pg.holders))
        target = placement.target(pg.row["pgid"], rule, pg.home)
        pg.home = [t if h == NONE else h for h, t in zip(pg.home, target, strict=True)]
        for position, osd in enumerate(pg.holders):
            if osd != NONE and osd not in placement.alive:
                pg.behind[osd] = -(-pg.objects // SHARE_MISSED)
                pg.holders[position] = NONE
        pg.up = [osd if osd in placement.alive else NONE for osd in target]
        _hand_over(pg)
        todo = tuple(
            (position, osd)
            for position, (osd, held) in enumerate(zip(pg.up, pg.holders, strict=True))
            if osd not in (NONE, held)
        )
        if todo != pg.todo:
            pg.todo = todo
            pg.steps = 2 + sum(_debt(pg, osd) for _, osd in todo) // OBJECTS_A_TICK
            pg.left = pg.steps


def _spread(rows: list[Row], gone: list[Row]) -> None:
    """A pool was split or merged: its objects are shared out evenly over its groups."""
    pool = pool_of(rows[0])
    merged = [row for row in gone if pool_of(row) == pool]
    for key in rows[0]["stat_sum"]:
        total = sum(row["stat_sum"][key] for row in (*rows, *merged))
        share, rest = divmod(total, len(rows))
        for position, row in enumerate(rows):
            row["stat_sum"][key] = share + (position < rest)


def _hand_over(pg: Pg) -> None:
    """Let newcomers serve at once in the place of those they relieve, where the log is short."""
    moved = {
        position: osd
        for position, (osd, held) in enumerate(zip(pg.up, pg.holders, strict=True))
        if NONE not in (osd, held) and osd != held
    }
    stays = any(held != NONE for i, held in enumerate(pg.holders) if i not in moved)
    if pg.row["log_size"] > LONGEST_LOG or not stays:
        return
    for position, osd in moved.items():
        pg.behind.setdefault(osd, pg.objects)
        pg.holders[position] = NONE


def _debt(pg: Pg, osd: int) -> int:
    return pg.behind.get(osd, pg.objects)


def _undone(pg: Pg) -> float:
    return pg.left / pg.steps if pg.todo else 0.0


def _paused(pg: Pg, flags: set[str]) -> bool:
    stopping = "norecover" if _recovers(pg) else "nobackfill"
    # Only moving whole copies is rebalancing; a degraded group is repaired all the same.
    return stopping in flags or ("norebalance" in flags and NONE not in pg.holders)


def _recovers(pg: Pg) -> bool:
    return all(osd in pg.behind for _, osd in pg.todo)


def _copy(pg: Pg) -> None:
    """One tick of work on the group; the last one makes the newcomers holders."""
    stats, whole = pg.row["stat_sum"], sum(_debt(pg, osd) for _, osd in pg.todo)
    before = round(whole * _undone(pg))
    pg.left = max(0, pg.left - 1)
    gained = before - round(whole * _undone(pg))
    stats["num_objects_recovered"] += gained
    stats["num_bytes_recovered"] += gained * stats["num_bytes"] // max(1, pg.objects)
    if pg.left:
        return
    for position, osd in pg.todo:
        pg.holders[position] = osd
        pg.behind.pop(osd, None)
    pg.todo = ()


def _acting(pg: Pg, erasure: bool) -> list[int]:
    late = {position: osd for position, osd in pg.todo if osd in pg.behind}
    acting = [late.get(i, NONE) if held == NONE else held for i, held in enumerate(pg.holders)]
    return acting if erasure else [osd for osd in acting if osd != NONE]


def _words(pg: Pg, acting: list[int], up: list[int], pool: Mapping[str, Any], busy: bool) -> str:
    """State in the order in which Ceph prints its words."""
    if pg.creating:
        return "creating+peering"
    present = sum(osd != NONE for osd in acting)
    if not present:
        return "down"
    stats = pg.row["stat_sum"]
    serves = present >= pool["min_size"]
    recovers = bool(pg.todo) and _recovers(pg)
    said = ["active"] if serves else []
    if serves and not pg.todo and NONE not in pg.holders:
        said.append("clean")
    if recovers:
        said.append("recovering" if busy else "recovery_wait")
    if present < pool["size"]:
        said.append("undersized")
    if stats["num_objects_degraded"]:
        said.append("degraded")
    if acting != up:
        said.append("remapped")
    if pg.todo and not recovers:
        said.append("backfilling" if busy else "backfill_wait")
    if not serves:
        said.append("peered")
    return "+".join(said)


def _describe(pg: Pg, pool: Mapping[str, Any], working: set[str], epoch: int, now: str) -> None:
    row, stats, erasure = pg.row, pg.row["stat_sum"], pool["type"] == 3
    acting = _acting(pg, erasure)
    up = pg.up if erasure else [osd for osd in pg.up if osd != NONE]
    lost = sum(1 for held in pg.holders if held == NONE)
    arriving = {position for position, _ in pg.todo}
    hopeless = sum(1 for i, h in enumerate(pg.holders) if h == NONE and i not in arriving)
    copied = sum(_debt(pg, osd) for i, osd in pg.todo if pg.holders[i] == NONE)
    stats["num_object_copies"] = pg.objects * pool["size"]
    stats["num_objects_degraded"] = min(
        hopeless * pg.objects + round(copied * _undone(pg)), lost * pg.objects
    )
    moving = sum(1 for i in arriving if pg.holders[i] != NONE)
    stranded = sum(1 for i, h in enumerate(pg.holders) if h != NONE and pg.up[i] == NONE)
    stats["num_objects_misplaced"] = pg.objects * stranded + round(
        moving * pg.objects * _undone(pg)
    )
    state = _words(pg, acting, up, pool, row["pgid"] in working)
    changed = state != row["state"] or acting != row["acting"] or up != row["up"]
    if not changed and row["pgid"] not in working:
        return
    if up != row["up"]:
        row["mapping_epoch"] = epoch
    row.update(up=list(up), acting=acting, up_primary=_first(up), acting_primary=_first(acting))
    touch(row, epoch, now)
    if state != row["state"]:
        row.update(state=state, last_change=now)
    _stamp(row, state, now)


def _first(osds: list[int]) -> int:
    return next((osd for osd in osds if osd != NONE), -1)


def touch(row: Row, epoch: int, now: str) -> None:
    """The group's primary reported."""
    row["reported_epoch"] = epoch
    row["reported_seq"] += 1
    row["last_fresh"] = row["last_unstale"] = now


def _stamp(row: Row, state: str, now: str) -> None:
    said = words(state)
    if "active" in said:
        row["last_active"] = now
    if said & {"active", "peered"}:
        row["last_peered"] = now
    if "clean" in said:
        row["last_clean"] = now
        row["last_epoch_clean"] = row["mapping_epoch"]
    if "undersized" not in said:
        row["last_fullsized"] = now
    if "degraded" not in said:
        row["last_undegraded"] = now


def _blank(row: Row) -> Row:
    """The shape of a row, with nothing in it."""
    empty: dict[type, Any] = {str: "0'0", list: [], int: 0, float: 0.0, bool: False}
    blank = {key: empty.get(type(value)) for key, value in row.items()}
    blank["stat_sum"] = dict.fromkeys(row["stat_sum"], 0)
    return blank


def _born(blank: Row, pgid: str, epoch: int, now: str) -> Row:
    row = {key: list(v) if isinstance(v, list) else v for key, v in blank.items()}
    row["stat_sum"] = dict(blank["stat_sum"])
    stamps = {key: now for key in row if key.endswith("_stamp") or key in _STAMPS}
    row.update(stamps, pgid=pgid, created=epoch, mapping_epoch=epoch, state="unknown", parent="0.0")
    return row


_STAMPS = frozenset(
    (
        "last_fresh", "last_change", "last_active", "last_peered", "last_clean",
        "last_became_active", "last_became_peered", "last_unstale", "last_undegraded",
        "last_fullsized",
    )
)  # fmt: skip
