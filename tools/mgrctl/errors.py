"""What can go wrong before a command has an answer, each with its exit code."""

import errno


class Refused(Exception):  # noqa: N818  the operator's words, not a fault
    """Words or options that are not accepted. The text is what the operator reads."""

    exit_code = errno.EINVAL


class Unreachable(Exception):  # noqa: N818  a state of the daemon
    """The daemon cannot be asked, or has gone. `exit_code` is the errno."""

    def __init__(self, text: str, exit_code: int) -> None:
        super().__init__(text)
        self.exit_code = exit_code


class FileTrouble(Exception):  # noqa: N818  the operator's file
    """A file given with -i or -o cannot be used; exits with 1, as the ceph client does."""

    exit_code = 1
