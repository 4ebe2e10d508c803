"""Looking for models at the Hub: search, what a repository holds, what a file says of itself.

Every call is one click, starts one fetcher, blocks for seconds, and belongs on a thread
that nobody waits for. Nothing is downloaded here but lists and headers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from hanlin.domain.downloads import Wanted, WantedFile
from hanlin.domain.hub import FoundRepository, ListedFile, Listing, Offer
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin_models import architectures, names
from hanlin_models.answered import objects, whole
from hanlin_models.fetching import Fetching
from hanlin_models.gguf import Fact, GgufInfo, Header
from hanlin_models.orders import Source
from hanlin_models.sources import folders_of

_SECONDS: Final = 90.0
_MOST: Final = 50
_BALANCED: Final = ("Q4_K_M", "UD-Q4_K_XL", "Q4_K_S", "Q4_0", "IQ4_XS", "Q5_K_M", "Q8_0")


class HubSearch:
    """Asks the hubs. Methods may be called from any thread and raise KnownError."""

    def __init__(self, fetching: Fetching, sources: Callable[[], tuple[Source, ...]]) -> None:
        self._fetching = fetching
        self._sources = sources

    def search(
        self, words: str, author: str = "", most: int = _MOST, order: str = ""
    ) -> list[FoundRepository]:
        """Return GGUF repositories that match, most downloaded first.

        ``order`` is another first: ``likes``, or ``updated`` for the newest. Chinese names of
        families are looked for under those that the Hub knows.
        """
        words = names.for_the_hub(words)
        asked = {"words": words, "author": author, "most": most, "order": order}
        job = {"job": "search", **asked, **self._where()}
        answer = self._fetching.ask(job, f"search {words}", words or author, _SECONDS)
        return [_found(one) for one in objects(answer.get("found"))]

    def find(self, repository: str) -> list[FoundRepository]:
        """Return the one repository called so, with what is known without looking into it."""
        names.target(Path(), repository, "any")  # before anybody is asked
        found = self.search(repository.partition("/")[2], repository.partition("/")[0])
        exact = [one for one in found if one.name.casefold() == repository.casefold()]
        return exact or [_unseen(self.listing(repository))]

    def listing(self, repository: str, revision: str = "") -> Listing:
        """Return what a repository holds."""
        names.target(Path(), repository, "any")  # refuses names that lead elsewhere
        job = {"job": "files", "repository": repository, "revision": revision, **self._where()}
        answer = self._fetching.ask(job, f"list {repository}", repository, _SECONDS)
        files = [_listed(one) for one in objects(answer.get("files"))]
        return Listing(
            repository=repository,
            commit=str(answer.get("commit", "")),
            source=str(answer.get("source", "")),
            gated=answer.get("gated") is True,
            licence=str(answer.get("licence", "")),
            offers=tuple(names.offers(files)),
            projector=names.projector_for(files),
            draft=names.draft_for(files),
        )

    def header(self, listing: Listing, offer: Offer) -> Header:
        """Return what a model's first file says about itself, from its first bytes alone."""
        file = offer.files[0]
        job = {
            "job": "header",
            "repository": listing.repository,
            "revision": listing.commit,
            "name": file.name,
            "size": file.size,
            "sha256": file.sha256,
            **self._where(),
        }
        folders = folders_of(self._sources())
        purpose = f"look into {file.name}"
        answer = self._fetching.ask(job, purpose, file.name, _SECONDS, folders)
        return _header(answer)

    def _where(self) -> dict[str, object]:
        sources = self._sources()
        return {
            "sources": [
                {"name": one.name, "kind": str(one.kind), "address": one.address} for one in sources
            ]
        }


def wanted(listing: Listing, offer: Offer, *, projector: bool = True) -> Wanted:
    """Return what to fetch for an offer. Raises KnownError when a part of it is missing."""
    refuse_unusable([offer])
    files = [WantedFile(file.name, file.size, file.sha256) for file in offer.files]
    if projector and listing.projector is not None:
        eye = listing.projector
        files.append(WantedFile(eye.name, eye.size, eye.sha256))
    return Wanted(offer.label, listing.repository, tuple(files), listing.commit)


