"""Answers of commands in several formats."""

from module_host.mgr.object_format import *  # noqa: F403  each level offers all of it
