"""Block devices of this machine, from `lsblk`: which could hold an OSD, and why the others not."""

import json
from collections.abc import Iterable
from typing import Any

from ceph.deployment.inventory import Device


COLUMNS = (
    "NAME,PATH,TYPE,SIZE,ROTA,RO,RM,FSTYPE,PTTYPE,PARTTYPE,MOUNTPOINTS,MODEL,VENDOR,SERIAL,TRAN"
)
LSBLK = ["lsblk", "--json", "--bytes", "--output", COLUMNS]
SMALLEST_BYTES = 5 << 30  # ceph-volume's own limit
WHOLE = ("disk", "loop", "mpath")  # of these kinds, and no others, an OSD may take one
CEPH_FILESYSTEM = "ceph_bluestore"


def devices(lsblk: str) -> list[Device]:
    """Every whole device, by path."""
    found = json.loads(lsblk)["blockdevices"]
    shown = [_device(block) for block in found if block["type"] in WHOLE and block["size"]]
    return sorted(shown, key=lambda device: device.path)


def _device(block: dict[str, Any]) -> Device:
    below = list(_below(block))
    reasons = _rejected(block, below)
    serial = "_".join(filter(None, (_text(block, key) for key in ("vendor", "model", "serial"))))
    device = Device(
        path=block["path"],
        sys_api={
            "size": float(block["size"]),
            "rotational": "1" if block["rota"] else "0",
            "removable": "1" if block["rm"] else "0",
            "ro": "1" if block["ro"] else "0",
            "model": _text(block, "model"),
            "vendor": _text(block, "vendor"),
            "path": block["path"],
        },
        available=not reasons,
        rejected_reasons=sorted(reasons),
        lvs=[{"name": b["name"]} for b in below if b["type"] == "lvm"],
        device_id=serial.replace(" ", "_") if _text(block, "serial") else "",
        lsm_data={"transport": _text(block, "tran")} if block.get("tran") else {},
        ceph_device=any(b.get("fstype") == CEPH_FILESYSTEM for b in (block, *below)),
    )
    device.ceph_device = bool(device.ceph_device or any(_is_ceph(b) for b in below))
    return device


def _rejected(block: dict[str, Any], below: list[dict[str, Any]]) -> set[str]:
    reasons = set()
    if any(mount for b in (block, *below) for mount in b.get("mountpoints") or []):
        reasons.add("mounted")
    if block.get("fstype"):
        reasons.add(f"Has a {block['fstype']} file system")
    if block.get("pttype") or any(b["type"] == "part" for b in below):
        reasons.add("Has partitions")
    if any(b["type"] == "lvm" for b in below):
        reasons.add("LVM detected")
    elif any(b["type"] != "part" for b in below):
        reasons.add("locked")
    if block["ro"]:
        reasons.add("read-only")
    if block["size"] < SMALLEST_BYTES:
        reasons.add("Insufficient space (<5GB)")
    return reasons


def _below(block: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for child in block.get("children") or []:
        yield child
        yield from _below(child)


def _is_ceph(block: dict[str, Any]) -> bool:
    return block["name"].startswith("ceph--") or block.get("fstype") == CEPH_FILESYSTEM


def _text(block: dict[str, Any], key: str) -> str:
    return (block.get(key) or "").strip()


def in_use(device: Device) -> Device:
    """The same, as what an OSD of ours has, whatever is or is not on it yet."""
    device.available = False
    device.ceph_device = True
    device.rejected_reasons = sorted({*device.rejected_reasons, "Used by an OSD"})
    return device
