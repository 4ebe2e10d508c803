"""What the worker is told to load, and what it says it has loaded, in the program's own words.

When a model is loaded is the supervisor's decision, who asks for it the client's business.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hanlin.domain.models import USUAL_CONTEXT
from hanlin.domain.prompt import TemplateFacts
from hanlin.engine import files, messages
from hanlin.engine.base import LoadedModel, LoadOptions
from hanlin.engine.commands import Load
from hanlin.engine.events import ModelLoaded
from hanlin.engine.launching import TINY_BYTES, threads
from hanlin.engine.protocol import Code
from hanlin.kernel.errors import HanlinError

_MEDIA_SHARE: Final = 4
_LEAST_MEDIA, _MOST_MEDIA = 64, 1024
"""Tokens of a picture; the makers' own limits go up to 16,384."""
RELOAD: Final = 0
"""The number of a reload of our own, behind which no request stands."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model and how it is to be loaded: what the supervisor keeps the worker for."""

    path: Path
    options: LoadOptions


def load_command(number: int, wanted: Wanted, measured: int = 0) -> Load | HanlinError:
    """Return the command that loads what is wanted, or why the memory is too small for it.

    ``measured``: the threads that computed the same fastest before; not measured again then.
    """
    free = files.free_memory()
    size = files.size(wanted.path)
    options = wanted.options
    seen = files.size(options.projector) if options.projector else 0
    if options.backend is None and not files.fits(wanted.path, free):
        return messages.refused(Code.MEMORY, "", wanted.path)
    return Load(
        id=number,
        path=str(wanted.path.absolute()),
        context=options.context,
        gpu_layers=options.gpu_layers,
        threads=measured or threads(options.threads, size),
        free_memory=max(free - size - seen, 0),
        parts=tuple(str(part.absolute()) for part in files.parts(wanted.path)),
        backend=str(options.backend or ""),
        share=options.share,
        cache=options.cache,
        tune=options.tune and not measured and size >= TINY_BYTES,
        overrides=options.overrides,
        projector=str(options.projector.absolute()) if options.projector else "",
        media_tokens=_media_tokens(options.context),
    )


def _media_tokens(context: int) -> int:
    """Return what one picture may take: a quarter of the context, and never all detail."""
    return max(_LEAST_MEDIA, min(_MOST_MEDIA, context // _MEDIA_SHARE or _MOST_MEDIA))


def loaded_model(event: ModelLoaded, wanted: Wanted, template: TemplateFacts) -> LoadedModel:
    """Return what is known of the model that was loaded, and of its template."""
    projector = wanted.options.projector
    blind = ""
    if event.blind and projector is not None:
        blind = messages.projector_refused(projector, event.senses_refused)
    usual = min(wanted.options.context or USUAL_CONTEXT, event.trained_context or USUAL_CONTEXT)
    short = messages.short_context(event.context) if event.context < usual else ""
    return LoadedModel(
        path=wanted.path,
        architecture=event.architecture,
        name=event.name or wanted.path.stem,
        context=event.context,
        trained_context=event.trained_context,
        parameters=event.parameters,
        thinking_switch=template.thinking_switch,
        template_note=_notes(template.note, event.wrong_end, blind, short),
        device=event.device,
        tools=template.tools,
        efforts=template.efforts,
        sampling=event.sampling,
        longest_context=event.longest_context,
        layers=event.layers,
        gpu_layers=event.gpu_layers,
        threads=event.threads,
        fills=event.fills,
        sees=event.sees,
        hears=event.hears,
        rate=event.rate,
        senses_note=blind,
    )


def _notes(template_note: str, wrong_end: str, *others: str) -> str:
    ends = wrong_end and messages.wrong_end(wrong_end)
    return " ".join(filter(None, (template_note, ends, *others)))
