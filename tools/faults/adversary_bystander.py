"""An innocent process of the same user, with a secret: in its memory, its command line, its
environment, and in an open file that has no name any more.

    python -I adversary_bystander.py NAME SECRET GIFT

Its standard input is a terminal, which it makes its own. It answers each line there with what is in
its memory now, and hands the open file to whoever connects to the unix socket GIFT. The first line
that it writes has the address of its secret, and the number of the open file.
"""

import array
import ctypes
import fcntl
import os
import select
import socket
import sys
import tempfile
import termios


def main() -> None:
    """Until standard input ends."""
    _name, secret, gift = sys.argv[1:]
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    memory = ctypes.create_string_buffer(secret.encode(), 64)
    with tempfile.TemporaryFile() as file, socket.socket(socket.AF_UNIX) as listener:
        file.write(secret.encode())
        file.flush()
        listener.bind(gift)
        listener.listen()
        print(ctypes.addressof(memory), file.fileno(), flush=True)
        while True:
            ready, _, _ = select.select([0, listener.fileno()], [], [])
            if listener.fileno() in ready:
                _give(listener, file.fileno())
            if 0 in ready:
                if not os.read(0, 100):
                    return
                print(memory.value.decode("latin-1"), flush=True)


def _give(listener: socket.socket, fd: int) -> None:
    speaker, _ = listener.accept()
    with speaker:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))
        speaker.sendmsg([b"x"], [rights])


if __name__ == "__main__":
    main()
