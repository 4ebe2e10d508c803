"""Windows: one job object that ends every child when this process ends.

Written from the documentation and not yet run: nobody here has a Windows machine.
"""

import ctypes
import sys
import threading
from ctypes import wintypes
from typing import Final

assert sys.platform == "win32"  # noqa: S101 - tells mypy to read this file for Windows only

_EXTENDED_LIMIT_INFORMATION: Final = 9
_LIMIT_DIE_ON_UNHANDLED_EXCEPTION: Final = 0x0400
_LIMIT_KILL_ON_JOB_CLOSE: Final = 0x2000
_PROCESS_TERMINATE: Final = 0x0001
_PROCESS_SET_QUOTA: Final = 0x0100


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", wintypes.DWORD),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", wintypes.DWORD),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", wintypes.DWORD),
        ("SchedulingClass", wintypes.DWORD),
    )


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("BasicLimitInformation", _BasicLimits),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.CreateJobObjectW.restype = wintypes.HANDLE
_kernel32.OpenProcess.restype = wintypes.HANDLE
_making = threading.Lock()
_job: int | None = None


def adopt(pid: int) -> None:
    """Tie the child ``pid`` to the life of this process. Raises OSError."""
    process = _kernel32.OpenProcess(_PROCESS_SET_QUOTA | _PROCESS_TERMINATE, False, pid)  # noqa: FBT003 - BOOL of the API
    if not process:
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        if not _kernel32.AssignProcessToJobObject(
            wintypes.HANDLE(_the_job()), wintypes.HANDLE(process)
        ):
            raise ctypes.WinError(ctypes.get_last_error())
    finally:
        _kernel32.CloseHandle(wintypes.HANDLE(process))


def _the_job() -> int:
    """Return the job's handle; it is never closed, so the system closes it when we end."""
    global _job  # noqa: PLW0603 - one per process by nature
    with _making:
        if _job is None:
            job = _kernel32.CreateJobObjectW(None, None)
            limits = _ExtendedLimits()
            limits.BasicLimitInformation.LimitFlags = (
                _LIMIT_KILL_ON_JOB_CLOSE | _LIMIT_DIE_ON_UNHANDLED_EXCEPTION
            )
            if not job or not _kernel32.SetInformationJobObject(
                wintypes.HANDLE(job),
                _EXTENDED_LIMIT_INFORMATION,
                ctypes.byref(limits),
                ctypes.sizeof(limits),
            ):
                raise ctypes.WinError(ctypes.get_last_error())
            _job = job
        return _job
