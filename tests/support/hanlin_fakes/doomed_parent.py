"""A parent that starts children in every mood, names them, and waits to be killed."""

import json
import sys
import threading

from hanlin.processes.process import ChildProcess
from hanlin_fakes import scripted_child

MOODS = ("idle", "hang_hard", "hold_interpreter", "flood")


def main() -> None:
    """Start one child per mood, print their numbers as JSON, and wait."""
    busy = threading.Semaphore(0)
    pids: dict[str, int] = {}
    for mood in MOODS:
        child = ChildProcess(
            scripted_child.command(), lambda _received: busy.release(), lambda _report: None
        )
        child.start()
        busy.acquire()  # hello
        if mood != "idle":
            child.send({"command": mood, "count": 10**9})
            busy.acquire()  # it is at it
        pids[mood] = child.pid
    sys.stdout.write(json.dumps(pids) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
