"""What alpha, beta and gamma are: they answer numbered calls, call each other, and can be broken."""

import ctypes
import logging
import os
import threading

from mgr_module import MgrModule, Option


ARGUMENTS = {
    "count": "name=number,type=CephInt",
    "relay": "name=module,type=CephString name=number,type=CephInt",
    "remember": "name=key,type=CephString name=value,type=CephString",
    "recall": "name=key,type=CephString",
    "prefer": "name=value,type=CephString",
    "mutate": "name=module,type=CephString",
    "epochs": "",
    "crash": "",
    "spawn": "",
    "say": "name=level,type=CephString name=word,type=CephString",
    "write": "name=path,type=CephString",
    "where": "",
}


def commands(name):
    """The descriptors of the peer called `name`."""
    return [
        {
            "cmd": f"{name} {verb} {arguments}".strip(),
            "desc": getattr(Peer, verb).__doc__,
            "perm": "rw",
        }
        for verb, arguments in ARGUMENTS.items()
    ]


class Peer(MgrModule):
    MODULE_OPTIONS = [
        Option(name="greeting", type="str", default="hello"),
        Option(name="liking", type="str"),
    ]
    NOTIFY_TYPES = ["osd_map"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.held = {"list": [1, 2]}
        self.seen = []
        self._end = threading.Event()

    def handle_command(self, inbuf, cmd):
        verb = cmd["prefix"].split()[1]
        wanted = {a.split(",")[0].removeprefix("name=") for a in ARGUMENTS[verb].split()}
        return getattr(self, verb)(**{key: cmd[key] for key in wanted})

    def count(self, number):
        """Answer the number back"""
        return 0, str(number), ""

    def relay(self, module, number):
        """Answer the number through another module"""
        return 0, str(self.remote(module, "echo", number)), ""

    def remember(self, key, value):
        """Keep a value in the KV store"""
        self.set_store(key, value)
        return 0, "", "kept"

    def recall(self, key):
        """Show a kept value"""
        return 0, str(self.get_store(key)), ""

    def prefer(self, value):
        """Set an option of one's own"""
        self.set_module_option("liking", value)
        return 0, "", ""

    def mutate(self, module):
        """Change what another module returned, then ask again"""
        self.remote(module, "hold")["list"].append(99)
        return 0, str(self.remote(module, "hold")["list"]), ""

    def epochs(self):
        """How many osd_map notifications came"""
        return 0, str(len(self.seen)), ""

    def crash(self):
        """Dereference a null pointer"""
        ctypes.string_at(0)
        return 0, "", ""

    def spawn(self):
        """Leave a process behind in a session of its own"""
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv("/bin/sleep", ["sleep", "1000"])
            os._exit(0)
        return 0, "", ""

    def say(self, level, word):
        """Log a word"""
        self.log.log(logging.getLevelName(level), word)
        return 0, "", ""

    def write(self, path):
        """Create a file"""
        try:
            with open(path, "w") as file:
                file.write("written")
        except OSError as error:
            return -error.errno, "", str(error)
        return 0, "", ""

    def where(self):
        """Which mgr_module this process got"""
        import mgr_module

        return 0, mgr_module.__file__, ""

    def echo(self, value):
        return value

    def hold(self):
        return self.held

    def notify(self, notify_type, notify_id):
        self.seen.append(self.get("osd_map")["epoch"])

    def serve(self):
        self.log.info("serving")
        self._end.wait()

    def shutdown(self):
        self.log.info("shutting down in order")
        self._end.set()
