"""What a model is shown of the chosen files, and remembering it, so that changes can be checked.

Belongs to one window; methods may be called from its background thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.services import coding
from hanlin.services.coding import Piece
from hanlin.services.workspace import lines
from hanlin.services.workspace.changes import Shown
from hanlin.services.workspace.files import Folder, OutsideError, SourceFile
from hanlin.services.workspace.languages import language_of

SMALL: Final = 6_000
"""Characters up to which a model writes one file anew instead of naming the places."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of a file, from ``first`` to ``last``, counted from 0."""

    first: int
    last: int


@dataclass(slots=True)
class Told:
    """What a conversation was shown, and whether a bare block stands for the one file."""

    shown: dict[str, Shown] = field(default_factory=dict)
    bare: bool = False


def question(
    wish: str,
    folder: Folder,
    chosen: Mapping[str, Sequence[Part]],
    told: Told,
    *,
    edits: bool,
) -> str:
    """Return ``wish`` with what is chosen of the files; ``told`` is brought up to date.

    What the conversation was shown already, and is still so, is only named. ``edits``: changes
    are wanted. Raises KnownError when a file cannot be read.
    """
    pieces: list[Piece] = []
    known: list[str] = []
    for path, parts in chosen.items():
        file = _read(folder, path)
        part = _cut(file, parts)
        shown = Shown(file.fingerprint, part)
        if told.shown.get(path) == shown:
            known.append(path)
        else:
            pieces.append(Piece(path, part or _plain(file), language_of(path)))
        told.shown[path] = shown
    size = sum(len(piece.text) for piece in pieces)
    single = len(chosen) == len(told.shown) == 1 and not any(parts[1:] for parts in chosen.values())
    told.bare = edits and single and size <= SMALL
    return coding.request_files(wish, pieces, known, blocks=edits and not told.bare)


def _read(folder: Folder, path: str) -> SourceFile:
    title = _("The file cannot be read")
    try:
        file = folder.read(path)
    except OutsideError as error:
        raise KnownError(title, str(error), _("Choose other files.")) from error
    if file.is_binary:
        sentence = _("{path} is no file with text.").format(path=path)
        raise KnownError(title, sentence, _("Choose other files."))
    return file


def _cut(file: SourceFile, parts: Sequence[Part]) -> str:
    """Return the lines of ``parts``, "" for all of the file."""
    there = lines.split(_plain(file))
    pieces = [lines.join(there[part.first : part.last + 1]) for part in parts]
    return "\n".join(pieces)


def _plain(file: SourceFile) -> str:
    return file.text.replace("\r\n", "\n")
