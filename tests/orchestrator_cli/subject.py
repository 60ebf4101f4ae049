"""Run in a process of its own: one `orchestrator` package, its commands answered by a made-up backend.

python subject.py TREE PACKAGES: a tree with that package, and a folder with a package `ceph` where it
is not ours that it stands on. Reads a JSON list of cases [words, inbuf, mood], writes {"commands": [...],
"answers": [[retval, stdout, stderr], ...]}. The backend is the same for every package: objects of the
package's own classes, with times relative to MOMENT of the environment. Its mood is "full", "empty",
"unavailable", "unset", or "raise:CLASS".
"""

import datetime as dt
import errno
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace


ROOT = Path(__file__).parents[2]
MOMENT = dt.datetime.fromisoformat(os.environ["MOMENT"])
HOUR = dt.timedelta(hours=1)
PLAN = [
    {"warning": "WARNING! Dry-Runs are snapshots of a certain point in time."},
    {"service_type": "mds", "service_name": "mds.a", "add": ["h1", "h2"], "remove": ["h3"]},
    {
        "service_type": "osd",
        "service_name": "osd.all",
        "data": {
            "h1": [
                {"osdspec": "all", "data": [{"data": "/dev/sdb"}, {"data": ""}], "notes": ["few"]},
                {"osdspec": "db", "data": [{"data": "/dev/sdc", "block_db": "/dev/nvme0n1"}]},
            ]
        },
    },
]


def backend(orchestrator):
    """The class of the backend, made of the package's classes."""
    from ceph.deployment.drive_group import DeviceSelection, DriveGroupSpec
    from ceph.deployment.hostspec import HostSpec, SpecValidationError
    from ceph.deployment.inventory import Device, Devices
    from ceph.deployment.service_spec import NFSServiceSpec, PlacementSpec, RGWSpec, ServiceSpec

    errors = SimpleNamespace(
        OrchestratorError=lambda: orchestrator.OrchestratorError("in general", errno=-errno.EBUSY),
        OrchestratorValidationError=lambda: orchestrator.OrchestratorValidationError("no such"),
        NoOrchestrator=orchestrator.NoOrchestrator,
        SpecValidationError=lambda: SpecValidationError("count must be a number"),
        NotImplementedError=NotImplementedError,
        ImportError=lambda: ImportError("no module named x"),
    )
    status = orchestrator.DaemonDescriptionStatus
    event = orchestrator.OrchestratorEvent(MOMENT, "daemon", "mds.a.h1", "INFO", 'said "x"')

    def hosts():
        return [
            HostSpec("h2", "10.0.0.2", ["mds", "osd"]),
            HostSpec("h1", "10.0.0.1", ["mon"], status="maintenance"),
            HostSpec("h3", status="offline", location={"rack": "r1"}),
        ]

    def inventory():
        lsm = {"transport": "SATA", "rpm": "7200", "health": "Good"}
        leds = {"IDENTsupport": "Supported", "IDENTstatus": "Off", "FAILstatus": "On"}
        disk = Device(
            "/dev/sdb",
            {"size": 4 << 40, "rotational": "1"},
            True,
            device_id="ACME_1",
            created=MOMENT - HOUR,
        )
        used = Device(
            "/dev/sda", {"size": 960197124096, "rotational": "0"}, False, ["LVM detected", "locked"],
            [{"name": "osd-0"}], "ACME_2", lsm | {"ledSupport": leds}, MOMENT - 50 * HOUR,
        )  # fmt: skip
        return [
            orchestrator.InventoryHost("h2", Devices([disk, used]), ["osd"], "10.0.0.2"),
            orchestrator.InventoryHost("h1"),
        ]

    def services():
        describe = orchestrator.ServiceDescription
        osd = DriveGroupSpec(
            PlacementSpec(host_pattern="*"), "all", DeviceSelection(rotational=True, size="1TB:")
        )
        nfs = NFSServiceSpec("nfs", "n", placement=PlacementSpec(label="nfs"), port=2049)
        placed = PlacementSpec.from_string("3 h1 h2:10.0.0.0/8=b h3")
        rgw = RGWSpec(service_id="r", rgw_realm="e", rgw_zone="z", networks=["10.0.0.0/8"])
        mds = ServiceSpec("mds", service_id="a", placement=placed)
        return [
            describe(
                osd, size=4, running=3, last_refresh=MOMENT - HOUR, created=MOMENT - 99 * HOUR
            ),
            describe(ServiceSpec("mon", placement=PlacementSpec(count=3)), running=1, size=3),
            describe(
                mds, "id", "image", None, MOMENT - HOUR, MOMENT - 2 * HOUR, None, 2, 1, [event]
            ),
            describe(nfs, size=1, deleted=MOMENT, virtual_ip="10.0.0.9/24", ports=[2049, 9000]),
            describe(ServiceSpec("crash", unmanaged=True), created=MOMENT - 24 * 30 * HOUR),
            describe(rgw, size=1, running=1, ports=[80], service_url="http://h1:80"),
        ]

    def daemons():
        describe = orchestrator.DaemonDescription
        times = {"last_refresh": MOMENT - HOUR / 10, "created": MOMENT - 30 * HOUR}
        return [
            describe("osd", "3", "h2", status=status.error, memory_usage=3 << 30, memory_request=4 << 30, osdspec_affinity="all"),
            describe("mds", "a.h1.abcdef", "h1", status=status.running, status_desc="running", started=MOMENT - 3 * HOUR, version="16.2.15", service_name="mds.a", events=[event], ports=[1], **times),
            describe("mon", "h1", "h1", container_id=os.environ.get("CONTAINER"), container_image_id="0123456789abcdef", ports=[3300, 6789], ip="10.0.0.1", is_active=True, cpu_percentage="1.5%"),
            describe("mgr", "x", status=status.stopped, rank=1, deployed_by=["d"]),
            describe("crash", "h1", "h1", status=status.starting, memory_limit=1),
        ]  # fmt: skip

    def upgrade():
        made = orchestrator.UpgradeStatusSpec()
        made.in_progress, made.target_image, made.services_complete = True, "ceph:v17", ["mgr"]
        made.progress, made.message = "1/9 daemons upgraded", "Doing first pull"
        return made

    full = {
        "get_hosts": hosts,
        "get_inventory": inventory,
        "describe_service": services,
        "list_daemons": daemons,
        "plan": lambda: PLAN,
        "upgrade_status": upgrade,
        "upgrade_ls": lambda: {"image": "ceph", "versions": ["17.2.1"]},
        "remove_osds_status": list,
        "service_action": lambda: ["Scheduled to stop a", "Scheduled to stop b"],
    }
    lists = ("get_hosts", "get_inventory", "describe_service", "list_daemons", "plan", "upgrade_ls")

    class Backend:
        """Answers whatever it is asked for."""

        mood = "full"
        asked = ()

        def is_orchestrator_module(self):
            return True

        def get_feature_set(self):
            return {}

        def available(self):
            if self.mood == "unavailable":
                return False, "cannot reach anything", {}
            return True, "", {"workers": 10, "paused": self.mood == "empty"}

        def pause(self):
            self._fail()

        resume = cancel_completions = pause

        def _fail(self):
            if self.mood.startswith("raise:"):
                make = getattr(errors, self.mood.removeprefix("raise:"))
                raise make()

        def __getattr__(self, name):
            if name.startswith("_") or not hasattr(orchestrator.Orchestrator, name):
                raise AttributeError(name)
            return lambda *args, **kwargs: self._answer(name, args, kwargs)

        def _answer(self, name, args, kwargs):
            self.asked = (*self.asked, f"{name} {said(args)} {said(kwargs)}")
            try:
                self._fail()
            except Exception as error:
                return orchestrator.OrchResult(None, error)
            if self.mood == "empty" and name in lists:
                return orchestrator.OrchResult([])
            return orchestrator.OrchResult(full.get(name, lambda: f"{name} done.. And more.")())

    return Backend


