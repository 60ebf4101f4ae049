"""Three filters of system calls: the kernel's side doors, internet sockets, programs.

`doors` is a deny list: it takes away what escapes other layers or reaches into other processes, and
leaves alone what programs use. The others are what a grant gives back.
"""

import errno
import os

from module_host.sandbox import bpf
from module_host.sandbox.bpf import ALLOW, Instruction, Numbers, load, on, refuse, when


# name -> (x86_64, aarch64)
DENIED: dict[str, Numbers] = {
    # into other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # the tree of mounts, and ways round paths
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    # namespaces
    "unshare": (272, 97),
    "setns": (308, 268),
    # wide, seldom audited doors into the kernel
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "modify_ldt": (154, None),
    "lookup_dcookie": (212, 18),
    # the machine itself
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
}
# What belongs to the user, not to a process: siblings' as well, but for a namespace of its own.
SHARED: dict[str, Numbers] = {
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "semctl": (66, 191),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
}
_CLONE: Numbers = (56, 220)
_CLONE3: Numbers = (435, 435)
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_NEW_NAMESPACES = 0x7E020000

# They act on whatever process of the user argument 0 names. A thread of one's own is such a number,
# too: it keeps what it was born with.
_ON_PROCESS: dict[str, Numbers] = {
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
}
# Libraries set the policy of their threads to the ordinary one, which harms nobody.
_SET_POLICY: Numbers = (144, 119)
_ORDINARY_POLICY = 0
# On a process, on a group or on all of a user: what argument 0 is for a process.
_ON_KIND: dict[str, tuple[Numbers, int]] = {
    "setpriority": ((141, 140), 0),
    "ioprio_set": ((251, 30), 1),
}
_SECCOMP: Numbers = (317, 277)
_NEW_LISTENER = 8
_PERSONALITY: Numbers = (135, 92)
_ORDINARY, _WHICH = 0, 0xFFFFFFFF

_SOCKET: Numbers = (41, 198)
_SOCKETPAIR: Numbers = (53, 199)
_UNIX = 1
# Family -> protocols. No other protocol of the internet: Landlock's ports count for TCP alone, and
# MPTCP and SCTP reach the same servers. Of netlink the routes, which libc asks for addresses.
_INTERNET = {2: (0, 6, 17), 10: (0, 6, 17), 16: (0,)}
# Connects without connect(), where Landlock does not look: the argument that holds the flags.
_SENDING: dict[Numbers, int] = {(44, 206): 3, (46, 211): 2, (307, 269): 3}
_FAST_OPEN = 0x20000000

_EXECVE: Numbers = (59, 221)
_EXECVEAT: Numbers = (322, 281)


def doors(machine: str, *, ipc: bool = False) -> bytes:
    """Kernel entry points that no manager module needs answer EPERM; those that act on a process
    do so on the calling one, which this must be, or on the caller. `ipc`: what is shared there is
    the module's own.
    """
    body: list[Instruction] = []
    for call in (DENIED if ipc else DENIED | SHARED).values():
        body += on(call, machine, [refuse()])
    own = [*when(0, [ALLOW]), *when(os.getpid(), [ALLOW]), refuse()]
    for call in _ON_PROCESS.values():
        body += on(call, machine, [load(0), *own])
    policy = [load(1), *when(_ORDINARY_POLICY, [ALLOW]), load(0), *own]
    body += on(_SET_POLICY, machine, policy)
    for call, process in _ON_KIND.values():
        body += on(call, machine, [load(0), *when(process, [load(1), *own]), refuse()])
    answering = [load(1), *bpf.when_any_bit(_NEW_LISTENER, [refuse()]), ALLOW]
    body += on(_SECCOMP, machine, answering)
    plain = [load(0), *when(_ORDINARY, [ALLOW]), *when(_WHICH, [ALLOW]), refuse()]
    body += on(_PERSONALITY, machine, plain)
    # clone3 keeps its flags in memory, out of a filter's sight; on ENOSYS libc uses clone.
    body += on(_CLONE3, machine, [refuse(errno.ENOSYS)])
    spaces = [load(0), *bpf.when_any_bit(_NEW_NAMESPACES, [refuse()]), ALLOW]
    body += on(_CLONE, machine, spaces)
    return bpf.program(machine, body)


def sockets(machine: str, *, internet: bool) -> bytes:
    """Sockets are unix ones, and internet ones where granted; others answer EACCES, which is
    socket()'s own word for "permission denied" and what libraries expect of it.
    """
    families = when(_UNIX, [ALLOW])
    for family, protocols in _INTERNET.items() if internet else ():
        allowed = [step for p in protocols for step in when(p, [ALLOW])]
        families += when(family, [load(2), *allowed, refuse(errno.EACCES)])
    body: list[Instruction] = []
    for call in (_SOCKET, _SOCKETPAIR):
        body += on(call, machine, [load(0), *families, refuse(errno.EACCES)])
    for call, flags in _SENDING.items():
        # Libraries that try it go on with connect().
        fast = bpf.when_any_bit(_FAST_OPEN, [refuse(errno.EOPNOTSUPP)])
        body += on(call, machine, [load(flags), *fast, ALLOW])
    return bpf.program(machine, body)


def programs(machine: str) -> bytes:
    """No other program is executed, wherever it lies; EACCES."""
    body: list[Instruction] = []
    for call in (_EXECVE, _EXECVEAT):
        body += on(call, machine, [refuse(errno.EACCES)])
    return bpf.program(machine, body)
