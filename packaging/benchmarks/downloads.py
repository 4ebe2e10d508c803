"""Figures about downloads, against a test Hub on this computer.

``kills N``: fetchers killed at random moments until N kills have hit. ``lies N``: every
lie N times. ``ratio MB``: the time of a verified download against curl, fsync and
sha256sum on the same file and server. Run with the project's Python:

    .venv/bin/python packaging/benchmarks/downloads.py kills 1000
"""

import argparse
import contextlib
import dataclasses
import hashlib
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.domain.downloads import Cause
from hanlin.kernel.clock import SystemClock
from hanlin.processes.channel import Message
from hanlin_hub.authority import Authority
from hanlin_hub.orders import NAME, REPOSITORY, model_bytes, order, source
from hanlin_hub.server import Fault, Lie, Server, servers
from hanlin_hub.shelf import Repository, Shelf
from hanlin_models.connections_log import ConnectionsLog
from hanlin_models.fetcher.control import Control
from hanlin_models.fetcher.faults import Fault as FetchFault
from hanlin_models.fetcher.https import Door
from hanlin_models.fetcher.transfer import Transfer
from hanlin_models.fetching import Ending, Fetching, Job
from hanlin_models.orders import DownloadOrder, FileOrder, Network
from hanlin_models.part import Part

_LIES = (
    Lie.WEB_PAGE,
    Lie.PAGE_AS_FILE,
    Lie.WRONG_BYTES,
    Lie.SHORTER,
    Lie.LONGER,
    Lie.PACKED,
    Lie.SHIFTED_RANGE,
    Lie.RANGE_FROM_START,
    Lie.OTHER_VERSION,
)
_AFTER_HALF = frozenset({Lie.SHIFTED_RANGE, Lie.RANGE_FROM_START, Lie.OTHER_VERSION})
_SECONDS = 120.0
_ONCE_UNDER_WAY = 0.8
"""The share of kills that wait for the first byte; the rest may hit the start, too."""


class Bench:
    """A Hub with its store and a way to fetch from them."""

    def __init__(self, folder: Path, data: bytes) -> None:
        self.authority = Authority(folder / "tls")
        self.data = data
        self.models = folder / "models"
        shelf = Shelf()
        shelf.add(Repository(REPOSITORY, {NAME: data}))
        self.store = Server(self.authority, shelf)
        self.hub = Server(self.authority, shelf, store=self.store)
        network = Network(authorities=str(self.authority.certificate), patience=10.0)
        self.door = Door(network, lambda _message: None)
        log = ConnectionsLog(folder / "connections.jsonl", SystemClock())
        self.fetching = Fetching(self.models, log, lambda: network, lambda: True)
        self.target = self.models / REPOSITORY / NAME

    def order(self, **changes: float) -> DownloadOrder:
        """Return the order for the file."""
        return order(self.models, self.data, source(self.hub), **changes)

    def start(self, placed: DownloadOrder) -> "Run":
        """Start a fetcher for it."""
        return Run(self, placed)

    def fetch_here(self, placed: DownloadOrder) -> Cause | None:
        """Fetch in this process; return why it was refused, None when it was accepted."""
        try:
            Transfer(
                placed,
                placed.files[0],
                self.models / ".quarantine",
                self.door,
                Control(),
                lambda _message: None,
            ).run()
        except FetchFault as fault:
            return fault.cause
        return None

    def certain(self) -> int:
        """Return how many bytes the journal vouches for, looked up in a copy of the part.

        To open a part mends what a kill left; that is the next fetcher's work, in its sandbox.
        """
        file: FileOrder = self.order().files[0]
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "models"
            if self.target.parent.exists():
                shutil.copytree(self.target.parent, copy)
            part = Part(copy / NAME, len(self.data), str(file.sha256))
            if not part.journal.exists():
                return 0
            part.open()
            return part.done

    def litter(self) -> list[str]:
        """Return what lies beside the finished file."""
        return [path.name for path in self.target.parent.iterdir() if path.name != NAME]

    def forget(self) -> None:
        """Begin anew."""
        for path in [*self.models.rglob("*")]:
            if path.is_file():
                path.unlink()


class Run:
    """One fetcher at work."""

    def __init__(self, bench: Bench, placed: DownloadOrder) -> None:
        self.ended = threading.Event()
        self.moving = threading.Event()
        self.ending: Ending | None = None
        self.job: Job = bench.fetching.start(
            {
                "job": "download",
                "order": placed.to_message(),
                "quarantine": os.fspath(bench.models / ".quarantine"),
            },
            "benchmark",
            self._hear,
            self._end,
        )

    def _hear(self, message: Message) -> None:
        if message.get("event") == "progress":
            self.moving.set()

    def _end(self, ending: Ending) -> None:
        self.ending = ending
        self.moving.set()
        self.ended.set()

    def wait(self) -> Ending:
        """Return how it ended."""
        if not self.ended.wait(_SECONDS) or self.ending is None:
            raise TimeoutError
        return self.ending


