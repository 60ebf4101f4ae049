"""All attempts there are, by name."""

from . import lanes  # noqa: F401  adds to the family of the bus
from .attempt import Attempt
from .bus import bus
from .descriptors import descriptors
from .doors import doors
from .exhaustion import exhaustion
from .files import files
from .processes import procs
from .programs import programs
from .sockets import sockets


ATTEMPTS: dict[str, Attempt] = {
    attempt.name: attempt
    for family in (files, procs, sockets, programs, doors, bus, descriptors, exhaustion)
    for attempt in family.attempts
}
