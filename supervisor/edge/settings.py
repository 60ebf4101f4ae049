"""Module options and module KV as committed: what a new host's replica starts from."""

from collections import Counter
from collections.abc import Callable, Iterable

from proto.v1.module_pb2 import OptionsChanged as WireOptions
from proto.v1.module_pb2 import StoreChanged as WireStore
from proto.v1.module_pb2 import Welcome
from supervisor.cluster.interface import Opened, OptionChange, StoreChange


MODULE_KEYS = "mgr/"


def own_prefix(module: str) -> str:
    """Where the config-key store keeps the KV of `module`."""
    return f"{MODULE_KEYS}{module}/"


def weight(key: str, value: str | None) -> int:
    """Bytes that an option or a key takes; None: there is none."""
    if value is None:
        return 0
    return sum(
        len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
        for text in (key, value)
    )


class Settings:
    """Follows the cluster's change events. Loop thread only. `sizes`: bytes of the options and keys
    of each module.

    What it states of a key holds as of `seq`, the newest commit that it knows: a number for each
    key would have to be kept for removed ones, too, for ever.
    """

    def __init__(self, opened: Opened) -> None:
        self.seq = opened.seq
        self.options = dict(opened.options)
        self.store = dict(opened.store)
        self.sizes: Counter[str] = Counter()
        for book in (self.options, self.store):
            for key, value in book.items():
                self.sizes[_owner(key)] += weight(key, value)

    def options_changed(self, changes: Iterable[OptionChange]) -> None:
        """Take committed options over."""
        for change in changes:
            self._take(self.options, change.key, change.value, change.seq)

    def store_changed(self, changes: Iterable[StoreChange]) -> None:
        """Take committed keys over."""
        for change in changes:
            self._take(self.store, change.key, change.value, change.seq)

    def fill(self, welcome: Welcome, module: str, reads: Callable[[str], bool]) -> None:
        """Everything that a new host of `module` reads locally; `reads`: which options it may."""
        welcome.seq = self.seq
        welcome.options.update({k: v for k, v in self.options.items() if reads(k)})
        prefix = own_prefix(module)
        for key, value in self.store.items():
            if key.startswith(prefix):
                welcome.store[key.removeprefix(prefix)] = value

    def option_now(self, key: str, into: WireOptions) -> None:
        """State the committed value of `key`, so that its writer reads its own write."""
        change = into.changes.add(key=key, seq=self.seq)
        if key in self.options:
            change.value = self.options[key]

    def stored_now(self, key: str, module: str, into: WireStore) -> None:
        """The same for a key of `module`'s KV; `key` is the full one."""
        change = into.changes.add(key=key.removeprefix(own_prefix(module)), seq=self.seq)
        if key in self.store:
            change.value = self.store[key]

    def _take(self, book: dict[str, str], key: str, value: str | None, seq: int) -> None:
        self.seq = max(self.seq, seq)
        owner = _owner(key)
        self.sizes[owner] += weight(key, value) - weight(key, book.get(key))
        if not self.sizes[owner]:
            del self.sizes[owner]
        if value is None:
            book.pop(key, None)
        else:
            book[key] = value


def _owner(key: str) -> str:
    """The module whose key it is; "": nobody's."""
    return key.split("/", 2)[1] if key.startswith(MODULE_KEYS) else ""


def wire_options(changes: Iterable[OptionChange], reads: Callable[[str], bool]) -> WireOptions:
    """A change of options as a host hears it that may read those: of any change it hears."""
    wire = WireOptions(config_notify=True)
    for change in filter(lambda change: reads(change.key), changes):
        entry = wire.changes.add(key=change.key, seq=change.seq)
        if change.value is not None:
            entry.value = change.value
    return wire


def owners(changes: Iterable[StoreChange]) -> set[str]:
    """The modules in whose KV something changed."""
    keys = (change.key for change in changes if change.key.startswith(MODULE_KEYS))
    return {key.removeprefix(MODULE_KEYS).partition("/")[0] for key in keys}


def wire_store(changes: Iterable[StoreChange], module: str) -> WireStore:
    """The part of a KV change that `module` owns."""
    prefix = own_prefix(module)
    wire = WireStore()
    for change in changes:
        if change.key.startswith(prefix):
            entry = wire.changes.add(key=change.key.removeprefix(prefix), seq=change.seq)
            if change.value is not None:
                entry.value = change.value
    return wire