def kills(wished: int) -> int:
    """Kill fetchers at random moments; return the number of failures."""
    dice = random.Random(20261121)  # noqa: S311 - a repeatable run
    data = model_bytes(5_000_000)
    count = downloads = wrong = backwards = litter = 0
    with bench(data) as one:
        one.store.bytes_per_second = 4_000_000
        while count < wished:
            before = one.certain()
            one.store.seen.clear()
            run = one.start(one.order(block_seconds=0.1, block_bytes=1 << 19, persistence=60.0))
            if dice.random() < _ONCE_UNDER_WAY:
                run.moving.wait(_SECONDS)
            if not run.ended.wait(dice.uniform(0.0, 0.9)):
                run.job.kill()
                run.wait()
                count += 1
            starts = [_start_of(seen.range) for seen in one.store.seen]
            backwards += sum(start < before for start in starts)
            if run.ending is not None and run.ending.answer is not None:
                downloads += 1
                wrong += one.target.read_bytes() != data
                litter += bool(one.litter())
                one.forget()
            elif run.ending is not None and run.ending.cause is not Cause.NONE:
                print("failed:", run.ending.cause, run.ending.detail, flush=True)
                wrong += 1
            if count % 100 == 0:
                print(
                    f"{count} kills, {downloads} downloads, {wrong}, {backwards}, {litter}",
                    flush=True,
                )
    print(
        f"{count} kills over {downloads} finished downloads: {wrong} wrong files, "
        f"{backwards} fetched again what was certain, {litter} left litter"
    )
    return wrong + backwards + litter


def lies(each: int) -> int:
    """Tell every lie; return the number of failures. The fetcher's own code, in this process."""
    data = model_bytes(300_000)
    failures = 0
    with bench(data) as one:
        for lie in _LIES:
            causes: dict[str, int] = {}
            for _number in range(each):
                one.forget()
                if lie in _AFTER_HALF:
                    _fetch_half(one)
                one.store.lie = lie
                cause = one.fetch_here(one.order(persistence=2.0))
                one.store.lie = Lie.NONE
                failures += cause is None or one.target.exists()
                causes[str(cause)] = causes.get(str(cause), 0) + 1
            one.forget()
            honest = one.fetch_here(one.order())
            failures += honest is not None or one.target.read_bytes() != data
            print(f"{lie}: {causes}", flush=True)
    print(f"{len(_LIES)} lies x {each}: {failures} accepted, or refused when honest")
    return failures


def ratio(megabytes: int, rounds: int = 5) -> int:
    """Compare a verified download with curl, fsync and sha256sum; return 1 above 1.1."""
    data = model_bytes(10_000_000) * (megabytes // 10)
    ours: list[float] = []
    theirs: list[float] = []
    with bench(data) as one:
        plain = DownloadOrder(
            **{
                field.name: getattr(one.order(), field.name)
                for field in dataclasses.fields(DownloadOrder)
                if field.name not in ("block_bytes", "block_seconds")
            }
        )
        url = f"{one.hub.address}/{REPOSITORY}/resolve/main/{NAME}"
        one.models.mkdir()
        copy = one.models / "curl.gguf"
        for _round in range(rounds):
            one.forget()
            start = time.monotonic()
            words = [
                "curl",
                "-sSL",
                "--cacert",
                str(one.authority.certificate),
                "-o",
                str(copy),
                url,
            ]
            subprocess.run(words, check=True)
            with copy.open("rb+") as file:
                os.fsync(file.fileno())
            words = ["sha256sum", str(copy)]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
            theirs.append(time.monotonic() - start)
            one.forget()
            start = time.monotonic()
            ending = one.start(plain).wait()
            ours.append(time.monotonic() - start)
            if ending.answer is None:
                raise RuntimeError(ending)
            print(f"curl {theirs[-1]:.2f} s, ours {ours[-1]:.2f} s", flush=True)
        if hashlib.sha256(one.target.read_bytes()).digest() != hashlib.sha256(data).digest():
            raise RuntimeError("wrong file")
    value = min(ours) / min(theirs)
    print(f"{megabytes} MB, best of {rounds}: curl+fsync+sha256sum {min(theirs):.2f} s, ", end="")
    print(f"ours {min(ours):.2f} s, ratio {value:.2f}")
    return int(value > 1.1)  # noqa: PLR2004 - the promise


@contextlib.contextmanager
def bench(data: bytes) -> Iterator[Bench]:
    """Run a Hub on this computer for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="hanlin-bench-") as folder:
        one = Bench(Path(folder), data)
        with servers(one.hub, one.store):
            yield one


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figure", choices=["kills", "lies", "ratio"])
    parser.add_argument("number", type=int)
    arguments = parser.parse_args()
    figures = {"kills": kills, "lies": lies, "ratio": ratio}
    print(f"{time.strftime('%Y-%m-%d %H:%M')} {platform.platform()} {os.cpu_count()} cores")
    return min(figures[arguments.figure](arguments.number), 1)


def _fetch_half(one: Bench) -> None:
    one.store.faults = [
        Fault(cut_after=len(one.data) // 2),
        *(Fault(status=500) for _number in range(9)),
    ]
    one.fetch_here(one.order(persistence=0.2))
    one.store.faults = []


def _start_of(header: str) -> int:
    return int(header.removeprefix("bytes=").split("-")[0]) if header else 0


if __name__ == "__main__":
    sys.exit(main())
