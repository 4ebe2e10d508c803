"""Translated sentences as one text again, with the white space that their language has."""

from collections.abc import Iterator, Sequence

from hanlin.domain.languages import LANGUAGES
from hanlin.domain.translation import Sentence, Translation


def is_spaced(language: str) -> bool:
    """Tell whether a language has spaces between words; one that is not known has."""
    return LANGUAGES[language].spaced if language in LANGUAGES else True


def assembled(done: Sequence[tuple[Sentence, Translation]], target: str) -> str:
    """Return the translated text: spaces between sentences where ``target`` has them."""
    return "".join(
        before + translation.target + after
        for (_, translation), (before, after) in zip(done, gaps(done, target), strict=True)
    )


def gaps(done: Sequence[tuple[Sentence, Translation]], target: str) -> Iterator[tuple[str, str]]:
    """Yield the white space before and after each translated sentence."""
    spaced = is_spaced(target)
    last = len(done) - 1
    for number, (sentence, translation) in enumerate(done):
        after = sentence.after
        if spaced and not after and number < last and translation.target:
            after = " "
        elif not spaced and after == " " and not translation.target[-1:].isascii():
            after = ""
        yield sentence.before, after
