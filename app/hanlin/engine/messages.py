"""What went wrong in the engine, said to a person: what happened and what to do."""

import signal
from pathlib import Path

from hanlin.domain.attachments import AttachmentKind, Media
from hanlin.engine.protocol import SENSES_TOO_DEEP, Code
from hanlin.engine.refusals import refusal
from hanlin.kernel.errors import HanlinError, KnownError, join_sentences
from hanlin.kernel.i18n import _
from hanlin.processes.process import ExitReport
from hanlin.processes.supervisor import Ending


class ContextFullError(KnownError):
    """The conversation does not fit the context, and nothing may be left out by itself."""


class LoadStoppedError(KnownError):
    """A person stopped the load: nothing went wrong."""


class LoadInterruptedError(KnownError):
    """Somebody ended the worker while it read a model, which may be fine: it can be tried again."""


def refused(code: Code, detail: str, path: Path) -> HanlinError:
    """Return the error for what the worker refused, which concerned the model at ``path``."""
    if code is Code.NO_MODEL:
        return not_loaded()
    if code is Code.CANCELLED:
        return load_cancelled()
    return refusal(code, path.name, detail)


def died(report: ExitReport) -> HanlinError:
    """Return the error for a worker that ended by itself while it answered."""
    return KnownError(
        _("The engine stopped"),
        _("The part of the program that runs the model stopped unexpectedly: {how}.").format(
            how=_how(report)
        ),
        _("It is started again by itself. Send your question again; what was written is kept."),
    )


def died_loading(report: ExitReport) -> HanlinError:
    """Return the error for a worker that ended by itself while it read a model."""
    # No file can do that, unless it was we who ended what made no sense.
    killed = not report.fault and report.signal is not None and report.signal == signal.SIGKILL
    title = _("The model could not be loaded")
    message = _("The engine stopped while it read the model: {how}.").format(how=_how(report))
    if killed:
        return LoadInterruptedError(
            title,
            message,
            _("Send your question again once memory is free, or choose a smaller model."),
        )
    return KnownError(
        title, message, _("The file may be damaged: get it again, or choose another model.")
    )


def hung() -> HanlinError:
    """Return the error for a worker that gave no sign of life and was ended."""
    return KnownError(
        _("The engine did not answer any more"),
        _("The part of the program that runs the model gave no sign of life and was ended."),
        _("It is started again by itself. If it happens again, take a smaller model."),
    )


def hung_loading() -> HanlinError:
    """Return the error for a worker that went on reading a model without end, and was ended."""
    return KnownError(
        _("The model could not be loaded"),
        _("Reading it made no progress any more, so the engine was ended."),
        _("The file may be damaged: get it again, or choose another model."),
    )


def dead() -> HanlinError:
    """Return the error for a request to an engine that stopped twice."""
    return KnownError(
        _("The engine stopped twice"),
        _("The engine stopped twice with this model and is not started again by itself."),
        _("Choose another model, or the same one again with a smaller context."),
    )


def load_cancelled() -> HanlinError:
    """Return the error for a load that was stopped on request."""
    return LoadStoppedError(
        _("Loading was stopped"),
        _("The model is not loaded."),
        _("Choose a model in the settings to load it."),
    )


def not_loaded() -> HanlinError:
    """Return the error for a question without a model."""
    return KnownError(
        _("No model is loaded"),
        _("There is no model that could answer."),
        _("Choose a model in the settings."),
    )


def busy() -> HanlinError:
    """Return the error for a question while another one is being answered."""
    return KnownError(
        _("The engine is busy"),
        _("Another answer is being written."),
        _("Wait until it is finished, or stop it."),
    )


def closed() -> HanlinError:
    """Return the error for a request while the program is ending."""
    return KnownError(_("The program is closing"), _("The engine has been switched off."), "")


def too_long(tokens: int, context: int) -> HanlinError:
    """Return the error for a last question that alone does not fit the context."""
    return KnownError(
        _("The text is too long"),
        _(
            "This question has {tokens} tokens, but the model's context holds {context},"
            " and the answer needs room too."
        ).format(tokens=f"{tokens:,}", context=f"{context:,}"),
        _("Shorten the question, or load the model with a larger context."),
    )


def cannot_fill() -> HanlinError:
    """Return the error for a model that knows no marks for a gap."""
    return KnownError(
        _("This model cannot complete in the middle"),
        _("Its vocabulary has no marks for the text before and after a gap."),
        _("Choose a model made for code, such as Qwen2.5-Coder."),
    )


