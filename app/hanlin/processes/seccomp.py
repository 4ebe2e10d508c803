"""Linux: closing system calls to this process with a seccomp filter, by ctypes.

The filter is a short program for the kernel's packet-filter machine, built here
from the tables in ``syscalls``. It answers "not permitted" instead of killing,
so that a library which merely tries goes on without. It is inherited by all
threads and cannot be taken off.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Iterable
from typing import Final, NamedTuple

from hanlin.processes.syscalls import (
    ATTRIBUTES,
    KERNEL,
    MOUNTS,
    NEWEST,
    OTHERS,
    PROGRAMS,
    SHARED,
    SOCKETS,
    SPECIAL,
    WATCHING,
    Table,
)

assert sys.platform == "linux"  # noqa: S101 - tells mypy to read this file for Linux only

_ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Machine to its column in the tables and the kernel's AUDIT_ARCH number."""

_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _JUMP_ANY_BIT, _RETURN, _AND = (
    0x20, 0x15, 0x25, 0x45, 0x06, 0x54,
)  # fmt: skip
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_REFUSE: Final = 0x00050000 | errno.EPERM
_MISSING: Final = 0x00050000 | errno.ENOSYS
_OFFSET_NUMBER: Final = 0
_OFFSET_ARCHITECTURE: Final = 4

_CLONE_THREAD: Final = 0x00010000
_CLONE_NEW_ANYTHING: Final = 0x7E020000
_TERMINAL_INJECTIONS: Final = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX type into a terminal
_AF_INET_NETLINK: Final = (2, 10, 16)  # names are looked up with netlink's help
_AF_UNIX: Final = (1,)
_O_ACCMODE_TRUNC: Final = 0o1003
_TRUNCATE_UNSEEN: Final = (0o1000, 0o1003)  # truncating by what looks like reading

_SET_MODE_FILTER: Final = 1
_FLAG_TSYNC: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38


class Instruction(NamedTuple):
    """One step of the kernel's packet-filter machine."""

    code: int
    if_true: int
    if_false: int
    value: int


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


class UnknownMachineError(Exception):
    """The tables do not know this kind of processor."""


def restrict(*, network: bool, local: bool = False) -> None:
    """Install the filter on all threads of this process.

    With ``network`` connections over IP stay possible, with ``local`` those to sockets of
    this computer; nothing else changes.
    Raises UnknownMachineError or OSError; the process is then as free as before.
    """
    machine = os.uname().machine
    if machine not in _ARCHITECTURES or sys.maxsize < 1 << 32:
        raise UnknownMachineError(machine)
    code = b"".join(
        step.code.to_bytes(2, sys.byteorder)
        + bytes((step.if_true, step.if_false))
        + step.value.to_bytes(4, sys.byteorder)
        for step in program(machine, os.getpid(), network=network, local=local)
    )
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_ = _Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    column, _ = _ARCHITECTURES[machine]
    if (
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        or libc.syscall(
            SPECIAL["seccomp"][column], _SET_MODE_FILTER, _FLAG_TSYNC, ctypes.byref(filter_)
        )
        != 0
    ):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def program(machine: str, pid: int, *, network: bool, local: bool = False) -> list[Instruction]:
    """Return the filter for the process ``pid`` on ``machine``: x86_64 or aarch64."""
    column, architecture = _ARCHITECTURES[machine]
    # A foreign calling convention has other numbers: the tables would not hold.
    steps = [
        Instruction(_LOAD, 0, 0, _OFFSET_ARCHITECTURE),
        Instruction(_JUMP_EQUAL, 1, 0, architecture),
        Instruction(_RETURN, 0, 0, _KILL),
        Instruction(_LOAD, 0, 0, _OFFSET_NUMBER),
        Instruction(_JUMP_GREATER, 0, 1, NEWEST),
        Instruction(_RETURN, 0, 0, _MISSING),
    ]

    def rule(table: Table, name: str, block: list[Instruction]) -> None:
        """Answer one call by ``block``, which must end in a return whichever way it goes."""
        if (number := table[name][column]) is not None:
            steps.append(Instruction(_JUMP_EQUAL, 0, len(block), number))
            steps.extend(block)

    closed: list[Table] = [PROGRAMS, OTHERS, SHARED, ATTRIBUTES, WATCHING, MOUNTS, KERNEL]
    families = (*(_AF_INET_NETLINK if network else ()), *(_AF_UNIX if local else ()))
    if families:
        rule(SOCKETS, "socket", _only(0, families))
        for name in set(SOCKETS) - {"socket", "connect"}:
            rule(SOCKETS, name, _RETURN_REFUSE)
    else:
        closed.insert(0, SOCKETS)
    for table in closed:
        for name in table:
            rule(table, name, _RETURN_REFUSE)
    rule(SPECIAL, "clone", _CLONE_THREADS_ONLY)
    # Its arguments lie in memory, where a filter cannot look; libc then takes clone.
    rule(SPECIAL, "clone3", [Instruction(_RETURN, 0, 0, _MISSING)])
    rule(SPECIAL, "kill", _only(0, (pid,)))
    rule(SPECIAL, "tgkill", _only(0, (pid,)))
    rule(SPECIAL, "prlimit64", _only(0, (0, pid)))
    rule(SPECIAL, "ioctl", _but(1, _TERMINAL_INJECTIONS))
    # Before Linux 6.2 Landlock does not see a file truncated by opening it for reading.
    rule(SPECIAL, "open", _but(1, _TRUNCATE_UNSEEN, mask=_O_ACCMODE_TRUNC))
    rule(SPECIAL, "openat", _but(2, _TRUNCATE_UNSEEN, mask=_O_ACCMODE_TRUNC))
    rule(SPECIAL, "openat2", [Instruction(_RETURN, 0, 0, _MISSING)])
    steps.append(Instruction(_RETURN, 0, 0, _ALLOW))
    return steps


_RETURN_REFUSE: Final = [Instruction(_RETURN, 0, 0, _REFUSE)]


def _load_argument(index: int) -> Instruction:
    """Load the low half of an argument: the kernel takes these as 32 bits, too."""
    return Instruction(_LOAD, 0, 0, 16 + 8 * index)


def _only(argument: int, values: Iterable[int]) -> list[Instruction]:
    return _switch([_load_argument(argument)], values, found=_ALLOW, otherwise=_REFUSE)


def _but(argument: int, values: Iterable[int], mask: int | None = None) -> list[Instruction]:
    load = [_load_argument(argument)]
    if mask is not None:
        load.append(Instruction(_AND, 0, 0, mask))
    return _switch(load, values, found=_REFUSE, otherwise=_ALLOW)


def _switch(
    load: list[Instruction], values: Iterable[int], *, found: int, otherwise: int
) -> list[Instruction]:
    numbers = list(values)
    tests = [
        Instruction(_JUMP_EQUAL, len(numbers) - index, 0, value)
        for index, value in enumerate(numbers)
    ]
    ends = [Instruction(_RETURN, 0, 0, otherwise), Instruction(_RETURN, 0, 0, found)]
    return [*load, *tests, *ends]


_CLONE_THREADS_ONLY: Final = [
    _load_argument(0),
    Instruction(_JUMP_ANY_BIT, 2, 0, _CLONE_NEW_ANYTHING),
    Instruction(_JUMP_ANY_BIT, 0, 1, _CLONE_THREAD),
    Instruction(_RETURN, 0, 0, _ALLOW),
    Instruction(_RETURN, 0, 0, _REFUSE),
]
