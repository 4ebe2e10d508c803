"""Messages changed from the keyboard and the palette: the one with the keyboard, or the last.

What the buttons below a message ask for is asked for here by name; doing it stays the business
of those who hear the transcript.
"""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.chat.question import QuestionView
from hanlin_ui.menus import Menus


class MessageKeysController(QObject):
    """Turns the commands of the Message menu into what the buttons of one message do."""

    def __init__(self, menus: Menus, page: ChatPage, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        menus.again_requested.connect(self._answer_again)
        menus.edit_message_requested.connect(self._edit)
        menus.earlier_requested.connect(lambda: self._turn(-1))
        menus.later_requested.connect(lambda: self._turn(1))
        menus.branch_requested.connect(self._branch)
        menus.inspect_requested.connect(self._inspect)
        menus.delete_message_requested.connect(self._delete)

    def _views(self) -> list[QuestionView | AnswerView]:
        """Return the messages, the one that is meant first, then what is above it."""
        if self._page.is_at_start():
            return []
        views = self._page.transcript.messages.views()
        focused = QApplication.focusWidget()
        meant = next((n for n, view in enumerate(views) if _holds(view, focused)), len(views) - 1)
        return views[meant::-1] if views else []

    def _answer_again(self) -> None:
        answer = next((one for one in self._views() if isinstance(one, AnswerView)), None)
        if answer is not None and answer.is_final:
            answer.regenerate_requested.emit(answer.message_id)

    def _edit(self) -> None:
        question = next((one for one in self._views() if isinstance(one, QuestionView)), None)
        if question is not None:
            question.edit()

    def _turn(self, step: int) -> None:
        several = (one for one in self._views() if one.versions.count > 1)
        if (view := next(several, None)) is not None:
            view.versions.turn(step)

    def _branch(self) -> None:
        for view in self._views()[:1]:
            view.branch_requested.emit(view.message_id)

    def _inspect(self) -> None:
        answer = next((one for one in self._views() if isinstance(one, AnswerView)), None)
        if answer is not None and answer.is_final:
            answer.inspect_requested.emit(answer.message_id)

    def _delete(self) -> None:
        for view in self._views()[:1]:
            if isinstance(view, QuestionView) or view.is_final:
                view.delete_requested.emit(view.message_id)


def _holds(view: QWidget, focused: QWidget | None) -> bool:
    return focused is not None and (view is focused or view.isAncestorOf(focused))
