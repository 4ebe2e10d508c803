"""How many of this computer's processor cores are worth computing on.

Only fast cores count, each once: a slow core makes the others wait at every step, and
a core's second thread shares the units that compute. Which number is best for one model
is measured by the worker.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_SYSTEM: Final = Path("/sys/devices")
_FAST_ENOUGH: Final = 0.7
"""Of the fastest core's capacity: a phone chip's big cores beside its one still bigger one."""
_RELATION_CORE: Final = 0
_COMMAND_SECONDS: Final = 5.0


def performance_cores() -> int:
    """Return how many physical fast cores this process may use, at least one."""
    import psutil  # noqa: PLC0415 - the worker only asks how many threads, and starts faster so

    everyone = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if sys.platform == "linux":
        found = fast_cores_of(_SYSTEM, os.sched_getaffinity(0))
    elif sys.platform == "darwin":
        found = _of_mac()
    else:
        found = _of_windows() if sys.platform == "win32" else 0
    return max(1, min(found or everyone, everyone))


def usable_threads() -> int:
    """Return how many hardware threads this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1


def fast_cores_of(system: Path, allowed: Iterable[int]) -> int:
    """Return the number of fast cores among ``allowed`` threads, as Linux lists them.

    ``system`` is /sys/devices. Without its files every allowed thread is a core.
    """
    threads = set(allowed)
    fast = _numbers(_read(system / "cpu_core/cpus"))  # Intel with two kinds of cores
    if fast & threads:
        threads &= fast
    else:
        capacity = {each: _read(_cpu(system, each) / "cpu_capacity") for each in threads}
        sizes = {each: int(text) for each, text in capacity.items() if text.isdigit()}
        least = max(sizes.values(), default=0) * _FAST_ENOUGH
        threads = {each for each in threads if sizes.get(each, least) >= least}
    cores = {
        _read(_cpu(system, each) / "topology/thread_siblings_list") or str(each) for each in threads
    }
    return len(cores)


def fast_cores_in(answer: bytes) -> int:
    """Return the number of cores of the highest class in Windows' answer about its cores."""
    classes, offset = [], 0
    while offset + 10 <= len(answer):
        relation = int.from_bytes(answer[offset : offset + 4], "little")
        size = int.from_bytes(answer[offset + 4 : offset + 8], "little")
        if size <= 0:
            break
        if relation == _RELATION_CORE:
            classes.append(answer[offset + 9])
        offset += size
    return classes.count(max(classes)) if classes else 0


def _cpu(system: Path, number: int) -> Path:
    return system / f"system/cpu/cpu{number}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _numbers(text: str) -> set[int]:
    """Return the numbers in a list such as ``0-7,16``."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        if first.isdigit() and (last.isdigit() or not last):
            found |= set(range(int(first), int(last or first) + 1))
    return found


def _of_mac() -> int:
    import shutil  # noqa: PLC0415 - as above
    import subprocess  # noqa: PLC0415

    sysctl = shutil.which("sysctl", path="/usr/sbin:/sbin")
    if sysctl is None:
        return 0
    try:
        answer = subprocess.run(
            [sysctl, "-n", "hw.perflevel0.physicalcpu"],
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return int(answer.stdout) if answer.stdout.strip().isdigit() else 0


if sys.platform == "win32":

    def _of_windows() -> int:
        ask = ctypes.windll.kernel32.GetLogicalProcessorInformationEx
        length = ctypes.c_ulong(0)
        ask(_RELATION_CORE, None, ctypes.byref(length))
        buffer = ctypes.create_string_buffer(max(length.value, 1))
        if not ask(_RELATION_CORE, buffer, ctypes.byref(length)):
            return 0
        return fast_cores_in(buffer.raw[: length.value])
