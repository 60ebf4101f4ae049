"""What ceph-mgr's C++ answers to Python, computed from the session's documents."""
