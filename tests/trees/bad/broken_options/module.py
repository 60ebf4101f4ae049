"""Declares options that are none."""

from mgr_module import MgrModule


class Module(MgrModule):
    MODULE_OPTIONS = ["just a word"]
