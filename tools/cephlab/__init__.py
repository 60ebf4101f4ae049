"""A real Ceph cluster on loopback, for a minute: to try things out and to capture a snapshot."""
