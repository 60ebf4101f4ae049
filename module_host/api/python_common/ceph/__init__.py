"""Ceph's own Python package, as far as manager modules import it: `ceph.deployment`, `ceph.utils`.

What stands here is pacific's interface. The rest of Ceph's package (`ceph.fs` and others) is found
where it is installed.
"""

from pkgutil import extend_path


__path__ = extend_path(__path__, __name__)
