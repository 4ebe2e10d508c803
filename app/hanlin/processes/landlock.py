"""Linux: closing the file system to this process with Landlock, by ctypes.

Landlock binds the calling thread and those it starts later. It rules opening,
making and removing; not stat, chmod, chown or truncating by a path on old
kernels, which the seccomp filter closes. Numbers are from linux/landlock.h and
are the same on every processor.
"""

import contextlib
import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

assert sys.platform == "linux"  # noqa: S101 - tells mypy to read this file for Linux only

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1
_RULE_PATH_BENEATH: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (
    1 << bit for bit in range(6)
)
_MAKE_DIR: Final = 1 << 7
_MAKE_REG: Final = 1 << 8
_REFER: Final = 1 << 13
_TRUNCATE: Final = 1 << 14
_IOCTL_DEV: Final = 1 << 15
_NET_ALL: Final = 0b11  # bind and connect of TCP
_SCOPE_ALL: Final = 0b11  # abstract UNIX sockets and signals

_READ: Final = _READ_FILE | _READ_DIR
_CHANGE: Final = _WRITE_FILE | _TRUNCATE | _IOCTL_DEV
_WRITE: Final = _READ | _CHANGE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER
_FOR_FILES: Final = _READ_FILE | _CHANGE

_ABI_NETWORK: Final = 4
_ABI_SCOPES: Final = 6
_HANDLED_BY_ABI: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """Return the version of Landlock this kernel speaks. Raises OSError when there is none."""
    return _call(_CREATE_RULESET, None, 0, _VERSION)


def restrict(read: Iterable[Path], write: Iterable[Path], *, network: bool) -> int:
    """Leave this process nothing but ``read`` and ``write``; return the version in use.

    Paths that do not exist are skipped. Without ``network`` TCP is closed where this
    kernel can. Raises OSError; the process is then as free as before.
    """
    version = abi()
    handled = _HANDLED_BY_ABI[max(known for known in _HANDLED_BY_ABI if known <= version)]
    attributes = _RulesetAttributes(handled, 0, 0)
    if version >= _ABI_NETWORK and not network:
        attributes.handled_access_net = _NET_ALL
    if version >= _ABI_SCOPES:
        attributes.scoped = _SCOPE_ALL
    # An older kernel refuses a structure with fields that it does not know.
    fields = 3 if version >= _ABI_SCOPES else 2 if version >= _ABI_NETWORK else 1
    ruleset = _call(_CREATE_RULESET, ctypes.byref(attributes), 8 * fields, 0)
    try:
        for path in read:
            _allow(ruleset, path, _READ & handled)
        for path in write:
            _allow(ruleset, path, _WRITE & handled)
        if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            raise _error()
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _allow(ruleset: int, path: Path, access: int) -> None:
    with contextlib.ExitStack() as stack:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return
        stack.callback(os.close, descriptor)
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _FOR_FILES
        rule = _PathBeneath(access, descriptor)
        _call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise _error()
    return result


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
