"""One of the siblings."""

from innocent import Innocent, commands


class Module(Innocent):
    """Nothing of its own but the name."""

    COMMANDS = commands("innocent_a")
