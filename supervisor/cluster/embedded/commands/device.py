"""`device ...`: what is known of disks."""

import errno

from supervisor.cluster.embedded.answers import Args, Refusal, Reply, show
from supervisor.cluster.embedded.texttable import table
from supervisor.cluster.embedded.world import World


def _ls(world: World, args: Args) -> Reply:
    devices = world.documents["devices"]["devices"]
    rows = [
        (
            device["devid"],
            " ".join(f"{place['host']}:{place['dev']}" for place in device["location"]),
            " ".join(device["daemons"]),
            f"{device['wear_level']:.0%}" if "wear_level" in device else "",
            device.get("life_expectancy_max", ""),
        )
        for device in devices
    ]
    heads = ("DEVICE", "HOST:DEV", "DAEMONS", "WEAR", "LIFE EXPECTANCY")
    return show(args, devices, table(heads, rows))


def _info(world: World, args: Args) -> Reply:
    wanted = args.text("devid")
    for device in world.documents["devices"]["devices"]:
        if device["devid"] == wanted:
            lines = [f"device {wanted}"]
            lines += [f"attachment {p['host']} {p['dev']} {p['path']}" for p in device["location"]]
            lines += [f"daemons {' '.join(device['daemons'])}"]
            return show(args, device, "\n".join(lines))
    raise Refusal(errno.ENOENT, f"device {wanted} not found")


COMMANDS = {"device ls": _ls, "device info": _info}
