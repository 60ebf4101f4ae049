"""Answers, and measures how long it takes others to."""

import time

from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    def echo(self, value):
        return value

    @CLICommand("neighbour count")
    def count(self, number: int):
        """Answer the number back"""
        return 0, str(number), ""

    @CLICommand("neighbour fetch")
    def fetch(self, mib: int):
        """Have the glutton answer so many MiB"""
        try:
            return 0, str(len(self.remote("glutton", "lots", mib))), ""
        except RuntimeError as error:
            return 0, str(error), ""

    @CLICommand("neighbour median")
    def median(self, calls: int):
        """The median time of calls to oneself, in microseconds"""
        took = []
        for number in range(calls):
            began = time.perf_counter()
            self.remote("neighbour", "echo", number)
            took.append(time.perf_counter() - began)
        return 0, str(round(sorted(took)[calls // 2] * 1e6)), ""
