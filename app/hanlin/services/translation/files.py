"""Files into another language: their texts, sentence by sentence, into a new file."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from hanlin.documents.client import DocumentClient
from hanlin.domain.translation import Origin, Sentence, Translation
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.files import write_atomically
from hanlin.kernel.i18n import _
from hanlin.services.translation import styles
from hanlin.services.translation.assembling import assembled
from hanlin.services.translation.consistency import Consistency
from hanlin.services.translation.segmenting import sentences
from hanlin.services.translation.translator import Translator, Wish

_SAMPLE: Final = 4_000
_BACKGROUND: Final = 3
_READ_AND_WRITE: Final = 0o666
_OWNERS: Final = 0o600


@dataclass(frozen=True, slots=True)
class FileOrder:
    """What is to be translated. ``name`` tells the format by its ending."""

    name: str
    content: bytes
    wish: Wish
    bilingual: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A translated file. ``joined`` styled passages of it look like the words around them."""

    content: bytes
    joined: int = 0


class Journal(Protocol):
    """What of a file is done already, so that nothing is done twice after a crash."""

    def done(self) -> Mapping[tuple[int, int], str]:
        """Return the finished sentences, by unit and place."""
        ...

    def keep(self, unit: int, place: int, translation: Translation) -> None:
        """Keep a finished sentence, durably."""
        ...


class _NoJournal:
    """For a command, which begins anew."""

    def done(self) -> Mapping[tuple[int, int], str]:
        return {}

    def keep(self, unit: int, place: int, translation: Translation) -> None:
        del unit, place, translation


class FileTranslator:
    """Translates files; blocks the thread it is called on."""

    def __init__(self, documents: DocumentClient) -> None:
        self._documents = documents

    def sample(self, name: str, content: bytes) -> str:
        """Return enough of a file's text to tell its language. Raises KnownError."""
        found: list[str] = []
        for text in self._documents.texts(name, content):
            found.append(text)
            if sum(map(len, found)) > _SAMPLE:
                break
        if not any(text.strip() for text in found):
            raise KnownError(
                _("There is nothing to translate"),
                _("{name} has no text.").format(name=name),
                _("Choose another file."),
            )
        return "\n".join(found)

    def count(self, name: str, content: bytes, translator: Translator) -> int:
        """Return how many sentences a file has. Raises KnownError."""
        texts = self._documents.texts(name, content)
        return sum(len(sentences(text, translator.longest)) for text in texts)

    def translate(
        self,
        order: FileOrder,
        translator: Translator,
        *,
        told: Callable[[Translation], object] = lambda _one: None,
        progress: Callable[[int, int], object] = lambda _done, _total: None,
        before: Callable[[], object] = lambda: None,
        journal: Journal | None = None,
    ) -> Made:
        """Return the translated file. ``before`` each sentence may wait, or raise to stop."""
        journal = journal or _NoJournal()
        texts = self._documents.texts(order.name, order.content)
        units = [styles.closed(sentences(text, translator.longest)) for text in texts]
        total = sum(len(unit) for unit in units)
        kept = journal.done()
        said: list[str] = []
        found = Consistency(order.wish.direction)
        targets: list[str | None] = []
        count = joined = 0
        for number, unit in enumerate(units):
            done: list[tuple[Sentence, Translation]] = []
            for place, sentence in enumerate(unit):
                known = kept.get((number, place))
                if known is not None:
                    one = Translation(sentence.text, known, Origin.MEMORY)
                else:
                    before()
                    one = translator.sentence(
                        sentence.text,
                        order.wish,
                        " ".join(said[-_BACKGROUND:]),
                        found.suggestions(sentence.text),
                    )
                    journal.keep(number, place, one)
                if not one.problems:
                    found.learn(one.source, one.target)
                told(one)
                joined += styles.joined(sentence.text, one.target)
                said.append(sentence.text)
                done.append((sentence, one))
                count += 1
                progress(count, total)
            targets.append(assembled(done, order.wish.direction.target))
        content = self._documents.build(
            order.name,
            order.content,
            targets,
            bilingual=order.bilingual,
            language=order.wish.direction.target,
        )
        # Beside its source, whose styles stay, a translation has one style alone.
        return Made(content, 0 if order.bilingual else joined)

    def write(self, path: Path, content: bytes, source: Path) -> None:
        """Write the new file, whole or not at all, for those who may read its source.

        Raises KnownError.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content, _mode_like(source))
        except OSError as error:
            raise from_os_error(error, str(path)) from error


def _mode_like(source: Path) -> int:
    """Return who may read what ``source`` becomes; its owner alone where it is gone."""
    with contextlib.suppress(OSError):
        return source.stat().st_mode & _READ_AND_WRITE | _OWNERS
    return _OWNERS


def output_path(source: Path, language: str, folder: Path | None = None) -> Path:
    """Return a free name for the translation of ``source``: report.docx → report.en.docx.

    A PDF becomes a Word document: its layout does not survive other words.
    """
    folder = folder or source.parent
    suffix = ".docx" if source.suffix.lower() == ".pdf" else source.suffix
    path = folder / f"{source.stem}.{language}{suffix}"
    number = 2
    while path.exists():
        path = folder / f"{source.stem}.{language}.{number}{suffix}"
        number += 1
    return path
