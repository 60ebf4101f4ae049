"""From a fresh fork of the zygote to `main.run`: in this interpreter, or in the one that the launch
names. The child has its standard streams and the socket of log_file.RENEWALS by then, no other
descriptor.
"""

import os
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from module_host import environment, linux
from module_host.ends import ExitCode, leave_now
from module_host.log_file import RENEWALS
from module_host.main import run
from proto.v1.zygote_pb2 import Launch


# Brings our two packages, and nothing else of our installation, into a foreign interpreter.
_BOOTSTRAP = """
import importlib.util, sys
root, fd = sys.argv[1], int(sys.argv[2])
for name in ("proto", "module_host"):
    folder = root + "/" + name
    spec = importlib.util.spec_from_file_location(
        name, folder + "/__init__.py", submodule_search_locations=[folder])
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
try:
    from module_host.birth import adopt
except ImportError as error:
    print(f"{sys.executable} lacks what a module host needs: {error}; "
          "install pyzmq, protobuf, msgpack and orjson for it", file=sys.stderr)
    sys.exit(64)
adopt(fd)
"""


def become(launch: Launch, parent: int) -> NoReturn:
    """Turn the freshly forked process into a host; `parent` is the zygote's pid."""
    try:
        os.setsid()
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above: no signal will come
            leave_now(ExitCode.SUPERVISOR_GONE)
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        os.chdir("/")
        os.umask(0o027)
        linux.name_process(f"mgr:{launch.module}")
        if launch.interpreter:
            _execute(launch)
        run(launch)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        leave_now(ExitCode.BAD_LAUNCH)


def adopt(fd: int) -> NoReturn:
    """The other end of the exec: the launch is read from descriptor `fd`."""
    with os.fdopen(fd, "rb") as file:
        launch = Launch.FromString(file.read())
    linux.name_process(f"mgr:{launch.module}")
    run(launch)


def _execute(launch: Launch) -> NoReturn:
    fd = os.memfd_create("launch")
    os.write(fd, launch.SerializeToString())
    os.lseek(fd, 0, os.SEEK_SET)
    os.set_inheritable(fd, True)
    os.set_inheritable(RENEWALS, True)
    root = str(Path(__file__).resolve().parent.parent)
    arguments = [launch.interpreter, "-I", "-c", _BOOTSTRAP, root, str(fd)]
    os.execve(launch.interpreter, arguments, environment.wanted(launch))  # noqa: S606  that is the point