def said(value):
    """Arguments as text that does not depend on the package."""

    def plain(each):
        return each.to_json() if hasattr(each, "to_json") else vars(each)

    return json.dumps(value, default=plain, sort_keys=True)


def main(tree: str, packages: str) -> None:
    sys.path[:0] = [str(ROOT)]
    from module_host import testing

    testing.activate(tree)
    sys.path.insert(0, packages)
    import orchestrator

    cases = json.load(sys.stdin)
    peer = backend(orchestrator)()
    answers = []
    modules = [
        {"name": "good", "can_run": True, "error_string": ""},
        {"name": "lazy", "can_run": False, "error_string": "no time"},
        {"name": "off", "can_run": True, "error_string": ""},
        {"name": "other", "can_run": True, "error_string": ""},
    ]
    device = {"devid": "ACME_1", "location": [{"host": "h2", "dev": "sdb", "path": "/dev/p"}]}
    state = {
        "mgr_map": {"available_modules": modules, "modules": ["good", "other"]},
        "devices": {"devices": [device]},
    }
    options = {"mon_host": ""}
    with testing.run(
        orchestrator.OrchestratorCli, name="orchestrator", state=state, ceph_options=options
    ) as running:
        running.peers.update(test_orchestrator=peer, good=peer, other=object())
        for words, inbuf, mood in cases:
            chosen = None if mood == "unset" else "test_orchestrator"
            running.module.set_module_option("orchestrator", chosen)
            peer.mood, peer.asked = mood, ()
            answers.append(answer(running, words, inbuf, peer))
        running.faults.clear()
        described = [dict(each) for each in running.module.COMMANDS]
    sys.stdout.write(json.dumps({"commands": described, "answers": answers}))


def answer(running, words, inbuf, peer):
    """[what came back, what the backend was asked], or the sentence of a refusal."""
    try:
        result = running.command("", *words, inbuf=inbuf)
    except Exception as error:
        # Without the usage, of which the help is a part.
        return [type(error).__name__, str(error).partition("\n")[0], "", []]
    return [*result, list(peer.asked)]


if __name__ == "__main__":
    main(*sys.argv[1:])
