"""Crossing into Qt: on the right thread, in order, and never one signal per token."""

import functools
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal
from pytestqt.qtbot import QtBot

from hanlin.domain.conversation import Part, PartKind
from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.kernel.events import EventBus
from hanlin.services.events import AnswerGrew, NoticePosted
from hanlin_ui.bridges.events import EventBridge
from hanlin_ui.bridges.stream import StreamBridge
from hanlin_ui.bridges.tasks import Tasks


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.close()


def test_five_thousand_emits_do_not_kill_the_interpreter(qtbot: QtBot) -> None:
    class Sender(QObject):
        said = Signal(str)

    sender = Sender()
    heard: list[str] = []
    sender.said.connect(heard.append)
    for _number in range(5_000):
        sender.said.emit("x")
    assert len(heard) == 5_000


def test_events_arrive_on_the_gui_thread_in_order(qtbot: QtBot, bus: EventBus) -> None:
    bridge = EventBridge(bus)
    heard: list[tuple[str, bool]] = []
    gui = QCoreApplication.instance()
    assert gui is not None
    bridge.listen(
        NoticePosted,
        lambda event: heard.append((event.text, QThread.currentThread() is gui.thread())),
    )
    texts = [str(number) for number in range(200)]

    def publish() -> None:
        for text in texts:
            bus.publish(NoticePosted(text))

    thread = threading.Thread(target=publish)
    thread.start()
    thread.join()
    assert heard == []
    qtbot.waitUntil(lambda: len(heard) == len(texts))
    assert heard == [(text, True) for text in texts]
    bridge.close()
    bus.publish(NoticePosted("after"))
    assert len(heard) == len(texts)


def test_a_flood_of_tokens_becomes_few_signals(qtbot: QtBot, bus: EventBus) -> None:
    bridge = StreamBridge(bus)
    signals: list[list[tuple[PartKind, str]]] = []
    bridge.text_ready.connect(lambda _conversation, _message, parts: signals.append(parts))

    def publish() -> None:
        for number in range(4_000):
            bus.publish(AnswerGrew("c", "m", PartKind.TEXT, f"{number} "))

    thread = threading.Thread(target=publish)
    thread.start()
    thread.join()
    expected = "".join(f"{number} " for number in range(4_000))
    qtbot.waitUntil(lambda: "".join(t for parts in signals for _k, t in parts) == expected)
    assert len(signals) < 10
    assert "".join(part.text for part in bridge.so_far("m")) == expected
    bridge.forget("m")
    assert bridge.so_far("m") == ()
    bridge.close()


def test_thoughts_and_text_stay_in_order(qtbot: QtBot, bus: EventBus) -> None:
    bridge = StreamBridge(bus)
    for kind, text in (
        (PartKind.THINKING, "a"),
        (PartKind.THINKING, "b"),
        (PartKind.TEXT, "c"),
        (PartKind.THINKING, "d"),
    ):
        bus.publish(AnswerGrew("c", "m", kind, text))
    bridge.flush()
    assert bridge.so_far("m") == (
        Part(PartKind.THINKING, "ab"),
        Part(PartKind.TEXT, "c"),
        Part(PartKind.THINKING, "d"),
    )
    bridge.close()


def test_tasks_run_in_order_and_answer_on_the_gui_thread(qtbot: QtBot, tasks: Tasks) -> None:
    owner = QObject()
    done: list[int] = []
    gui = threading.get_ident()
    where: list[bool] = []

    def work(number: int) -> int:
        where.append(threading.get_ident() == gui)
        return number

    for number in range(20):
        tasks.run(owner, functools.partial(work, number)).on_success(done.append)
    qtbot.waitUntil(lambda: len(done) == 20)
    assert done == list(range(20))
    assert not any(where)


def test_a_task_that_fails_tells_why(qtbot: QtBot, tasks: Tasks) -> None:
    def fail_knowingly() -> None:
        raise KnownError("Full", "The disk is full.", "Free some space.")

    def fail_by_mistake() -> None:
        raise ZeroDivisionError

    errors: list[HanlinError] = []
    owner = QObject()
    tasks.run(owner, fail_knowingly).on_failure(errors.append)
    with qtbot.assertNotEmitted(owner.destroyed), qtbot.capture_exceptions() as raised:
        tasks.run(owner, fail_by_mistake).on_failure(errors.append)
        qtbot.waitUntil(lambda: len(errors) == 2)
    assert errors[0].message == "The disk is full."
    assert "ZeroDivisionError" in errors[1].message
    assert raised == []


def test_a_task_whose_owner_is_gone_is_not_delivered(qtbot: QtBot, tasks: Tasks) -> None:
    owner, other = QObject(), QObject()
    delivered: list[str] = []
    ready = threading.Event()
    tasks.run(owner, ready.wait).on_success(lambda _ready: delivered.append("owner"))
    tasks.run(other, lambda: None).on_success(lambda _none: delivered.append("other"))
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, 52)  # QEvent.DeferredDelete
    ready.set()
    qtbot.waitUntil(lambda: delivered == ["other"])


class Held:
    """Something of Qt, as it were: ended where it was let go of last."""


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_task_holds_is_let_go_of_on_the_gui_thread(
    qtbot: QtBot, tasks: Tasks, *, fails: bool
) -> None:
    owner = QObject()
    ended: list[int] = []
    done: list[bool] = []

    def begin() -> None:
        held = Held()
        weakref.finalize(held, lambda: ended.append(threading.get_ident()))

        def work() -> None:
            if fails:
                raise KnownError("Full", f"No room for {type(held)}.", "Free some space.")

        task = tasks.run(owner, work)
        task.on_success(lambda _none: done.append(held is not None))
        task.on_failure(lambda _error: done.append(held is not None))

    begin()
    qtbot.waitUntil(lambda: bool(done))
    qtbot.waitUntil(lambda: bool(ended), timeout=2_000)  # the thread waits for work all the while
    assert ended == [threading.get_ident()]
