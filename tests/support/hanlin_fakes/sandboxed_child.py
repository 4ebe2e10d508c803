"""A child that tries, from inside its sandbox, what a test asks for."""

import ctypes
import errno
import mmap
import os
import sys
import threading
from pathlib import Path

from hanlin.processes import child
from hanlin.processes.channel import Channel, Message
from hanlin.processes.command import ChildCommand, build
from hanlin.processes.policy import Policy
from hanlin_fakes.forbidden_acts import Targets, attempt

KIND = "sandboxed"
_INT_80_GETPID = bytes.fromhex("b814000000cd80c3")


def command(policy: Policy) -> ChildCommand:
    """Return the command that starts this program as a child."""
    support = Path(__file__).parents[1]
    return build(KIND, policy, entry="hanlin_fakes.sandboxed_child", import_roots=(support,))


def _attempt(message: Message, _payload: bytes) -> Message:
    return {"refused": attempt(str(message["act"]), Targets.from_json(str(message["targets"])))}


def _system_call(message: Message, _payload: bytes) -> Message:
    """Make a system call by number; return the name of its error."""
    libc = ctypes.CDLL(None, use_errno=True)
    words = message["arguments"]
    assert isinstance(words, list)
    arguments = [ctypes.c_long(os.getppid() if word == "parent" else word) for word in words]
    result = libc.syscall(ctypes.c_long(int(str(message["number"]))), *arguments)
    return {"error": errno.errorcode[ctypes.get_errno()] if result < 0 else ""}


def _own_numbers(_message: Message, _payload: bytes) -> Message:
    return {"pid": os.getpid(), "thread": threading.get_native_id()}


def _foreign_call(_message: Message, _payload: bytes) -> Message:
    """Make a system call the way 32-bit programs do."""
    with mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as m:
        m.write(_INT_80_GETPID)
        start = ctypes.addressof(ctypes.c_char.from_buffer(m))
        return {"pid": ctypes.CFUNCTYPE(ctypes.c_int)(start)()}


def _read(message: Message, _payload: bytes) -> tuple[Message, bytes]:
    return {}, Path(str(message["path"])).read_bytes()


def _map(message: Message, _payload: bytes) -> tuple[Message, bytes]:
    with (
        Path(str(message["path"])).open("rb") as file,
        mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view,
    ):
        return {}, view[:]


def _write(message: Message, payload: bytes) -> Message:
    folder = Path(str(message["path"]))
    (folder / "made").mkdir()
    temporary = folder / "made" / "temporary"
    temporary.write_bytes(payload)
    temporary.replace(folder / "result")
    (folder / "made").rmdir()
    return {}


def _compute(_message: Message, _payload: bytes) -> Message:
    """Do what an engine does: threads, randomness, processors, the standard library."""
    import decimal  # noqa: PLC0415 - read from the disk now, inside the sandbox
    import unicodedata  # noqa: PLC0415 - a native module, too

    results: list[str] = []
    threads = [threading.Thread(target=results.append, args=(os.urandom(4).hex(),))
               for _ in range(8)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Path(os.devnull).open("wb") as nothing:
        nothing.write(b"x")
    return {
        "threads": len(results),
        "processors": os.cpu_count(),
        "affinity": len(os.sched_getaffinity(0)),
        "memory": Path("/proc/meminfo").read_text("ascii").startswith("MemTotal"),
        "own_status": Path("/proc/self/status").read_text("ascii").startswith("Name"),
        "decimal": str(decimal.Decimal("0.1") * 3),
        "name": unicodedata.name("翰"),
    }


def main(channel: Channel) -> int:
    """Serve."""
    return child.serve(
        channel,
        {
            "attempt": _attempt,
            "system_call": _system_call,
            "own_numbers": _own_numbers,
            "foreign_call": _foreign_call,
            "read": _read,
            "map": _map,
            "write": _write,
            "compute": _compute,
        },
    )


if __name__ == "__main__":
    child.run(sys.argv[1], sys.argv[2:], lambda: main)
