"""What the window says of a repository that was found at the Hub. Pure.

Names and tags come from whoever uploaded it: they are shown as plain text and believed
nothing.
"""

from hanlin.domain.catalogue import CatalogueEntry, Fit, FitEstimate, Runs
from hanlin.domain.hub import FoundRepository
from hanlin.kernel.errors import join_sentences
from hanlin.kernel.i18n import _, said_again
from hanlin_models.online import Look
from hanlin_ui.library import entry_details, words
from hanlin_ui.library.cards import Card, Tone
from hanlin_ui.library.details import Action, Choice, Details
from hanlin_ui.library.entry_details import GET, LOOK, Computer

_TAGS = 8
_DULL = ("license:", "base_model:", "region:", "arxiv:", "gguf", "endpoints_compatible")


def card(found: FoundRepository, *, too_large: bool) -> Card:
    """Return the card of a repository."""
    owner, _slash, name = found.name.partition("/")
    facts = (
        owner,
        found.licence,
        _("{count:,} downloads").format(count=found.downloads),
        found.updated,
    )
    label, tone = _label(found, too_large=too_large)
    text = said_again(found.problem) or ", ".join(_telling(found.tags))
    return Card(found.name, name, text, " · ".join(f for f in facts if f), label, tone)


def _label(found: FoundRepository, *, too_large: bool) -> tuple[str, Tone]:
    if found.problem:
        return _("cannot be used here"), Tone.BAD
    if too_large:
        return _("too large for this computer"), Tone.BAD
    if found.gated:
        return _("wants agreement"), Tone.CAREFUL
    return "", Tone.PLAIN


def _telling(tags: tuple[str, ...]) -> list[str]:
    return [tag for tag in tags if not tag.startswith(_DULL)][:_TAGS]


def details(
    found: FoundRepository,
    look: Look | None,
    estimate: FitEstimate | None,
    chosen: str,
    computer: Computer,
    known: CatalogueEntry | None,
    *,
    busy: bool,
) -> Details:
    """Return everything about a repository.

    ``look`` is what its first bytes said, ``estimate`` how the chosen quantisation fits,
    ``known`` the catalogue's own entry of it.
    """
    verdict, tone = _verdict(found, look, estimate, computer)
    return Details(
        title=found.name,
        text=known.text if known is not None else "",
        verdict=verdict,
        tone=tone,
        facts=_facts(found, look, estimate, computer, known),
        notes=_notes(found, look, known),
        choices=_choices(look),
        chosen=chosen,
        actions=_actions(found, look, busy=busy),
    )


def _verdict(
    found: FoundRepository, look: Look | None, estimate: FitEstimate | None, computer: Computer
) -> tuple[str, Tone]:
    if found.problem:
        return said_again(found.problem), Tone.BAD
    if look is None or estimate is None:
        return "", Tone.PLAIN
    if not look.prospect.loads:
        return said_again(look.prospect.problem), Tone.BAD
    _said, tone = words.fit_label(estimate, computer.memory, computer.speed)
    return join_sentences(_("The engine knows this kind of model."), estimate.words), tone


def _facts(
    found: FoundRepository,
    look: Look | None,
    estimate: FitEstimate | None,
    computer: Computer,
    known: CatalogueEntry | None,
) -> tuple[tuple[str, str], ...]:
    owner, _slash, _name = found.name.partition("/")
    licence = found.licence or _("not named")
    if known is not None:
        licence = _("{what}: {reason}").format(what=known.licence.name, reason=known.licence.limits)
    facts = [(_("Uploaded by"), owner), (_("Licence"), licence)]
    if found.architecture:
        facts.append((_("Kind"), found.architecture))
    if found.context:
        facts.append((_("Longest context"), _("{count:,} tokens").format(count=found.context)))
    if estimate is not None:
        facts.append((_("Disk"), entry_details.disk_words(estimate.weights, computer.disk_free)))
        if estimate.verdict is not Fit.UNKNOWN:
            facts.append((_("Memory"), entry_details.memory_words(estimate)))
            facts.append((_("Speed"), computer.speed.words(estimate)))
    if look is not None and look.listing.projector is not None:
        facts.append((_("Pictures"), _("its projector is fetched with it")))
    if look is not None and look.listing.draft is not None:
        facts.append((_("Draft model"), _("lies beside it; not fetched, none is needed here")))
    facts.append((_("Downloads"), f"{found.downloads:,}"))
    if found.updated:
        facts.append((_("Changed"), found.updated))
    return tuple(facts)


def _notes(
    found: FoundRepository, look: Look | None, known: CatalogueEntry | None
) -> tuple[str, ...]:
    notes = [said_again(one) for one in look.prospect.notes] if look is not None else []
    if known is not None and known.runs is not Runs.YES:
        notes.append(known.reason)
    if known is not None and known.superseded_by:
        notes.append(_("There is a newer one: {name}.").format(name=known.superseded_by))
    if found.gated:
        notes.append(
            _(
                "Its owner lets only those download it who agreed to the terms: agree on the "
                "model's page at the Hub, make a token of your account there, and store it with "
                "“Token…”. The token lies in the system's keyring and goes to the Hub alone."
            )
        )
    if known is None:
        notes.append(_("Anybody can upload under any name. Who made a model stands on its page."))
    return tuple(notes)


def _choices(look: Look | None) -> tuple[Choice, ...]:
    return entry_details.offer_choices(look.listing) if look is not None else ()


def _actions(found: FoundRepository, look: Look | None, *, busy: bool) -> tuple[Action, ...]:
    if busy:
        return (Action(LOOK, _("Asking…"), enabled=False),)
    if look is None:
        return (Action(LOOK, _("Look at its files"), primary=not found.problem),)
    usable = look.prospect.loads
    return (Action(GET, _("Get"), primary=True, enabled=usable),)
