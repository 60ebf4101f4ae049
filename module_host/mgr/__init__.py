"""The substance of `api/mgr_module.py`, pacific's Python API: one noun a file."""
