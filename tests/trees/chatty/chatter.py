"""A module that writes numbered lines to its log from several threads, in every way there is."""

import os
import threading

from mgr_module import MgrModule


ARGUMENTS = {"begin": "name=threads,type=CephInt", "end": "", "say": "name=word,type=CephString"}


def commands(name):
    return [
        {"cmd": f"{name} {verb} {arguments}".strip(), "desc": verb, "perm": "rw"}
        for verb, arguments in ARGUMENTS.items()
    ]


class Chatter(MgrModule):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.over = threading.Event()
        self.threads = []
        self.written = {}
        self._stop = threading.Event()

    def handle_command(self, inbuf, cmd):
        verb = cmd["prefix"].split()[1]
        return getattr(self, verb)(*(cmd[a] for a in ("threads", "word") if a in cmd))

    def begin(self, threads):
        self.over.clear()
        self.threads = [threading.Thread(target=self.chat, args=(f"t{i}",)) for i in range(threads)]
        for thread in self.threads:
            thread.start()
        return 0, "", ""

    def chat(self, name):
        number = 0
        ways = [
            self.log.warning,
            lambda line: print(line + "\n", end=""),
            lambda line: os.write(1, line.encode() + b"\n"),
            lambda line: os.write(2, line.encode() + b"\n"),
        ]
        while not self.over.is_set():
            filling = "x" * (number * 37 % 400)
            ways[number % len(ways)](f"<{name}:{number}:{filling}>")
            number += 1
            if number % 8 == 0:
                self.over.wait(0.004)
        self.written[name] = number

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        return 0, repr(self.written), ""

    def say(self, word):
        self.log.error(word)
        print(word)
        return 0, "", ""

    def serve(self):
        self._stop.wait()

    def shutdown(self):
        self.over.set()
        self._stop.set()
