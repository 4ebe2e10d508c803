"""What the window says of a model of the catalogue: its card and its details. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hanlin.domain.catalogue import CatalogueEntry, Fit, FitEstimate, Memory, Runs, Thinking
from hanlin.domain.hub import Listing
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size
from hanlin_models.hub import packing_words
from hanlin_models.speed import Speed
from hanlin_ui.library import words
from hanlin_ui.library.cards import Card
from hanlin_ui.library.details import Action, Choice, Details

GET = "get"
LOOK = "look"
USE = "use"


@dataclass(frozen=True, slots=True)
class Computer:
    """What is known of this computer while a page is made."""

    memory: Memory
    disk_free: int
    speed: Speed


def card(entry: CatalogueEntry, estimate: FitEstimate, computer: Computer) -> Card:
    """Return the card of an entry."""
    label, tone = words.entry_label(entry, estimate, computer.memory, computer.speed)
    total = _bytes(entry)
    facts = (
        entry.family,
        entry.parameters,
        size(total) if total else "",
        entry.licence.name,
    )
    return Card(
        entry.id,
        entry.name,
        entry.reason or entry.text,
        " · ".join(part for part in facts if part),
        label,
        tone,
    )


def recommendation(entry: CatalogueEntry, estimate: FitEstimate, computer: Computer) -> Card:
    """Return the card of the model to take for a task: its label says how fast it will be."""
    plain = card(entry, estimate, computer)
    return replace(plain, label=computer.speed.label(estimate))


def details(
    entry: CatalogueEntry,
    estimate: FitEstimate,
    computer: Computer,
    listing: Listing | None = None,
    *,
    here: bool = False,
    busy: bool = False,
) -> Details:
    """Return everything about an entry; ``listing`` is what its repository was seen to hold."""
    label, tone = words.entry_label(entry, estimate, computer.memory, computer.speed)
    choices = _choices(entry, listing)
    return Details(
        title=entry.name,
        text=entry.text,
        verdict=entry.reason or estimate.words or label,
        tone=tone,
        facts=_facts(entry, estimate, computer),
        notes=_notes(entry),
        choices=choices,
        chosen=_chosen(choices),
        actions=_actions(entry, listing, here=here, busy=busy),
    )


def offer_choices(listing: Listing) -> tuple[Choice, ...]:
    """Return the models of a repository, each quantisation in words."""
    return tuple(
        Choice(
            offer.quantisation or offer.label,
            _quantisation(offer.quantisation or offer.label, offer.bytes)
            + ("" if offer.complete else " · " + _("incomplete there")),
            offer.complete,
        )
        for offer in listing.offers
    )


def disk_words(needed: int, free: int) -> str:
    """Return what a download takes and what the disk has."""
    said = _("{needed} needed, {free} free").format(needed=size(needed), free=size(free))
    return said if needed < free else said + " – " + _("not enough")


def _bytes(entry: CatalogueEntry) -> int:
    first = entry.files[0].bytes if entry.files else None
    return (first or 0) + ((entry.projector.bytes or 0) if entry.projector and first else 0)


def _choices(entry: CatalogueEntry, listing: Listing | None) -> tuple[Choice, ...]:
    if entry.runs is not Runs.YES:
        return ()
    if listing is not None:
        return offer_choices(listing)
    return tuple(
        Choice(file.quantisation, _quantisation(file.quantisation, file.bytes or 0))
        for file in entry.files
    )


def _quantisation(name: str, count: int) -> str:
    parts = (name, packing_words(name), size(count) if count else "")
    return " · ".join(part for part in parts if part)


def _chosen(choices: Sequence[Choice]) -> str:
    usable = [choice.key for choice in choices if choice.enabled]
    for wanted in ("Q4_K_M", "UD-Q4_K_XL", "Q4_K_S", "Q5_K_M", "Q8_0"):
        if wanted in usable:
            return wanted
    return usable[0] if usable else ""


def _facts(
    entry: CatalogueEntry, estimate: FitEstimate, computer: Computer
) -> tuple[tuple[str, str], ...]:
    thinking = {
        Thinking.NONE: _("does not think before it answers"),
        Thinking.SWITCH: _("can think before it answers; you switch it"),
        Thinking.ALWAYS: _("always thinks before it answers"),
    }
    total = _bytes(entry)
    facts = [
        (_("Good for"), _(", ").join(words.task(task) for task in entry.tasks)),
        (
            _("Licence"),
            _("{what}: {reason}").format(what=entry.licence.name, reason=entry.licence.limits),
        ),
    ]
    if total:
        facts.append((_("Disk"), disk_words(total, computer.disk_free)))
    if estimate.needed:
        facts.append((_("Memory"), memory_words(estimate)))
    if estimate.active and estimate.verdict is not Fit.TOO_LARGE:
        facts.append((_("Speed"), computer.speed.words(estimate)))
    if entry.context:
        facts.append((_("Longest context"), _("{count:,} tokens").format(count=entry.context)))
    facts.append((_("Thinking"), thinking[entry.thinking]))
    facts.append((_("Comes from"), entry.repository or _("no fixed place")))
    return tuple(facts)


def memory_words(estimate: FitEstimate) -> str:
    """Return where a model's memory goes."""
    return _(
        "{needed}: {weights} for the model, {cache} for a context of {context:,} tokens"
    ).format(
        needed=size(estimate.needed or 0),
        weights=size(estimate.weights),
        cache=size(estimate.cache),
        context=estimate.context,
    )


def _notes(entry: CatalogueEntry) -> tuple[str, ...]:
    notes = []
    if entry.superseded_by:
        notes.append(_("There is a newer one: {name}.").format(name=entry.superseded_by))
    if not entry.licence.commercial:
        notes.append(_("Not for commercial use without the owner's consent."))
    if entry.runs is Runs.YES and not entry.pinned:
        notes.append(_("Size and checksum are asked of the Hub before the download begins."))
    return tuple(notes)


def _actions(
    entry: CatalogueEntry, listing: Listing | None, *, here: bool, busy: bool
) -> tuple[Action, ...]:
    if entry.runs is not Runs.YES or not (entry.repository or entry.files):
        return ()
    actions = []
    if here:
        actions.append(Action(USE, _("Use it now"), primary=True))
    label = _("Asking…") if busy else _("Get")
    actions.append(Action(GET, label, primary=not here, enabled=not busy))
    if entry.repository and listing is None:
        actions.append(Action(LOOK, _("Other quantisations…"), enabled=not busy))
    return tuple(actions)
