"""The CephContext that librados' Python bindings take: made outside ceph-mgr, one per process.

It is read from the ceph.conf that the operator names. Where there is none it knows no monitor, and
whoever connects with it gets librados' own error.
"""

import ctypes
import threading
from functools import cache

from module_host.session import Identity


_LIBRARY = "librados.so.2"
# What a ceph.conf says of the manager of this name is that manager's: a library in each of many
# module processes must not take over its socket or its log.
_OURS = {"admin_socket": "", "log_file": "", "err_to_stderr": "true"}
_lock = threading.Lock()


def capsule(identity: Identity) -> object:
    """Give this process' one context as a capsule; a plain object where librados is not installed.

    Raises RuntimeError with the errno of librados where it refuses.
    """
    with _lock:
        return _capsule(identity)


@cache
def _capsule(identity: Identity) -> object:
    try:
        librados = ctypes.CDLL(_LIBRARY)
    except OSError:
        return object()
    cluster = ctypes.c_void_p()
    name = f"mgr.{identity.mgr_id}".encode()
    _checked(
        librados.rados_create2(ctypes.byref(cluster), b"ceph", name, ctypes.c_uint64(0)),
        "rados_create2",
    )
    if identity.conf_path:
        _checked(
            librados.rados_conf_read_file(cluster, identity.conf_path.encode()),
            f"reading {identity.conf_path}",
        )
    settings = _OURS | ({"keyring": identity.keyring} if identity.keyring else {})
    for option, value in settings.items():
        status = librados.rados_conf_set(cluster, option.encode(), value.encode())
        _checked(status, f"setting {option}")
    librados.rados_cct.restype = ctypes.c_void_p
    make = ctypes.pythonapi.PyCapsule_New
    make.restype = ctypes.py_object
    make.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    # No name and no destructor, as ceph-mgr makes it: it lives as long as the process.
    made: object = make(librados.rados_cct(cluster), None, None)
    return made


def _checked(status: int, what: str) -> None:
    if status < 0:
        raise RuntimeError(f"librados: {what} failed with {status}")
