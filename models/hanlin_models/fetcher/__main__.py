"""The fetcher's process: gets one job over its pipe, does it, says how it ended, and goes.

Messages to it: ``job`` (first, once), ``limit``, ``stop``. It says ``request`` and
``response`` for every connection, what the job tells on the way, and at last ``done``
with the answer, ``failed`` with a cause, or ``stopped``.
"""

import queue
from typing import Any

from hanlin.processes import child
from hanlin.processes.channel import Channel, ChannelClosedError, Message, Received
from hanlin_models.fetcher import jobs
from hanlin_models.fetcher.control import Control
from hanlin_models.fetcher.faults import Fault, StoppedError
from hanlin_models.fetcher.https import Door
from hanlin_models.orders import Network


def main(channel: Channel) -> int:
    """Do one job; return the exit status."""
    control = Control()
    inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def deliver(received: Received) -> None:
        message = received.message
        command = message.get("command")
        if command == "job":
            inbox.put(message)
        elif command == "limit" and isinstance(limit := message.get("limit"), int):
            control.limit = limit
        elif command in ("stop", "shutdown"):
            control.stop()
            inbox.put({})

    child.start_reader(channel, deliver)
    try:
        channel.send(_run(inbox.get(), channel, control))
    except ChannelClosedError:
        return child.EXIT_OK
    return child.EXIT_OK


def _run(job: dict[str, Any], channel: Channel, control: Control) -> dict[str, object]:
    """Return the last word about ``job``."""
    try:
        control.check()
        door = Door(Network(**job["network"]), channel.send)
        control.when_stopped(door.abort)
        answer = _do(job, door, control, channel)
    except Fault as fault:
        if control.stopped:  # a connection that we cut ourselves
            return {"event": "stopped"}
        return {
            "event": "failed",
            "cause": str(fault.cause),
            "detail": fault.detail,
            "wait": fault.wait,
        }
    except StoppedError:
        return {"event": "stopped"}
    return {"event": "done", **answer}


def _do(job: dict[str, Any], door: Door, control: Control, channel: Channel) -> jobs.Answer:
    match job["job"]:
        case "download":
            control.limit = int(job["order"]["limit"])
            return jobs.download(job, door, control, channel.send)
        case "files":
            return jobs.list_files(job, door)
        case "search":
            return jobs.search(job, door)
        case "header":
            return jobs.read_header(job, door)
        case other:
            raise ValueError(other)
