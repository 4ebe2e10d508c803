"""Linux: what every child needs to read, and binding it with Landlock and seccomp.

Landlock closes files, TCP and (on new kernels) signals; seccomp closes what is
a system call: sockets of every family, programs, other processes. Either holds
without the other, and each is tried before it is reported.
"""

import ctypes
import errno
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from hanlin.processes import landlock, seccomp
from hanlin.processes.policy import Gap, Policy, SandboxReport

assert sys.platform == "linux"  # noqa: S101 - tells mypy to read this file for Linux only

_SYSTEM: Final = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/app/lib",  # Flatpak
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    # Never all of /proc: the parent's environment lies there.
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/sys/devices/system",
    "/dev/urandom",
)
_SYSTEM_WRITE: Final = ("/dev/null",)
_NETWORK: Final = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/ssl",
    "/etc/pki",
    "/usr/share/ca-certificates",
)
_GPU: Final = (
    "/sys",
    "/proc/driver",
    "/proc/devices",
    "/etc/OpenCL",
    "/etc/glvnd",
    "/etc/vulkan",
    "/usr/share/drirc.d",
    "/usr/share/glvnd",
    "/usr/share/libdrm",
    "/usr/share/nvidia",
    "/usr/share/vulkan",
)
_GPU_WRITE: Final = (
    "/dev/dri",
    "/dev/kfd",
    "/proc/self/task",  # CUDA names its threads and gives up when it may not
)

_NOT_THERE: Final = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
_AF_UNIX: Final = 1
_AF_VSOCK: Final = 40
_SOCK_STREAM: Final = 1


def apply(policy: Policy) -> SandboxReport:
    """Bind this process; see ``sandbox.apply``."""
    if threading.active_count() > 1:
        raise RuntimeError("a sandbox must be entered before the first thread starts")
    gaps: list[tuple[Gap, str]] = []
    # Both bind the calling thread and those it starts. One that something else started (an
    # emulator such as qemu-user, a preloaded library) stays free: we are bound, and say so.
    alone = len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - names, not paths
    if not alone:
        gaps.append((Gap.REFUSED, "threads: one that is not ours was running before"))
    files = _try(gaps, "landlock", lambda: _restrict_files(policy)) and alone
    calls = _try(gaps, "seccomp", lambda: _restrict_calls(policy)) and alone
    gap, _ = gaps[0] if gaps else (Gap.NONE, "")
    return SandboxReport(
        filesystem=files,
        network=calls and not policy.network,
        syscalls=calls,
        gap=gap,
        detail="; ".join(detail for _, detail in gaps),
    )


def _try(gaps: list[tuple[Gap, str]], name: str, bind: Callable[[], bool]) -> bool:
    """Return whether ``bind`` bound us; otherwise add why not to ``gaps``."""
    try:
        if bind():
            return True
        gaps.append((Gap.REFUSED, f"{name}: accepted, but the trial went through"))
    except seccomp.UnknownMachineError as error:
        gaps.append((Gap.MACHINE, f"{name}: {error}"))
    except OSError as error:
        gap = Gap.KERNEL if error.errno in _NOT_THERE else Gap.REFUSED
        gaps.append((gap, f"{name}: {error.strerror}"))
    return False


def _restrict_files(policy: Policy) -> bool:
    landlock.restrict(
        [*_readable(policy), *policy.read],
        [*_writable(policy), *policy.write],
        network=policy.network,
    )
    try:
        os.close(os.open("/", os.O_RDONLY | os.O_DIRECTORY))
    except PermissionError:
        return True
    return False


def _restrict_calls(policy: Policy) -> bool:
    seccomp.restrict(network=policy.network, local=policy.local)
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.socket(_AF_VSOCK if policy.local else _AF_UNIX, _SOCK_STREAM, 0)
    if descriptor >= 0:
        os.close(descriptor)
    return descriptor < 0 and ctypes.get_errno() == errno.EPERM


def _readable(policy: Policy) -> Iterator[Path]:
    """Return what Python imports from, the system's libraries and what the policy adds."""
    yield from (Path(entry) for entry in sys.path if entry)
    # A Python that brings its own libraries (python-build-standalone, pyenv, conda).
    yield Path(sys.base_prefix, "lib")
    if getattr(sys, "frozen", False):
        # There, Python's modules lie inside the program's own file.
        yield Path(sys.executable)
    yield from map(Path, _SYSTEM)
    if policy.network:
        yield from map(Path, _NETWORK)
    if policy.allow_gpu:
        yield from map(Path, _GPU)


def _writable(policy: Policy) -> Iterator[Path]:
    yield from map(Path, _SYSTEM_WRITE)
    if policy.allow_gpu:
        yield from map(Path, _GPU_WRITE)
        yield from Path("/dev").glob("nvidia*")
