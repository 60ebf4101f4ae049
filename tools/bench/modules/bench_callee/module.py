"""The far end of the measured remote() calls."""

# The base class comes from the supervisor at run time: it is Any here.
# mypy: disable-error-code="misc"

from mgr_module import MgrModule


class Module(MgrModule):
    """Answers at once."""

    def echo(self, number: int, text: str) -> dict[str, object]:
        """What the peers' echo answers, too."""
        return {"number": number, "text": text}
