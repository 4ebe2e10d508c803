"""What the program is, what its starter can do, and which keys do what."""

from collections.abc import Iterable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from hanlin import __version__
from hanlin.kernel.i18n import Said, _, in_language
from hanlin_ui import starter_card
from hanlin_ui.dialogs.message import MessageDialog, show_text
from hanlin_ui.palette.keys_dialog import plain
from hanlin_ui.translate import keys


def show_about(parent: QWidget) -> MessageDialog:
    """Say what the program is."""
    dialog = MessageDialog(
        parent,
        _("Hanlin 翰林 {version}").format(version=__version__),
        _(
            "An assistant that works on this computer alone. Conversations are stored here, "
            "encrypted; nothing is sent anywhere, and no account is needed."
        ),
        _(
            "In the box is 书童 Shutong, a very small model to begin with. "
            "Real models are added as GGUF files. Licence: Apache-2.0."
        ),
    )
    dialog.add_button(_("Close"), primary=True)
    dialog.open()
    return dialog


def show_starter(parent: QWidget, card: starter_card.StarterCard) -> MessageDialog:
    """Show the starter's card: what it is, how it was measured."""
    text = "\n".join(
        [*starter_card.lines(card.facts), "", *starter_card.lines(card.figures)]
    ).strip()
    return show_text(
        parent,
        _("About this model"),
        Said(lambda: in_language(card.sentence) or _("The starter model's card is missing.")),
        text or _("No figures have been measured yet."),
    )


def show_shortcuts(parent: QWidget, actions: Iterable[QAction]) -> MessageDialog:
    """List the keys: those that are always the same, then those of ``actions`` as they are now."""
    fixed = (
        ("Enter", _("Send the message")),
        ("Shift+Enter", _("Start a new line")),
        ("Esc", _("Stop the answer")),
        ("↑", _("Edit the last message, where nothing is written")),
        ("← →", _("Go from one attachment to the next")),
        ("Ctrl+Enter", _("In the models window: get the model, or go on with what stopped")),
        ("F2", _("Rename the conversation")),
        ("Delete", _("Move the conversation to the trash")),
        (keys.TRANSLATE, _("Translator: translate now")),
        (keys.SWAP, _("Translator: swap the languages")),
        (keys.COPY, _("Translator: copy the translation")),
    )
    native = QKeySequence.SequenceFormat.NativeText
    named = [(one.shortcut().toString(native), plain(one)) for one in actions]
    text = "\n".join(f"{key}\t{meaning}" for key, meaning in (*fixed, *named) if key)
    return show_text(
        parent,
        _("Keyboard shortcuts"),
        _("Everything can be done by keyboard. Settings → Keys changes these."),
        text,
        prose=True,
    )
