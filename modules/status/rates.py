"""What the newest samples of a daemon's counters say."""

from mgr_module import MgrModule


class Counters:
    """Counters of one daemon, 0 where nothing was measured."""

    def __init__(self, module: MgrModule, kind: str, name: str) -> None:
        self._module = module
        self._daemon = kind, name

    def latest(self, path: str) -> int:
        """The newest value."""
        samples = self._samples(path)
        return int(samples[-1][1]) if samples else 0

    def rate(self, path: str) -> int:
        """Change per second between the two newest samples; they must be a second apart."""
        samples = self._samples(path)
        if len(samples) < 2:
            return 0
        (before, old, *_), (after, new, *_) = samples[-2:]
        seconds = int(after - before)
        return int(new - old) // seconds if seconds else 0

    def _samples(self, path: str) -> list[list[float]]:
        return self._module.get_counter(*self._daemon, path)[path]