def choose(offers: Sequence[Offer], quantisation: str = "") -> Offer:
    """Return the offer packed as ``quantisation``, or the balanced one. Raises KnownError."""
    whole = [offer for offer in offers if offer.complete]
    for packing in [quantisation.upper()] if quantisation else _BALANCED:
        if found := next((offer for offer in whole if offer.quantisation == packing), None):
            return found
    if whole and not quantisation:
        return whole[len(whole) // 2]
    refuse_unusable(offers, quantisation)
    known = ", ".join(offer.quantisation or offer.label for offer in whole)
    raise KnownError(
        _("No such file"),
        _("The repository has no GGUF model packed as {packing}.").format(
            packing=quantisation or "Q4_K_M"
        ),
        _("It has: {packings}").format(packings=known),
    )


def refuse_unusable(offers: Sequence[Offer], quantisation: str = "") -> None:
    """Raise KnownError when there is no model at all, or none of those meant is whole."""
    meant = [one for one in offers if not quantisation or one.quantisation == quantisation.upper()]
    if offers and (not meant or any(one.complete for one in meant)):
        return
    if not offers:
        said = _("The repository holds no GGUF model.")
    elif any(file.size <= 0 for file in meant[0].files):
        said = _("{name} is empty in this repository (0 bytes).").format(name=meant[0].label)
    else:
        said = _("{name} lacks some of its parts in this repository.").format(name=meant[0].label)
    raise KnownError(_("This model cannot be fetched"), said, _("Choose another repository."))


def packing_words(quantisation: str) -> str:
    """Return in a word what a quantisation means for a person."""
    bare = quantisation.upper().removeprefix("UD-")
    if bare.startswith(("Q2", "IQ1", "IQ2", "TQ", "Q1")):
        return _("very small, clearly worse")
    if bare.startswith(("Q3", "IQ3")):
        return _("small, a little worse")
    if bare.startswith(("Q4", "IQ4", "MXFP4", "NVFP4")):
        return _("balanced")
    if bare.startswith(("Q5", "Q6", "Q8")):
        return _("large, hardly worse than the original")
    if bare in ("F16", "BF16", "F32"):
        return _("the original, very large")
    return ""


def _found(one: Mapping[str, Any]) -> FoundRepository:
    architecture = str(one.get("architecture", ""))
    problem = ""
    if architecture and architecture not in architectures.KNOWN:
        problem = architectures.unknown(architecture)
    context = one.get("context")
    return FoundRepository(
        name=str(one.get("repository", "")),
        downloads=whole(one.get("downloads")),
        likes=whole(one.get("likes")),
        gated=one.get("gated") is True,
        updated=str(one.get("updated", ""))[:10],
        licence=str(one.get("licence", "")),
        architecture=architecture,
        context=context if isinstance(context, int) else None,
        tags=tuple(str(tag) for tag in one.get("tags", [])),
        task=str(one.get("task", "")),
        billions=names.billions(str(one.get("repository", ""))),
        problem=problem,
    )


def _unseen(listing: Listing) -> FoundRepository:
    """Return what a list of files says of a repository that no search shows."""
    return FoundRepository(listing.repository, 0, 0, listing.gated, "", listing.licence, "", None)


def _listed(one: Mapping[str, Any]) -> ListedFile:
    sha256 = one.get("sha256")
    return ListedFile(
        str(one.get("name", "")),
        whole(one.get("size")),
        sha256 if isinstance(sha256, str) and sha256 else None,
    )


def _header(answer: Mapping[str, Any]) -> Header:
    """Return the header that the fetcher read; it is our own program, but not trusted more."""
    wished = {field.name for field in fields(GgufInfo)}
    info = GgufInfo(**{key: value for key, value in answer["info"].items() if key in wished})
    facts: dict[str, Fact] = dict(answer["facts"])
    return Header(info, facts)
