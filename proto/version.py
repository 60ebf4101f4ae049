"""Which release this is; what the processes must agree on, and the one sentence that both ends say
when they do not.
"""

from proto.v1.versions_pb2 import Versions


VERSION = "0.1.0"  # of the distribution: pyproject.toml reads it here
PROTOCOL = 1  # the verbs, the framing, the layout of the shared page
API = 2  # what modules see through them: documents and their shapes, codec tags, command JSON


def ours() -> Versions:
    """The versions of this installation, for a hello or its answer."""
    return Versions(protocol=PROTOCOL, api=API)


def mismatch(mine: str, theirs: str, versions: Versions) -> str | None:
    """What to tell the operator when `theirs` speaks other `versions`; None when they are ours.

    `mine` and `theirs` are nouns for the sentence, e.g. "the supervisor" and "mgrctl".
    """
    for what, said, spoken in (
        ("protocol", versions.protocol, PROTOCOL),
        ("module API", versions.api, API),
    ):
        if said != spoken:
            return (
                f"{theirs} speaks {what} {said}, {mine} speaks {spoken}: "
                "they come from different installations; start both from the same one"
            )
    return None
