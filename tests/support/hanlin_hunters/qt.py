"""What Qt keeps alive after a test: timers, threads, windows; and dialogs nobody answers."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import pytest
from PySide6 import QtWidgets
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QInputDialog,
    QMenu,
    QMessageBox,
    QWidget,
)
from shiboken6 import isValid

from hanlin_hunters import origin
from hanlin_hunters.leftovers import wait_until_gone


def remember_who_makes_widgets(patch: pytest.MonkeyPatch) -> None:
    """Let every widget made in Python know the line that made it."""
    for kind in vars(QtWidgets).values():
        if isinstance(kind, type) and issubclass(kind, QWidget):
            patch.setattr(kind, "__init__", _remembering(kind.__init__))


@contextmanager
def no_qt_left() -> Iterator[None]:
    """Fail when a timer, a QThread or a top-level widget from inside lives on after the end."""
    windows_before = set(QApplication.topLevelWidgets())
    timers: WeakSet[QTimer] = WeakSet()
    threads: WeakSet[QThread] = WeakSet()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QTimer, "start", _recording(QTimer.start, timers))
        patch.setattr(QThread, "start", _recording(QThread.start, threads))
        yield

    def present() -> list[str]:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        left: list[tuple[str, object]] = [
            ("an active timer", timer) for timer in timers if isValid(timer) and timer.isActive()
        ]
        left += [
            ("a running QThread", thread)
            for thread in threads
            if isValid(thread) and thread.isRunning()
        ]
        left += [
            (f"a window, {type(widget).__name__} {widget.windowTitle()!r}", widget)
            for widget in QApplication.topLevelWidgets()
            if widget not in windows_before
        ]
        return [f"  {what}, started by {origin.of(thing)}" for what, thing in left]

    if left := wait_until_gone(present):
        pytest.fail("left over in Qt:\n" + "\n".join(left), pytrace=False)


@contextmanager
def nothing_flashes_up() -> Iterator[None]:
    """Fail when a part of a window was shown before it had its parent.

    The system then shows it as a window of its own for a moment, which takes the keyboard along.
    """
    shown: list[tuple[QWidget, str]] = []

    def seen(show: Callable[..., None]) -> Callable[..., None]:
        def showing(widget: QWidget, *visible: bool) -> None:
            if all(visible) and widget.parent() is None:
                shown.append((widget, origin.line()))
            show(widget, *visible)

        return showing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QWidget, "setVisible", seen(QWidget.setVisible))
        patch.setattr(QWidget, "show", seen(QWidget.show))
        yield
    flashed = [
        f"  {type(widget).__name__}, shown by {line}"
        for widget, line in shown
        if isValid(widget) and not widget.isWindow()
    ]
    if flashed:
        pytest.fail("shown before they had a parent:\n" + "\n".join(flashed), pytrace=False)


class Dialogs:
    """Answers for the dialogs a test expects; a dialog without an answer fails the test."""

    def __init__(self) -> None:
        self._answers: deque[Callable[[Any], object]] = deque()
        self.seen: list[str] = []
        """Titles of the dialogs that asked, in order."""

    def answer(self, act: Callable[[Any], object]) -> None:
        """Let ``act`` handle the next dialog that blocks.

        It gets the dialog (or, for Qt's static questions, their arguments as a tuple). What
        it returns is what the static question returns; a dialog returns its own result.
        """
        self._answers.append(act)

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """Replace everything that would wait for a person."""
        with pytest.MonkeyPatch.context() as patch:
            for kind in (QDialog, QMessageBox, QFileDialog, QInputDialog):
                patch.setattr(kind, "exec", self._answer_dialog)
            patch.setattr(QMenu, "exec", self._answer_menu)
            for owner, names in _QUESTIONS.items():
                for name in names:
                    patch.setattr(owner, name, staticmethod(self._question(name)))
            yield
        if self._answers:
            pytest.fail(f"{len(self._answers)} dialogs that were expected did not come")

    def _next(self, title: str) -> Callable[[Any], object]:
        self.seen.append(title)
        if not self._answers:
            pytest.fail(f"a dialog that nobody answers: {title!r}, opened by {origin.line()}")
        return self._answers.popleft()

    @property
    def _answer_dialog(self) -> Callable[..., int]:
        def execute(dialog: QDialog) -> int:
            self._next(dialog.windowTitle())(dialog)
            return dialog.result()

        return execute

    @property
    def _answer_menu(self) -> Callable[..., object]:
        def execute(menu: QMenu, *_position: object) -> object:
            return self._next(menu.title())(menu)

        return execute

    def _question(self, name: str) -> Callable[..., object]:
        def ask(*arguments: object, **options: object) -> object:
            return self._next(name)((*arguments, *options.values()))

        return ask


_QUESTIONS: dict[type, tuple[str, ...]] = {
    QMessageBox: ("about", "aboutQt", "critical", "information", "question", "warning"),
    QFileDialog: (
        "getExistingDirectory",
        "getOpenFileName",
        "getOpenFileNames",
        "getSaveFileName",
    ),
    QInputDialog: ("getDouble", "getInt", "getItem", "getMultiLineText", "getText"),
}


def _remembering(create: Callable[..., None]) -> Callable[..., None]:
    def init(self: QWidget, *arguments: Any, **options: Any) -> None:
        create(self, *arguments, **options)
        setattr(self, origin.ATTRIBUTE, origin.line())

    return init


def _recording(start: Callable[..., None], into: WeakSet[Any]) -> Callable[..., None]:
    def recording_start(self: QObject, *arguments: Any) -> None:
        setattr(self, origin.ATTRIBUTE, origin.line())
        into.add(self)
        start(self, *arguments)

    return recording_start
