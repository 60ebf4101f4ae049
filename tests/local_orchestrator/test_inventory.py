"""Block devices: which could hold an OSD."""

import json

from ceph.deployment.drive_group import DeviceSelection, DriveGroupSpec
from ceph.deployment.service_spec import PlacementSpec
from local_orchestrator import inventory
from local_orchestrator.osds import Wanted, missing, selected

from tests.local_orchestrator import made


GIB = 1 << 30
PLAIN = {"type": "disk", "size": 100 * GIB, "rota": True, "rm": False, "ro": False}


def block(name, **more):
    return {"name": name, "path": f"/dev/{name}", **PLAIN, **more}


def part(name, **more):
    return block(name, type="part", **more)


BLOCKS = [
    block("sda", pttype="gpt", children=[part("sda1", fstype="ext4", mountpoints=["/"])]),
    block("sdb", model="Big Disk ", vendor="ACME", serial="7", tran="sas"),
    block("sdc", fstype="xfs"),
    block("sdd", size=4 * GIB, rota=False),
    block("sde", children=[{**block("ceph--1-osd--2"), "type": "lvm"}], fstype="LVM2_member"),
    block("sdf", ro=True),
    block("sdg", children=[{**block("md0"), "type": "raid1"}]),
    block("loop0", type="loop", size=10 * GIB),
    block("sr0", type="rom"),
    block("zram0", size=0),
]
FOUND = {d.path: d for d in inventory.devices(json.dumps({"blockdevices": BLOCKS}))}


def test_only_whole_devices_with_nothing_on_them_are_available():
    assert [path for path, device in FOUND.items() if device.available] == [
        "/dev/loop0",
        "/dev/sdb",
    ]
    assert {path: d.rejected_reasons for path, d in FOUND.items() if not d.available} == {
        "/dev/sda": ["Has partitions", "mounted"],
        "/dev/sdc": ["Has a xfs file system"],
        "/dev/sdd": ["Insufficient space (<5GB)"],
        "/dev/sde": ["Has a LVM2_member file system", "LVM detected"],
        "/dev/sdf": ["read-only"],
        "/dev/sdg": ["locked"],
    }


def test_a_device_says_what_it_is():
    disk, small = FOUND["/dev/sdb"], FOUND["/dev/sdd"]
    assert (disk.human_readable_type, small.human_readable_type) == ("hdd", "ssd")
    assert disk.device_id == "ACME_Big_Disk_7"
    assert disk.sys_api["size"] == 100 * GIB
    assert disk.lsm_data == {"transport": "sas"}
    assert (FOUND["/dev/sde"].ceph_device, disk.ceph_device) == (True, False)


def test_filters_choose_among_what_is_available():
    def chosen(**filters):
        spec = DriveGroupSpec(
            PlacementSpec(host_pattern="*"), "x", data_devices=DeviceSelection(**filters)
        )
        return selected(spec, list(FOUND.values()))

    assert chosen(all=True) == ["/dev/loop0", "/dev/sdb"]
    assert chosen(model="Big Disk") == ["/dev/sdb"]
    assert chosen(size="50G:") == ["/dev/sdb"]
    assert chosen(all=True, limit=1) == ["/dev/loop0"]


def test_what_an_osd_stands_on_is_not_taken_twice():
    wanted = [Wanted("a", "/dev/sdb", "/dev/sdb"), Wanted("b", "/dev/sdb", "/dev/sdb")]
    there = made.daemon("osd.1", "a", "osd.x", labels={"path": "/dev/sdb"})
    assert missing(wanted, [there]) == wanted[1:]
    used = inventory.in_use(FOUND["/dev/loop0"])
    assert (used.available, used.rejected_reasons) == (False, ["Used by an OSD"])
    FOUND["/dev/loop0"].available, FOUND["/dev/loop0"].rejected_reasons = True, []
