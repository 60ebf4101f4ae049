"""The process in which one module lives, from its first screen to its end."""

import contextlib
import functools
import logging
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NoReturn

from module_host import environment, loader, session, threads
from module_host.activity import Activity
from module_host.completions import Completions
from module_host.ends import EndOfHost, ExitCode, leave_now
from module_host.host_session import HostSession
from module_host.inbox import Inbox, Order, Orders
from module_host.link import Link
from module_host.log_file import LogFile
from module_host.replica import Replica
from module_host.revival import revive
from module_host.sandbox import layers
from module_host.sandbox.denials import Denials
from module_host.state import StateReader
from proto.classgate import ClassGate
from proto.v1.envelope_pb2 import Envelope
from proto.v1.module_pb2 import Failed, Ready, Stopped, Welcome
from proto.v1.zygote_pb2 import Launch
from proto.values import Values


log = logging.getLogger("host")

# Beside a busy thread a call then takes 0.7 ms instead of 5.
SWITCH_SECONDS = 0.0005
# How long a host that cannot load waits to be told to end.
HEARD_SECONDS = 5.0

_OURS = (signal.SIGINT, signal.SIGTERM)


def run(launch: Launch) -> NoReturn:
    """Live as `launch` says and end the process; the codes are in module_host.ends."""
    code = ExitCode.UNEXPECTED
    try:
        code = live(launch)
    except EndOfHost as end:
        code = end.code
        _last_words(f"host ended with code {end.code}: {end}\n")
    except BaseException:
        _last_words(traceback.format_exc())
    finally:
        _last_words("")
        # Not sys.exit(): it would wait for threads that the module left behind.
        leave_now(code)


def _last_words(text: str) -> None:
    # Not by logging: the module may have sent records to the link, which is closed by now. And it
    # may have closed or replaced the streams, which must not change the exit code.
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    with contextlib.suppress(Exception):
        sys.stderr.write(text)
        sys.stderr.flush()


def live(launch: Launch) -> ExitCode:
    """Everything that happens, in the order in which it does."""
    environment.log_to_stderr()
    log_file = LogFile(launch.log_file)
    sandbox = [layers.limit(list(launch.limits))]
    environment.dump_stacks_to(log_file.fileno())
    environment.clean(launch)
    sandbox += layers.enclose(launch)
    environment.make_scratch(launch)
    Denials(launch, layers.enforced(sandbox), log_file.fileno()).watch()
    sys.setswitchinterval(SWITCH_SECONDS)
    orders = _take_signals()
    log_file.serve_handlers()
    log_file.follow()
    with Link(launch.bus, launch.lanes) as link:
        inbox = _connect(launch, link, orders, sandbox)
        found = loader.load(launch.module, standby=launch.standby)
        link.tell(Envelope(loaded=found.report))
        if found.cls is None and found.report.error:
            # Not before the supervisor has heard why: news of a death overtakes last words.
            with contextlib.suppress(Empty):
                orders.get(timeout=HEARD_SECONDS)
            raise EndOfHost(ExitCode.CANNOT_RUN, found.report.error)
        if orders.get().kind is Order.Kind.START:
            module = _construct(launch, link, found.cls)
            # A standby is called by nobody.
            inbox.serve(module, None if launch.standby else link)
            link.tell(Envelope(ready=Ready()))
            _serve(launch, link, module, orders)
        else:
            link.tell(Envelope(stopped=Stopped(clean=True)))
        return ExitCode.ASKED


def _take_signals() -> Orders:
    orders: Orders = SimpleQueue()
    # Not SIG_IGN: a program that the module starts would ignore it, too.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: orders.put(Order(Order.Kind.SHUTDOWN)))
    # A signal that comes while a child is not yet itself waits, or our handler would swallow it.
    block = functools.partial(signal.pthread_sigmask, signal.SIG_BLOCK, _OURS)
    unblock = functools.partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, _OURS)
    os.register_at_fork(before=block, after_in_parent=unblock, after_in_child=_leave_signals)
    return orders


def _leave_signals() -> None:
    """In a child that the module forks: nobody there takes orders, a signal ends it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _OURS)


def _connect(
    launch: Launch, link: Link, orders: Orders, sandbox: list[layers.LayerResult]
) -> Inbox:
    welcome = link.greet(launch.nonce, launch.module, [layer.message() for layer in sandbox])
    options = Replica(welcome.options, welcome.seq)
    store = Replica(welcome.store, welcome.seq)
    values = Values(ClassGate(loader.packages(launch.sys_path)), revive)
    activity = Activity()
    state = StateReader(Path(launch.state_dir))
    identity = _identity(launch, welcome)
    session.install(
        HostSession(
            identity=identity,
            line=link,
            sender=Completions(link),
            options=options,
            store=store,
            state=state,
            values=values,
            activity=activity,
        )
    )
    inbox = Inbox(
        line=link,
        module=launch.module,
        options=options,
        store=store,
        values=values,
        activity=activity,
        orders=orders,
    )
    inbox.start(link)
    return inbox


def _identity(launch: Launch, welcome: Welcome) -> session.Identity:
    return session.Identity(
        module=launch.module,
        mgr_id=welcome.mgr_id,
        mgr_ip=welcome.mgr_ip,
        foreign=tuple(welcome.foreign),
        version=welcome.version,
        release_name=welcome.release_name,
        log_file=welcome.log_file,
        # Named by the operator or none: the embedded cluster is not the one of /etc/ceph.
        conf_path=os.environ.get("CEPH_CONF", ""),
        data_dir=launch.data_dir,
        keyring=os.environ.get("CEPH_KEYRING", ""),
    )


def _construct(launch: Launch, link: Link, cls: Any) -> Any:
    try:
        module = loader.construct(cls, launch.module, standby=launch.standby)
    except BaseException as error:
        _fail(link, Failed.INIT, error)
        raise EndOfHost(ExitCode.INIT_RAISED, f"__init__ raised: {error!r}") from error
    environment.yield_logging()
    return module


def _serve(launch: Launch, link: Link, module: Any, orders: Orders) -> None:
    """Run serve() on its thread until an order to end comes, then shutdown() within its grace."""

    def serve() -> None:
        try:
            module.serve()
        except BaseException as error:
            log.exception("serve() raised")
            _fail(link, Failed.SERVE, error)

    def shutdown() -> None:
        try:
            module.shutdown()
        except BaseException:
            log.exception("shutdown() raised")

    serving = threads.start(launch.module[:15], serve)
    while (order := orders.get()).kind is not Order.Kind.SHUTDOWN:
        log.error("told to start, although it serves already")
    deadline = time.monotonic() + order.grace
    ending = threads.start("mgr-shutdown", shutdown)
    ending.join(order.grace)
    serving.join(max(0.0, deadline - time.monotonic()))
    clean = not ending.is_alive() and not serving.is_alive()
    if not clean:
        what = "shutdown()" if ending.is_alive() else "serve()"
        log.warning("%s did not end within %.1f s", what, order.grace)
    link.tell(Envelope(stopped=Stopped(clean=clean)))


def _fail(link: Link, phase: "Failed.Phase", error: BaseException) -> None:
    envelope = Envelope()
    envelope.failed.phase = phase
    envelope.failed.error = str(error) or repr(error)
    envelope.failed.traceback = "".join(traceback.format_exception(error))
    link.tell(envelope)
