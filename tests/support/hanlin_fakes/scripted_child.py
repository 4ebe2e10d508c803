"""A child process that does what a test tells it, good or bad, over the real channel.

Started through the same ``child.run`` as the program's own children. What a
sandboxed child must not be able to do is tried by ``forbidden_acts``.
"""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

from hanlin.processes import child
from hanlin.processes.channel import Channel, Message
from hanlin.processes.command import ChildCommand, build
from hanlin.processes.limits import Limits
from hanlin.processes.policy import Policy

KIND = "scripted"


def command(policy: Policy | None = None, limits: Limits | None = None) -> ChildCommand:
    """Return the command that starts this program as a child."""
    support = Path(__file__).parents[1]
    return build(KIND, policy, limits, entry="hanlin_fakes.scripted_child", import_roots=(support,))


class Script:
    """The commands; each method answers one message."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def echo(self, message: Message, payload: bytes) -> tuple[Message, bytes]:
        """Send back what came."""
        return {"text": message.get("text")}, payload

    def flood(self, message: Message, _payload: bytes) -> Message:
        """Send ``count`` numbered messages."""
        count = int(str(message["count"]))
        for number in range(count):
            self._channel.send({"event": "number", "number": number})
        return {"sent": count}

    def print_everywhere(self, _message: Message, _payload: bytes) -> Message:
        """Write on descriptor 1 as Python and C libraries do."""
        print("printed by python", flush=True)  # noqa: T201 - the point of the test
        libc = ctypes.CDLL(None)
        libc.puts(b"printed by C")
        libc.fflush(None)
        os.write(1, b"written on descriptor 1\n")
        return {}

    def garbage(self, _message: Message, _payload: bytes) -> Message:
        """Write what is no message where messages go."""
        os.write(self._channel._writer.fileno(), b"this is no JSON\n")
        return {}

    def fail(self, _message: Message, _payload: bytes) -> Message:
        """Raise."""
        raise ValueError("as told")

    def crash(self, message: Message, _payload: bytes) -> Message:
        """End by a signal, with last words."""
        print("last words", file=sys.stderr, flush=True)  # noqa: T201 - stderr is a child's log
        os.kill(os.getpid(), int(str(message["signal"])))
        return {}

    def leave(self, message: Message, _payload: bytes) -> Message:
        """End with a status."""
        os._exit(int(str(message["status"])))

    def hang(self, _message: Message, _payload: bytes) -> NoReturn:
        """Answer nothing any more, not even a polite shutdown."""
        self._channel.send({"event": "hanging"})
        threading.Event().wait()
        raise AssertionError

    def ponder(self, _message: Message, _payload: bytes) -> NoReturn:
        """Answer nothing, without a word."""
        threading.Event().wait()
        raise AssertionError

    def hang_hard(self, _message: Message, _payload: bytes) -> NoReturn:
        """Ignore being told to end, too."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.hang({}, b"")

    def hold_interpreter(self, _message: Message, _payload: bytes) -> NoReturn:
        """Block every Python thread in native code, the reader of the pipe among them."""
        self._channel.send({"event": "hanging"})
        ctypes.PyDLL(None).pause()
        raise AssertionError

    def descriptors(self, _message: Message, _payload: bytes) -> Message:
        """List the open descriptors and what 0, 1 and 2 are."""
        numbers = sorted(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 - names
        kept = [number for number in numbers if Path(f"/proc/self/fd/{number}").exists()]
        return {
            "open": kept,
            "same_output": os.path.samestat(os.fstat(1), os.fstat(2)),
            "input": os.read(0, 1).hex(),
        }

    def environment(self, _message: Message, _payload: bytes) -> Message:
        """Return names and values of the environment and what else is inherited."""
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return {
            "environment": dict(os.environ),
            "arguments": sys.argv,
            "path": sys.path,
            "folder": str(Path.cwd()),
            "oom": Path("/proc/self/oom_score_adj").read_text(encoding="ascii").strip(),
            "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0),
            "status": status,
        }

    def allocate(self, message: Message, _payload: bytes) -> Message:
        """Take ``count`` bytes and give them back."""
        return {"got": len(bytearray(int(str(message["count"]))))}

    def open_many(self, message: Message, _payload: bytes) -> Message:
        """Open ``count`` files at once."""
        with contextlib.ExitStack() as stack:
            for _ in range(int(str(message["count"]))):
                stack.enter_context(Path(os.devnull).open("rb"))
        return {}

    def complain(self, message: Message, _payload: bytes) -> Message:
        """Print ``count`` lines."""
        for number in range(int(str(message["count"]))):
            print(f"line {number}", file=sys.stderr)  # noqa: T201 - stderr is a child's log
        return {}

    def burn(self, _message: Message, _payload: bytes) -> NoReturn:
        """Use processor time for ever."""
        while True:
            time.process_time()


def main(channel: Channel) -> int:
    """Serve the commands of :class:`Script`, named as its methods."""
    script = Script(channel)
    handlers: dict[str, child.Handler] = {
        name: getattr(script, name) for name in vars(Script) if not name.startswith("_")
    }
    return child.serve(channel, handlers)


if __name__ == "__main__":
    child.run(sys.argv[1], sys.argv[2:], lambda: main)
