"""Raises in serve()."""

from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    @CLICommand("raises_serve show")
    def show(self):
        """Would answer if serve() had not raised"""
        return 0, "shown", ""

    def echo(self, value):
        return value

    def serve(self):
        raise RuntimeError("served badly")
