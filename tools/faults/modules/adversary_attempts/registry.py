"""All attempts there are, by name."""

from .attempt import Attempt
from .bus import bus
from .descriptors import descriptors
from .doors import doors
from .exhaustion import exhaustion
from .files import files
from .lanes import lanes
from .processes import procs
from .programs import programs
from .sockets import sockets


ATTEMPTS: dict[str, Attempt] = {
    attempt.name: attempt
    for family in (files, procs, sockets, programs, doors, bus, lanes, descriptors, exhaustion)
    for attempt in family.attempts
}