def cannot_take(media: Media) -> HanlinError:
    """Return the error for a picture or a sound that the model cannot take."""
    if media.kind is AttachmentKind.PICTURE:
        return KnownError(
            _("This model cannot see pictures"),
            _("It reads text only, or its projector file is missing."),
            _("Choose a model with eyes in the settings, or remove the picture."),
        )
    return KnownError(
        _("This model cannot hear"),
        _("It reads text only, or its projector file is missing."),
        _("Choose a model that hears in the settings, or remove the sound."),
    )


def cannot_open(media: Media) -> HanlinError:
    """Return the error for a picture or a sound that could not be opened again."""
    return KnownError(
        _("What is attached could not be opened"),
        _("“{name}” could not be opened for the model.").format(name=media.name),
        _("Remove it, or attach it again."),
    )


def projector_refused(projector: Path, detail: str) -> str:
    """Return why a model goes without its projector, in a sentence or two."""
    match detail.split():
        case [kind, count] if kind == SENSES_TOO_DEEP:
            return _(
                "The projector “{name}” has {count} layers, more than can be computed, so pictures"
                " cannot be shown. Get another file."
            ).format(name=projector.name, count=count)
        case [wanted, found]:
            return _(
                "The projector “{name}” belongs to another model (its width is {found}, this"
                " model's {wanted}), so pictures cannot be shown."
            ).format(name=projector.name, found=found, wanted=wanted)
    if detail:
        return _(
            "The projector “{name}” is damaged ({tensor}), so pictures cannot be shown. Get the"
            " file again."
        ).format(name=projector.name, tensor=detail)
    return _("The projector “{name}” cannot be used, so pictures cannot be shown.").format(
        name=projector.name
    )


def conversation_too_long(characters: int) -> ContextFullError:
    """Return the error for a conversation so long that its tokens need not be counted."""
    return ContextFullError(
        _("The context is full"),
        _("This conversation has {characters} characters, more than any context holds.").format(
            characters=f"{characters:,}"
        ),
        _("Choose below what is to be done; nothing is left out without your choice."),
    )


def conversation_full(tokens: int, context: int) -> ContextFullError:
    """Return the error for a conversation that is to be kept whole and does not fit."""
    return ContextFullError(
        _("The context is full"),
        _(
            "This conversation has {tokens} tokens, but the model's context holds {context},"
            " and the answer needs room too."
        ).format(tokens=f"{tokens:,}", context=f"{context:,}"),
        _("Choose below what is to be done; nothing is left out without your choice."),
    )


def too_much_text(characters: int) -> HanlinError:
    """Return the error for a question so long that its tokens need not be counted."""
    return KnownError(
        _("The text is too long"),
        _("This question has {characters} characters, more than any context holds.").format(
            characters=f"{characters:,}"
        ),
        _("Shorten the question, or ask about one part of the text at a time."),
    )


def ended(ending: Ending, cause: HanlinError | None, *, given_up: bool) -> HanlinError:
    """Return the error for a request without a last word of the worker's.

    ``cause`` is what the worker died of; ``given_up``: it is not started again.
    """
    errors = {
        Ending.CANCELLED: load_cancelled,
        Ending.NOT_LOADED: not_loaded,
        Ending.BUSY: busy,
        Ending.DEAD: dead,
        Ending.CLOSED: closed,
    }
    error = errors[ending]() if ending in errors else cause or hung()
    return _after_all(error) if given_up and ending in (Ending.DIED, Ending.HUNG) else error


def restarting(cause: HanlinError) -> str:
    """Return the note that goes with a restart after ``cause``."""
    return _("{what}. It is being started again.").format(what=cause.title)


def wrong_end(token: str) -> str:
    """Return the note for a model whose file is mistaken about where answers end."""
    return _(
        "This model's file calls “{token}” the end of an answer, which is a mistake;"
        " the right end is used instead."
    ).format(token=token)


def short_context(context: int) -> str:
    """Return the note for a model that has less context than usual, for want of memory."""
    return _(
        "Only {count:,} tokens of context fit in the free memory; close other programs and choose"
        " the model again for more."
    ).format(count=context)


def _after_all(cause: HanlinError) -> HanlinError:
    """Return the error for a request that ``cause`` ended, after which nothing is started again."""
    end = dead()
    return KnownError(cause.title, join_sentences(cause.message, end.message), end.hint)


def _how(report: ExitReport) -> str:
    if report.fault:
        return _("it said something that makes no sense")
    if report.signal is not None:
        return _signal_in_words(report.signal)
    return _("it ended with status {status}").format(status=report.code)


def _signal_in_words(number: int) -> str:
    if number == signal.SIGKILL:
        return _("the system or someone ended it, perhaps because memory ran out")
    if number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL):
        name = signal.Signals(number).name
        return _("it crashed ({name})").format(name=name)
    if number == getattr(signal, "SIGBUS", None):
        return _("the model's file changed or vanished while it was in use")
    return _("signal {number} ended it").format(number=number)
