"""What the window says of a model on this computer: its card and its details. Pure."""

from hanlin.domain.catalogue import FitEstimate
from hanlin.domain.models import Model, Origin
from hanlin.kernel.i18n import _, said_again
from hanlin.kernel.units import size
from hanlin_ui.library import words
from hanlin_ui.library.cards import Card, Tone
from hanlin_ui.library.details import Action, Details
from hanlin_ui.library.entry_details import Computer, memory_words

_TINY = 200_000_000
"""Bytes: smaller models are as fast as everything around them, not as their weights."""
USE = "use"
DEFAULTS = "defaults"
PURPOSES = "purposes"
VERIFY = "verify"
MOVE = "move"
EXPORT = "export"
FOLDER = "folder"
FORGET = "forget"
DELETE = "delete"


def card(
    model: Model,
    estimate: FitEstimate | None,
    computer: Computer,
    *,
    in_use: bool,
    twice: bool,
    kept_for: str,
) -> Card:
    """Return the card of a model; ``estimate`` None: its file was not looked into yet."""
    facts = [size(model.bytes), model.architecture]
    if model.origin is Origin.STARTER:
        facts.append(_("in the box"))
    if kept_for:
        facts.append(kept_for)
    if twice:
        facts.append(_("here twice"))
    label, tone = _label(model, estimate, computer, in_use=in_use)
    where = "" if model.origin is Origin.STARTER else str(model.path.parent)
    return Card(
        model.id, model.name, where, " · ".join(part for part in facts if part), label, tone
    )


def _label(
    model: Model, estimate: FitEstimate | None, computer: Computer, *, in_use: bool
) -> tuple[str, Tone]:
    if model.missing:
        return _("the file is gone"), Tone.BAD
    if model.changed:
        return _("the file has changed"), Tone.CAREFUL
    if in_use:
        return _("in use"), Tone.GOOD
    if estimate is None:
        return "", Tone.PLAIN
    return words.fit_label(estimate, computer.memory, computer.speed)


def details(
    model: Model, estimate: FitEstimate | None, computer: Computer, *, in_use: bool, twins: str
) -> Details:
    """Return everything about a model; ``twins`` names those that are the same file again."""
    label, tone = _label(model, estimate, computer, in_use=in_use)
    facts = [(_("Size"), size(model.bytes)), (_("File"), str(model.path))]
    if model.architecture:
        facts.append((_("Kind"), model.architecture))
    if model.context_length:
        facts.append(
            (_("Longest context"), _("{count:,} tokens").format(count=model.context_length))
        )
    if estimate is not None and estimate.needed:
        facts.append((_("Memory"), memory_words(estimate)))
        if estimate.weights > _TINY:
            facts.append((_("Speed"), computer.speed.words(estimate)))
    notes = []
    if model.missing:
        notes.append(
            _("Put the file back, or take the model off the list and add it from its new place.")
        )
    if model.changed:
        notes.append(
            _(
                "Its size or date is not what it was when the model was added. “Verify” "
                "compares every byte; if you replaced the file yourself, add it again."
            )
        )
    if twins:
        notes.append(_("The same file is here again as {names}.").format(names=twins))
    plain = model.missing or model.changed or in_use
    return Details(
        title=model.name,
        verdict=label if plain or estimate is None else said_again(estimate.words),
        tone=tone,
        facts=tuple(facts),
        notes=tuple(notes),
        actions=_actions(model, in_use=in_use),
    )


def _actions(model: Model, *, in_use: bool) -> tuple[Action, ...]:
    actions = []
    if not in_use and not model.missing:
        actions.append(Action(USE, _("Use it now"), primary=True))
    if not model.missing:
        actions.append(Action(DEFAULTS, _("Choices…")))
        actions.append(Action(PURPOSES, _("Keep for…")))
        actions.append(Action(VERIFY, _("Verify")))
        actions.append(Action(EXPORT, _("Export to USB…")))
        actions.append(Action(FOLDER, _("Show the folder")))
    if model.origin is not Origin.STARTER:
        if not model.missing:
            actions.append(Action(MOVE, _("Move…")))
        actions.append(Action(FORGET, _("Take off the list")))
        if not model.missing:
            actions.append(Action(DELETE, _("Delete the files…")))
    return tuple(actions)
