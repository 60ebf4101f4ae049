"""`ceph device light` and `ls-lights`: which lights of disks were switched on, told as health."""

import enum
import errno
import json
import threading
from collections.abc import Callable
from typing import Any

from mgr_module import HandleCommandResult

from orchestrator._interface import (
    DeviceLightLoc,
    OrchestratorClientMixin,
    _cli_read_command,
    _cli_write_command,
    raise_if_exception,
)


KEY = "active_devices"


class Switch(enum.Enum):
    """What becomes of a light."""

    on = "on"
    off = "off"


class Light(enum.Enum):
    """Which of a device's two lights."""

    ident = "ident"
    fault = "fault"


class Lights:
    """The devices whose lights are on, as kept in `text`; `changed` is told of every change, in
    order. Safe from every thread. Raises ValueError, AttributeError or TypeError for another text.
    """

    def __init__(self, text: str, changed: Callable[["Lights"], None]) -> None:
        kept = json.loads(text) if text else {}
        self._on = {light: set(kept.get(light.value, [])) for light in Light}
        self._changed = changed
        self._lock = threading.Lock()

    def put(self, light: Light, device: str, switch: Switch) -> None:
        """Note that a light was switched."""
        with self._lock:
            if switch is Switch.on:
                self._on[light].add(device)
            else:
                self._on[light].discard(device)
            self._changed(self)

    def is_on(self, light: Light, device: str) -> bool:
        """Whether a light was switched on and not off again."""
        return device in self._on[light]

    def lit(self) -> dict[str, list[str]]:
        """Devices by the name of the light."""
        return {light.value: sorted(devices) for light, devices in self._on.items()}

    def checks(self) -> dict[str, dict[str, Any]]:
        """One health check for each kind of light that is on anywhere."""
        return {
            f"DEVICE_{light.upper()}_ON": {
                "severity": "warning",
                "summary": f"{len(devices)} devices have {light} light turned on",
                "detail": [f"{device} {light} light enabled" for device in devices],
            }
            for light, devices in self.lit().items()
            if devices
        }


class LightCommands(OrchestratorClientMixin):
    """Finding a disk in its rack."""

    lights: Lights

    def _load_lights(self) -> None:
        try:
            self.lights = Lights(self.get_store(KEY) or "", self._keep_lights)
        except (ValueError, AttributeError, TypeError) as error:
            self.log.error("key %s is not what this module wrote, lights are off: %s", KEY, error)
            self.lights = Lights("", self._keep_lights)
        self.set_health_checks(self.lights.checks())

    def _keep_lights(self, lights: Lights) -> None:
        self.set_store(KEY, json.dumps(lights.lit()))
        self.set_health_checks(lights.checks())

    @_cli_read_command("device ls-lights")
    def _lights_ls(self) -> HandleCommandResult:
        """Show which devices have a light switched on"""
        return HandleCommandResult(stdout=json.dumps(self.lights.lit(), indent=4, sort_keys=True))

    @_cli_write_command("device light")
    def _light(
        self, enable: Switch, devid: str, light_type: Light = Light.ident, force: bool = False
    ) -> HandleCommandResult:
        """Switch a light of a device on or off: the one that identifies it, or that of a fault"""
        places = self._places_of(devid)
        off = enable is Switch.off
        # A light whose disk or host is gone for good would be health for ever.
        forget = force and off and self.lights.is_on(light_type, devid)
        if not places and not forget:
            return HandleCommandResult(-errno.ENOENT, stderr=f"device {devid} not found")
        if not places:
            self.lights.put(light_type, devid, enable)
            sentence = f"device {devid} is gone; its {light_type.value} light counts as off"
            return HandleCommandResult(stderr=sentence)
        try:
            completion = self.blink_device_light(light_type.value, not off, places)
            raise_if_exception(completion)
        except Exception:
            if forget:
                self.lights.put(light_type, devid, enable)
            raise
        self.lights.put(light_type, devid, enable)
        return HandleCommandResult(stdout=str(completion.result))

    def _places_of(self, device: str) -> list[DeviceLightLoc]:
        known = [each for each in self.get("devices")["devices"] if each["devid"] == device]
        return [DeviceLightLoc(**place) for each in known for place in each["location"]]
