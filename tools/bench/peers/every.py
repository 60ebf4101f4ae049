"""All peers by their names, each imported only when it is entered: most are optional."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path

from bench.peers.peer import NotMeasuredError, Peer


# Name as people know it -> its file here, the function in it, and the distribution that it needs.
PEERS = {
    "multiprocessing.managers": ("managers", "peer", ""),
    "Pyro5": ("pyro5", "peer", "Pyro5"),
    "RPyC": ("rpyc", "peer", "rpyc"),
    "RPyC, method held": ("rpyc", "held", "rpyc"),
    "grpcio": ("grpcio", "peer", "grpcio"),
    "Ray": ("ray", "peer", "ray"),
    "pyzmq forwarder": ("forwarder", "peer", ""),
}


@contextmanager
def peer(name: str, folder: Path) -> Iterator[Peer]:
    """The peer `name`, with its far end running; its sockets are in `folder`.

    Raises NotMeasuredError where its library is not installed or its far end does not start.
    """
    file, function, distribution = PEERS[name]
    try:
        module = import_module(f"bench.peers.{file}")
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("bench"):
            raise
        raise NotMeasuredError(f"{distribution or error.name} is not installed") from None
    enter: Callable[[Path], AbstractContextManager[Peer]] = getattr(module, function)
    with enter(folder) as entered:
        yield entered
