"""Answers of commands in several formats. Pacific has no such module; it harms none to have it."""

from module_host.mgr.object_format import *  # noqa: F403  each level offers all of it
