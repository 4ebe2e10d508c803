"""Why a model's own template is not in use, in plain words."""

from hanlin.kernel.i18n import _


class RenderFailed(Exception):
    """``code`` is one that ``reason`` explains; ``detail`` is for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def reason(code: str) -> str:
    """Return the sentence for a code of ``RenderFailed``."""
    sentences = {
        "missing": _("This model brings no chat template."),
        "syntax": _("This model's chat template contains a mistake."),
        "security": _("This model's chat template tried something that is not allowed."),
        "raised": _("This model's chat template refuses this conversation."),
        "memory": _("This model's chat template needs too much memory."),
        "output": _("This model's chat template writes too much."),
        "depth": _("This model's chat template is nested too deeply."),
        "time": _("This model's chat template takes too long."),
        "crash": _("This model's chat template stopped the process that reads it."),
        "lost": _("This model's chat template leaves out what was written."),
    }
    return sentences.get(code, _("This model's chat template does not work."))


def note(code: str) -> str:
    """Return the note for a person: the reason, and what is done instead."""
    return _("{reason} The common ChatML template is used instead.").format(reason=reason(code))
