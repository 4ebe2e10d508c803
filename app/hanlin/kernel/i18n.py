"""The interface's language, for window and command line alike.

Messages are written in English in the code and looked up through gettext at
the moment they are shown, so the language can change while the program runs.
What does not belong here: the language a *model* answers in.
"""

import gettext
import locale
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

_TRADITIONAL: Final = ("tw", "hk", "mo", "hant", "taiwan", "hong kong", "macao", "traditional")
DOMAIN: Final = "hanlin"
LANGUAGES: Final = ("zh_CN", "zh_TW", "en")

_STRAIGHT: Final = str.maketrans("‘’“”", "''\"\"")


class _English(gettext.NullTranslations):
    """The messages of the code, with straight quotation marks.

    Chinese fonts, which the window draws with, give the curly ones the width of a Chinese
    character: Hanlin’ s. Terminals that know no Unicode are helped, too.
    """

    def gettext(self, message: str) -> str:
        return super().gettext(message).translate(_STRAIGHT)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return super().ngettext(msgid1, msgid2, n).translate(_STRAIGHT)


_translations: gettext.NullTranslations = _English()
_language: str = "en"


class Said(str):
    """A text that can be said once more, in the language of that moment.

    For what stays on screen while the language changes and was put together elsewhere. What
    ``_`` and ``ngettext`` return is one, and so is what ``format`` and ``join`` make of it. An
    f-string and ``+`` lose it: see :func:`joined`.
    """

    __slots__ = ("_words",)
    _words: Callable[[], str]

    def __new__(cls, words: Callable[[], str]) -> "Said":
        """Say what ``words`` returns now."""
        text = super().__new__(cls, words())
        text._words = words
        return text

    def format(self, *values: object, **named: object) -> "Said":
        """Fill in the values; those that can be said again are, with the text."""
        words = self._words
        return Said(
            lambda: words().format(
                *map(_again, values), **{name: _again(value) for name, value in named.items()}
            )
        )

    def join(self, texts: Iterable[str]) -> "Said":
        """Put the text between ``texts``, as :func:`joined` does."""
        return joined(self, texts)

    def again(self) -> "Said":
        """Return the text in the interface's language of now."""
        return Said(self._words)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Let a copy be only a text."""
        return str, (str(self),)


def _(message: str) -> str:
    """Return ``message`` in the interface's language."""
    return Said(lambda: _translations.gettext(message)) if message else ""


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form of the message that fits ``number``."""
    return Said(lambda: _translations.ngettext(singular, plural, number))


def joined(between: str, texts: Iterable[str]) -> Said:
    """Return ``texts`` as one, ``between`` between them; what can be said again is, with it."""
    parts = tuple(texts)
    return Said(lambda: str.join(said_again(between), map(said_again, parts)))


def said_again(text: str) -> str:
    """Return ``text`` in the interface's language of now, if it knows how."""
    return text.again() if isinstance(text, Said) else text


def _again(value: object) -> object:
    return value.again() if isinstance(value, Said) else value


def install(catalogues: Path, language: str) -> None:
    """Use ``language`` (one of LANGUAGES) from the gettext folder ``catalogues``.

    English needs no catalogue: the messages in the code are English.
    """
    global _translations, _language  # noqa: PLW0603 - gettext is process-wide by nature
    if language not in LANGUAGES:
        language = "en"
    _language = language
    if language == "en":
        _translations = _English()
    else:
        _translations = gettext.translation(DOMAIN, catalogues, [language], fallback=True)


def current_language() -> str:
    """Return the language in use, one of LANGUAGES."""
    return _language


def in_language(texts: Mapping[str, str]) -> str:
    """Return the one of ``texts`` for the interface's language, "" if there is none.

    Their keys are LANGUAGES, ``zh`` for what has no own.
    """
    return texts.get(_language) or texts.get(_language.partition("_")[0], "")


def system_language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the entry of LANGUAGES that fits the system."""
    named = next(
        (environment[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(key)),
        "",
    )
    if not named:  # Windows and macOS set no such variable
        named = locale.getlocale()[0] or ""
    name = named.lower()
    if not name.startswith(("zh", "chinese")):
        return "en"
    return "zh_TW" if any(place in name for place in _TRADITIONAL) else "zh_CN"
