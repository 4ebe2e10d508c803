"""What the worker can refuse, in sentences: one row for each code."""

from hanlin.engine.protocol import Code
from hanlin.kernel.errors import BugError, HanlinError, KnownError
from hanlin.kernel.i18n import _

_OUR_MISTAKES = (Code.LIBRARY, Code.VERSION, Code.BUG)


def refusal(code: Code, name: str, detail: str) -> HanlinError:
    """Return the error for a code that has a row; it concerned the model ``name``."""
    title, message, hint = _rows()[Code.BUG if code is Code.VERSION else code]
    kind = BugError if code in _OUR_MISTAKES else KnownError
    return kind(title, message.format(name=name, detail=detail, kind=detail), hint)


def _rows() -> dict[Code, tuple[str, str, str]]:
    """Return title, message and hint in the language of now."""
    return {
        Code.LIBRARY: (
            _("The engine cannot be used"),
            _("The engine's library could not be loaded: {detail}."),
            _("Install the program again; if that does not help, report it."),
        ),
        Code.MISSING: (
            _("The model's file is gone"),
            _("{name} does not exist any more."),
            _("Put the file back, or choose another model."),
        ),
        Code.UNREADABLE: (
            _("The model cannot be read"),
            _("{name} cannot be read: {detail}."),
            _("Check the permissions of the file and that its disk is connected."),
        ),
        Code.EMPTY: (
            _("The model's file is empty"),
            _("{name} contains nothing."),
            _("Get the file again; the download did not work."),
        ),
        Code.HTML: (
            _("This is a web page, not a model"),
            _("{name} holds a web page: the download led to a page instead of the file."),
            _("Get the file again from its download link."),
        ),
        Code.NOT_GGUF: (
            _("This is not a model"),
            _("{name} is not a GGUF file."),
            _("Choose a model in the GGUF format."),
        ),
        Code.ARCHITECTURE: (
            _("This kind of model is not known"),
            _("{name} is of the kind “{kind}”, which this version does not know."),
            _("Update the program, or choose another model."),
        ),
        Code.DAMAGED: (
            _("The model is damaged"),
            _("{name} is damaged or incomplete."),
            _("Get the file again and compare its size with the source."),
        ),
        Code.MEMORY: (
            _("The model is too big"),
            _("{name} needs more memory than this computer has free."),
            _("Close other programs, or choose a smaller model or a smaller quantisation of it."),
        ),
        Code.NOT_A_CHAT_MODEL: (
            _("This model cannot answer"),
            _("{name} is a model for other tasks and cannot write text."),
            _("Choose a chat model."),
        ),
        Code.FORM: (
            _("The form of the answer cannot be used"),
            _("The engine knows no such JSON schema or grammar: {detail}."),
            _("Correct it, or ask without a form."),
        ),
        Code.BIAS: (
            _("A word cannot be weighed"),
            _("“{detail}” is more than one token for {name}; only single ones can be weighed."),
            _("Take a shorter word, or remove it from the choices for this model."),
        ),
        Code.NO_DEVICE: (
            _("The graphics card cannot be used"),
            _("The engine found no graphics card that it can compute on."),
            _("The processor computes instead; a newer graphics driver may help."),
        ),
        Code.PROJECTOR: (
            _("The projector cannot be used"),
            _("“{name}” cannot be used with its projector."),
            _("Get the projector file that belongs to this model."),
        ),
        Code.MEDIUM: (
            _("This cannot be shown to the model"),
            _("“{name}” cannot take what is attached."),
            _("Remove it, or choose another model."),
        ),
        Code.COMPUTE: (
            _("The model could not go on"),
            _("The engine could not compute the answer."),
            _("Try again; if it happens again, load the model with a smaller context."),
        ),
        Code.BUG: (
            _("The engine made a mistake"),
            _("Something in the engine went wrong that should not: {detail}."),
            _("Try again; if it happens again, report it."),
        ),
    }
