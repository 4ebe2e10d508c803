"""The queue of files: what ends one of them badly, and pausing at the worst moment."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from hanlin.domain.translation import FileJob, FileState
from hanlin.kernel.errors import DiskFullError, UserCancelled
from hanlin.kernel.events import EventBus
from hanlin.services.translation.queue import FileQueue
from hanlin.store.conversations import Store
from hanlin_fakes.clock import FakeClock
from hanlin_fakes.engine import ScriptedEngine
from hanlin_fakes.waiting import DEADLINE, until

if TYPE_CHECKING:
    from hanlin.services.translation.service import TranslationService


class Holding:
    """In the place of the translation service: the model is ours."""

    def holding(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[FileQueue]:
    with Store.open(tmp_path / "hanlin.db", bytes(32), FakeClock()) as store:
        service = cast("TranslationService", Holding())
        engine = ScriptedEngine()
        made = FileQueue(store.database, engine, service, EventBus())
        yield made
        made.close()
        engine.close()


def states(queue: FileQueue) -> list[FileState]:
    return [job.state for job in queue.store.all()]


@pytest.mark.parametrize("error", [RuntimeError("boom"), DiskFullError("Full", "No room.")])
def test_a_file_that_ends_badly_is_not_the_end_of_the_others(
    queue: FileQueue, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def translate(job: FileJob, _files: object) -> None:
        if "bad" in job.path:
            raise error

    monkeypatch.setattr(queue, "_translate", translate)
    queue.add([Path("bad.txt"), Path("good.txt")], "en", "zh")
    until(lambda: states(queue) == [FileState.FAILED, FileState.DONE])
    assert queue.store.all()[0].note


def test_a_failure_that_cannot_be_kept_is_not_tried_again_and_again(
    queue: FileQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    full = threading.Event()
    full.set()
    set_state = queue.store.set_state

    def translate(job: FileJob, _files: object) -> None:
        tried.append(job.path)
        if full.is_set():
            raise DiskFullError("Full", "No room.")

    def keep(job_id: str, state: FileState, note: str = "") -> None:
        if full.is_set():
            raise DiskFullError("Full", "No room.")
        set_state(job_id, state, note)

    monkeypatch.setattr(queue, "_translate", translate)
    monkeypatch.setattr(queue.store, "set_state", keep)
    queue.add([Path("a.txt")], "en", "zh")
    until(lambda: len(tried) == 1)
    full.clear()
    queue.add([Path("b.txt")], "en", "zh")
    until(lambda: states(queue) == [FileState.DONE, FileState.DONE])
    assert tried == ["a.txt", "a.txt", "b.txt"]


def test_a_file_paused_while_it_is_taken_up_is_not_translated(
    queue: FileQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    pausing: list[threading.Thread] = []
    wanted: list[bool] = []
    next_waiting = queue.store.next_waiting

    def find_and_be_interrupted() -> FileJob | None:
        job = next_waiting()
        if job is not None and not pausing:
            pausing.append(threading.Thread(target=queue.pause, args=(job.id,)))
            pausing[0].start()
            until(lambda: states(queue) == [FileState.PAUSED])
        return job

    def translate(job: FileJob, _files: object) -> None:
        pausing[0].join(DEADLINE)
        wanted.append(queue._is_wanted(job.id))
        raise UserCancelled

    monkeypatch.setattr(queue.store, "next_waiting", find_and_be_interrupted)
    monkeypatch.setattr(queue, "_translate", translate)
    queue.add([Path("a.txt")], "en", "zh")
    until(lambda: bool(wanted))
    assert wanted == [False]
