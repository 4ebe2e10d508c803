"""The window that shows how an answer came about: figures above, the exact prompt below."""

import json
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.biases import write_bias
from hanlin.domain.prompt import Segment, Token
from hanlin.kernel.i18n import _, ngettext
from hanlin.services.inspecting import MOST_TOKENS, Inspection
from hanlin.services.reports import AnswerReport
from hanlin_ui.starter_card import name_now
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.sizes import fitting

_MOST_SHOWN = 300_000
"""Characters of a prompt that are shown; laying out more takes seconds."""


def show_inspection(parent: QWidget, found: Inspection) -> "Inspector":
    """Show what is known of an answer, beside the conversation."""
    inspector = Inspector(parent, found)
    inspector.show()
    return inspector


class Inspector(QDialog):
    """Deletes itself when it is closed."""

    def __init__(self, parent: QWidget, found: Inspection) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._found = found
        self.resize(fitting(self, 760, 620))
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        self._rows = [(QLabel(), QLabel()) for _row in rows(found)]
        for label, said in self._rows:
            said.setTextFormat(Qt.TextFormat.PlainText)
            said.setWordWrap(True)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setProperty("role", "muted")
            form.addRow(label, said)
        self._heading = QLabel()
        self._heading.setProperty("role", "strong")
        self._about = wrapped_label("", "muted")
        self.prompt = QPlainTextEdit()
        self.prompt.setReadOnly(True)
        self.prompt.setFont(code_font(self.font()))
        self._write(found.prompt or ())
        self.tokens = QPlainTextEdit()
        self.tokens.setReadOnly(True)
        self.tokens.setFont(code_font(self.font()))
        self.tokens.setPlainText(_listed(found.tokens or ()))
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self.prompt, "")
        self._tabs.addTab(self.tokens, "")
        self._tabs.setTabEnabled(1, found.tokens is not None)
        buttons = QDialogButtonBox()
        self._close = buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole)
        self._close.clicked.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(10)
        layout.addLayout(form)
        layout.addWidget(self._heading)
        layout.addWidget(self._about)
        layout.addWidget(self._tabs, stretch=1)
        layout.addWidget(buttons)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setWindowTitle(_("How this answer came about"))
        for (label, said), (name, value) in zip(self._rows, rows(self._found), strict=True):
            label.setText(name)
            said.setText(value)
        self._heading.setText(_("The prompt"))
        self._about.setText(_about_prompt(self._found))
        self.prompt.setAccessibleName(_("The prompt"))
        self.tokens.setAccessibleName(_("Tokens"))
        for at, name in enumerate((_("Text"), _("Tokens"))):
            self._tabs.setTabText(at, name)
        self._close.setText(_("Close"))

    def _write(self, segments: tuple[Segment, ...]) -> None:
        """Write the prompt, what the template wrote in another colour."""
        theme = appearance.current()
        cursor = QTextCursor(self.prompt.document())
        room = _MOST_SHOWN
        for segment in segments:
            style = QTextCharFormat()
            style.setForeground(QColor(theme.keyword if segment.control else theme.text))
            cursor.insertText(segment.text[:room], style)
            room -= len(segment.text)
            if room <= 0:
                cursor.insertText("…")
                return


def _listed(tokens: Sequence[Token]) -> str:
    """Return the tokens as lines: the place, the number in the vocabulary, and the text."""
    lines = [
        f"{place:>6}  {token.number:>7}  {json.dumps(token.text, ensure_ascii=False)}"
        for place, token in enumerate(tokens, 1)
    ]
    if len(tokens) == MOST_TOKENS:
        lines.append("…")
    return "\n".join(lines)


def rows(found: Inspection) -> list[tuple[str, str]]:
    """Return the figures by their names, as they are shown."""
    known = [(_("Model"), name_now(found.message.model or "") or _("not known"))]
    report = found.report
    if report is None:
        return [*known, (_("Figures"), _("None were kept of this answer."))]
    if report.edited:
        return [*known, (_("Text"), _("Written by you, in place of the model's."))]
    return [*known, *_tokens(report), *_speeds(report), (_("Sampling"), _sampling(report))]


def _tokens(report: AnswerReport) -> list[tuple[str, str]]:
    usage = report.usage
    sent = ngettext(
        "{count:,} tokens, of which {cached:,} were remembered; {turns} turn",
        "{count:,} tokens, of which {cached:,} were remembered; {turns} turns",
        report.turns,
    ).format(count=usage.prompt_tokens, cached=usage.cached_tokens, turns=report.turns)
    if report.dropped_turns:
        sent += _("; the {count} oldest were left out").format(count=f"{report.dropped_turns:,}")
    count = usage.completion_tokens
    written = ngettext("{count:,} token", "{count:,} tokens", count).format(count=count)
    if report.continued:
        written += _(" in the last stretch")
    context = _("{used:,} of {size:,} tokens").format(
        used=report.context_used, size=report.context_size
    )
    return [(_("Sent"), sent), (_("Written"), written), (_("Context"), context)]


def _speeds(report: AnswerReport) -> list[tuple[str, str]]:
    timings = report.timings
    speed = _("{seconds:.2f} s, {speed:,.1f} tokens/s")
    reading = 1000 * timings.prefill_tokens / timings.prefill_ms if timings.prefill_ms else 0.0
    return [
        (_("Reading"), speed.format(seconds=timings.prefill_ms / 1000, speed=reading)),
        (
            _("Writing"),
            speed.format(seconds=timings.decode_ms / 1000, speed=timings.tokens_per_second),
        ),
    ]


def _sampling(report: AnswerReport) -> str:
    chosen = report.sampling
    said = [
        f"temperature {chosen.temperature:g}",
        f"top-k {chosen.top_k}",
        f"top-p {chosen.top_p:g}",
        f"min-p {chosen.min_p:g}",
        f"repeat penalty {chosen.repeat_penalty:g}",
    ]
    extra = {
        "frequency penalty": chosen.frequency_penalty,
        "presence penalty": chosen.presence_penalty,
        "dry": chosen.dry,
    }
    said.extend(f"{name} {value:g}" for name, value in extra.items() if value)
    said.extend(f"bias {write_bias(each)}" for each in chosen.bias)
    said.append(f"seed {chosen.seed}" if chosen.seed is not None else _("a random seed"))
    if report.thinking is not None:
        said.append(_("thinking on") if report.thinking else _("thinking off"))
    return ", ".join(said)


def _about_prompt(found: Inspection) -> str:
    if found.prompt is None:
        return _("No model is loaded now that could show it. Load one and look again.")
    said = _(
        "Rendered anew from the messages before it and the instructions of now. What the "
        "template writes is coloured; the rest is only text to the model."
    )
    if not found.same_model:
        other = _("By the template of {model}, which is loaded now: another one wrote the answer.")
        said += " " + other.format(model=found.rendered_by)
    return said
