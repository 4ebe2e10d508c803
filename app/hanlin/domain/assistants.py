"""What an assistant is: a name and instructions that a model answers by; and its file.

An assistant's file may come from anybody, so everything in it is bounded and what is
unknown is left out. Which assistants there are is the store's and the services' business.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Final

from hanlin.domain.generation import Sampling
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _

FORMAT: Final = "hanlin-assistants"
VERSION: Final = 1
LARGEST_FILE: Final = 1_000_000
"""Bytes."""
LANGUAGES: Final = ("", "zh_CN", "zh_TW", "en")
"""What an answer may be held to; "" is whatever the model chooses."""
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "temperature": (0.0, 2.0),
    "top_p": (0.0, 1.0),
    "min_p": (0.0, 1.0),
    "repeat_penalty": (0.5, 2.0),
    "presence_penalty": (-2.0, 2.0),
}
_MOST: Final = 200
_LONGEST: Final = {
    "id": 64,
    "name": 60,
    "picture": 16,
    "about": 300,
    "prompt": 20_000,
    "model": 200,
}
_MOST_STARTERS: Final = 8
_LONGEST_STARTER: Final = 300


@dataclass(frozen=True, slots=True)
class Assistant:
    """Instructions with a name. ``sampling`` names only what is chosen."""

    id: str
    name: str
    picture: str = ""
    """One emoji, or a character."""
    about: str = ""
    prompt: str = ""
    model: str = ""
    """The id of the model to answer with, "" for whichever is loaded."""
    language: str = ""
    sampling: tuple[tuple[str, float], ...] = ()
    starters: tuple[str, ...] = ()
    """First questions to choose from."""

    def over(self, sampling: Sampling) -> Sampling:
        """Return ``sampling`` with the assistant's own choices."""
        known = {field.name for field in fields(Sampling)}
        return replace(sampling, **{key: value for key, value in self.sampling if key in known})  # type: ignore[arg-type]  # all are numbers


def to_json(assistant: Assistant) -> dict[str, object]:
    """Return the assistant as it stands in a file."""
    return {**asdict(assistant), "sampling": dict(assistant.sampling)}


def from_json(value: object) -> Assistant | None:
    """Return the assistant that ``value`` describes, None when it is none."""
    if not isinstance(value, dict):
        return None
    texts = {key: _text(value.get(key), most) for key, most in _LONGEST.items()}
    if not texts["name"] or not texts["id"]:
        return None
    chosen = value.get("sampling")
    starters = value.get("starters")
    language = value.get("language")
    return Assistant(
        **texts,
        language=language if language in LANGUAGES else "",
        sampling=tuple(_numbers(chosen)) if isinstance(chosen, dict) else (),
        starters=tuple(
            text
            for one in (starters[:_MOST_STARTERS] if isinstance(starters, list) else ())
            if (text := _text(one, _LONGEST_STARTER))
        ),
    )


def to_file(assistants: "list[Assistant]") -> str:
    """Return the content of a file with ``assistants``."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "assistants": [to_json(assistant) for assistant in assistants],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def from_file(content: bytes) -> list[Assistant]:
    """Return the assistants in a file's ``content``; raises KnownError when there are none."""
    try:
        value = json.loads(content.decode("utf-8-sig")) if len(content) <= LARGEST_FILE else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _no_assistants()
    version = value.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise KnownError(
            _("The assistants are from a newer version"),
            _("A newer version of this program wrote the file."),
            _("Install the newest version and import it there."),
        )
    listed = value.get("assistants")
    read = [from_json(one) for one in (listed[:_MOST] if isinstance(listed, list) else ())]
    found = [one for one in read if one is not None]
    if not found:
        raise _no_assistants()
    return found


def _no_assistants() -> KnownError:
    return KnownError(
        _("This is no file with assistants"),
        _("It is not written as this program writes assistants."),
        _("Export one here to see what such a file looks like."),
    )


def _text(value: object, most: int) -> str:
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode()[:most].replace("\0", "").strip()


def _numbers(chosen: dict[object, object]) -> "list[tuple[str, float]]":
    found = []
    for key, (low, high) in RANGES.items():
        value = chosen.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            found.append((key, float(value)))
    return found
