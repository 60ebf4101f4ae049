"""Captures what a real manager knows: what the embedded cluster is loaded from.

Starts a cluster, fills it, waits for a history of its counters, saves, ends it.
"""

import argparse
import json
import lzma
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cephlab.fill import fill, traffic
from cephlab.lab import MODULES, Lab, LabError, Plan, poll


SNAPSHOT = Path(__file__).resolve().parents[2] / "supervisor/cluster/embedded/snapshot"
MODULE = "capture"
INITIAL_MODULES = "iostat restful"
NEUTRAL_FOLDER = "/var/lib/cephlab"  # what documents say instead of the folder of this run
# the manager keeps 20 samples of each counter; reports every 2 s fill that within the traffic
SETTINGS = ("mgr stats period = 2", f"mgr initial modules = {MODULE} {INITIAL_MODULES}")
HISTORY_SECONDS = 45


def capture(lab: Lab, target: Path) -> dict[str, Any]:
    """Every document of a running cluster whose manager has the module `capture`."""
    poll("the manager to load the module and save", lambda: _saved(lab, target), 60)
    documents: dict[str, Any] = json.loads(target.read_text())
    documents["_config_map"] = config_map(documents.pop("_config_dump"))
    blob = lab.folder / "crush"
    lab.run("ceph", "osd", "getcrushmap", "-o", str(blob))
    documents["_crush_text"] = lab.run("crushtool", "-d", str(blob)).decode()
    return documents


def config_map(entries: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """{section: {option: value}} of `config dump`, the options of modules excluded."""
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        if not entry["name"].startswith("mgr/"):
            section = f"{entry['section']}/{entry['mask']}" if entry["mask"] else entry["section"]
            found.setdefault(section, {})[entry["name"]] = entry["value"]
    return found


def without_tool(documents: dict[str, Any]) -> dict[str, Any]:
    """The documents as they would be had this tool's module not been there."""
    documents["config"]["mgr_initial_modules"] = INITIAL_MODULES
    map_ = documents["mgr_map"]
    map_["modules"] = [name for name in map_["modules"] if name != MODULE]
    for holder in (map_, *map_["standbys"]):
        holder["available_modules"] = [
            entry for entry in holder["available_modules"] if entry["name"] != MODULE
        ]
    documents["_mon_commands"] = [
        entry for entry in documents["_mon_commands"] if entry["sig"][:1] != [MODULE]
    ]
    return documents


def write(documents: dict[str, Any], folder: Path) -> None:
    """Put the compressed documents and their origin into `folder`; each is replaced whole."""
    version = documents.pop("_version")
    text = json.dumps(documents, sort_keys=True, separators=(",", ":")).encode()
    origin = {
        "ceph_version": version,
        "captured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tool": "tools/cephlab/capture_snapshot",
        "osds": len(documents["osd_map"]["osds"]),
        "pools": len(documents["osd_map"]["pools"]),
    }
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "cluster.json.xz", lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))
    _replace(folder / "origin.json", (json.dumps(origin, indent=2) + "\n").encode())


def module_tree(folder: Path, ceph_modules: Path) -> Path:
    """A module tree in `folder`: links to the modules of Ceph, and to ours."""
    folder.mkdir(parents=True)
    for entry in ceph_modules.iterdir():
        (folder / entry.name).symlink_to(entry)
    (folder / MODULE).symlink_to(Path(__file__).with_name(MODULE))
    return folder


def _saved(lab: Lab, target: Path) -> bool:
    try:
        lab.ceph("capture", "save", str(target))
    except LabError:  # unknown until the manager has told the monitor its commands
        return False
    return True


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _neutral(documents: dict[str, Any], work: Path, modules: Path) -> dict[str, Any]:
    text = json.dumps(documents).replace(str(work / "modules"), str(modules))
    neutral: dict[str, Any] = json.loads(text.replace(str(work), NEUTRAL_FOLDER))
    return neutral


def _run(work: Path, out: Path, modules: Path) -> None:
    lab = Lab(work / "c")
    tree = module_tree(work / "modules", modules)
    lab.start(Plan(lab.folder, osds=6, hosts=3, mds=2, modules=tree, settings=SETTINGS))
    try:
        fill(lab)
        with traffic(lab):
            time.sleep(HISTORY_SECONDS)
            documents = capture(lab, work / "documents.json")
    finally:
        lab.end()
    write(_neutral(without_tool(documents), work, modules), out)


def main() -> None:
    """Capture into the folder given, by default the embedded cluster's own."""
    parser = argparse.ArgumentParser(prog="capture_snapshot", description=__doc__)
    parser.add_argument("--out", type=Path, default=SNAPSHOT)
    parser.add_argument("--module-path", type=Path, default=MODULES)
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="cephlab-"))
    try:
        _run(work, given.out, given.module_path.absolute())
    except LabError as error:
        sys.exit(f"capture_snapshot: {error}")
    finally:
        if not (work / "c").exists():  # else daemons still run there
            shutil.rmtree(work)


if __name__ == "__main__":
    main()
