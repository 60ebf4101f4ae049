"""What the module offers, without the module: what a test gives as its peer."""

import threading


class Looks:
    def echo(self, *args, **kwargs):
        return args, kwargs

    def give_lock(self):
        return {"lock": threading.Lock()}

    def fail(self):
        raise LookupError("no such thing")
