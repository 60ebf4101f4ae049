"""How many files the daemon may open: each module speaks through sockets of its own."""

import resource


def raise_limit() -> None:
    """Take all that the hard limit allows: the usual soft limit of 1024 is soon used up, and libzmq
    aborts the process that cannot accept a connection.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
