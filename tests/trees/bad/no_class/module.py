"""Holds no module class."""

NOTHING = True
