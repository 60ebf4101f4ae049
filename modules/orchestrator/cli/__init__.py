"""The commands `ceph orch ...` and `ceph device ...`, one file a family.

A family is a mix-in of the module's class: its methods call the backend through the interface, and
turn what comes back into text. What the backend raises becomes an answer outside of them.
"""
