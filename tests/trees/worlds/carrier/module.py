"""Tells whose packages it stands on, and sends all kinds of specs to its like in another world.

It is planted under several names: its commands begin with the name of its folder.
"""

import json

import ceph.deployment
import mgr_module
from ceph.deployment.drive_group import DeviceSelection, DriveGroupSpec
from ceph.deployment.hostspec import HostSpec
from ceph.deployment.inventory import Device, Devices
from ceph.deployment.service_spec import PlacementSpec, ServiceSpec
from mgr_module import CLIReadCommand, MgrModule

NAME = __name__.split(".")[0]
PLACED = PlacementSpec.from_string("2 a:10.0.0.0/8=x b")
SENT = [
    PLACED,
    *(
        ServiceSpec.from_json({"service_type": kind, "placement": {"count": 2}})
        for kind in (
            "mon",
            "mgr",
            "crash",
            "prometheus",
            "grafana",
            "alertmanager",
            "node-exporter",
        )
    ),
    ServiceSpec("mds", service_id="a", placement=PLACED, config={"debug ms": "1"}),
    ServiceSpec("nfs", service_id="a", port=2049),
    ServiceSpec("rgw", service_id="a", ssl=True, networks=["10.0.0.0/8"]),
    ServiceSpec("iscsi", service_id="a", pool="p"),
    ServiceSpec("container", service_id="a", image="i", files={"a": ["b"]}),
    ServiceSpec.from_json(
        {
            "service_type": "snmp-gateway",
            "spec": {
                "snmp_version": "V2c",
                "snmp_destination": "10.0.0.1:162",
                "credentials": {"snmp_community": "public"},
            },
        }
    ),
    DriveGroupSpec(PLACED, "a", DeviceSelection(rotational=True, size="10G:"), method="raw"),
    HostSpec("a", "10.0.0.1", ["mon"], location={"rack": "r1"}),
    Devices([Device("/dev/sdb", {"rotational": "1"}), Device("/dev/sda", lvs=[{"name": "x"}])]),
]


class Module(MgrModule):
    @CLIReadCommand(f"{NAME} packages")
    def packages(self):
        """The files of the two packages."""
        return 0, json.dumps([ceph.deployment.__file__, mgr_module.__file__]), ""

    @CLIReadCommand(f"{NAME} send")
    def send(self, to: str):
        """Send everything there and back; the answer names what came back otherwise."""
        back = self.remote(to, "echo", SENT)
        changed = [
            repr(sent)
            for sent, came in zip(SENT, back, strict=True)
            if (type(sent), sent) != (type(came), came) or sent is came
        ]
        return 0, json.dumps({"sent": len(back), "changed": changed}), ""

    @CLIReadCommand(f"{NAME} complain")
    def complain(self, to: str):
        """What the other one's refusal is when it arrives."""
        try:
            self.remote(to, "refuse")
        except RuntimeError as error:
            return 0, str(error), ""
        return 1, "", "no refusal"

    def echo(self, specs):
        return [spec for spec in specs if json.dumps(spec.to_json())]

    def refuse(self):
        return ServiceSpec.from_json({"service_type": "mds", "service_id": "9"})
