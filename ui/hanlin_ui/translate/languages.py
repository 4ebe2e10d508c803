"""The choice of a language, named in the interface's language and in its own."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from hanlin.domain.languages import LANGUAGES
from hanlin.kernel.i18n import _, current_language


def language_name(code: str) -> str:
    """Return what a language is called in the interface's language."""
    language = LANGUAGES[code]
    if current_language().startswith("zh"):
        return "简体中文" if code == "zh" else language.chinese
    return "Simplified Chinese" if code == "zh" else language.english


class LanguageBox(QComboBox):
    """A list of languages; ``detects`` puts finding it out first."""

    chosen = Signal(str)

    def __init__(self, *, detects: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detects = detects
        self._found = ""
        self._codes: tuple[str, ...] = ()
        self.setProperty("role", "soft")
        self.setMinimumContentsLength(10)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaxVisibleItems(20)
        self.activated.connect(lambda _row: self.chosen.emit(self.code()))

    def code(self) -> str:
        """Return the language chosen, "" while it is to be found out."""
        return str(self.currentData() or "")

    def choose(self, code: str) -> None:
        """Choose a language, if it is on the list."""
        row = self.findData(code)
        if row >= 0:
            self.setCurrentIndex(row)

    def take(self, code: str) -> None:
        """Choose a language as a person does."""
        self.choose(code)
        self.chosen.emit(code)

    def offers(self, code: str) -> bool:
        """Tell whether a language is on the list."""
        return code in self._codes

    def offer(self, codes: Sequence[str]) -> None:
        """Show these languages, and keep the choice where it is among them."""
        if tuple(codes) != self._codes:
            self._codes = tuple(codes)
            self.retranslate()

    def show_found(self, code: str) -> None:
        """Say which language was found; "" for none."""
        self._found = code
        if self._detects and self.count():
            self.setItemText(0, self._detecting())

    def retranslate(self) -> None:
        """Say everything again in the language of now."""
        kept = self.code()
        self.clear()
        if self._detects:
            self.addItem(self._detecting(), "")
        for code in self._codes:
            self.addItem(language_name(code), code)
            self.setItemData(self.count() - 1, LANGUAGES[code].native, Qt.ItemDataRole.ToolTipRole)
        self.choose(kept)

    def _detecting(self) -> str:
        if self._found:
            return _("Detected: {language}").format(language=language_name(self._found))
        return _("Detect language")
