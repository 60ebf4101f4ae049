"""Synthetic clusters of any size, shaped like the captured one that the embedded cluster loads."""
