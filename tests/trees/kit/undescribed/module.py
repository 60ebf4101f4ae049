"""Marks the folder as a module."""
