"""What an answer makes of the files it was shown: proposed, applied on a click, undone.

A change is made of the very bytes that the model was shown. A file that is another by now is
refused by name, and so is whatever does not fit; nothing is written before all of it is checked.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _, ngettext
from hanlin.services.workspace import answers, lines
from hanlin.services.workspace.answers import Act, Wish
from hanlin.services.workspace.files import Folder, OutsideError, SourceFile
from hanlin.services.workspace.lines import Hunk, NoPlaceError

_COMMENT: Final = r"^\s*(?:#|//|--|/\*|<!--|;|%|\*|\{/\*)\s*"
_LEFT_OUT: Final = re.compile(
    rf"{_COMMENT}(?:\.{{3}}|…)[^\n]{{0,60}}$|^\s*(?:\.{{3}}|…)[ （(\[][ \w]{{3,60}}"
    rf"|{_COMMENT}[^\n]{{0,20}}(?:rest of|remaining|existing|unchanged|其余|剩余|省略|不变)"
    r"[^\n]{0,30}(?:code|file|代码|部分|\.{3}|…)",
    re.IGNORECASE | re.MULTILINE,
)
_TICKED: Final = re.compile(r"`([^`\n]{1,250})`")
"""What may be the name of a file that does not look like code."""
_MOST_LOST: Final = 0.6
"""Share of a file's lines that an answer with the whole file may lose."""
_SMALL: Final = 12
"""Lines up to which a file may be rewritten altogether."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a model was shown of a file: its hash then, and the part when it was not all."""

    fingerprint: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it was read and as it would be. ``before`` None is a new file."""

    path: str
    before: SourceFile | None
    after: bytes

    @property
    def old_text(self) -> str:
        """The text before."""
        return self.before.text if self.before else ""

    @property
    def new_text(self) -> str:
        """The text afterwards."""
        return self.after.decode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that is left alone. ``reason`` is a sentence that names it."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an answer would change, and what of it is refused."""

    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What was written, so that it can be taken back."""

    changes: tuple[Change, ...]
    folders: tuple[Path, ...]
    """Folders that were made, the outer ones first."""


class _RefusedError(Exception):
    """This file is not changed; the text says why."""


def propose(
    answer: str, folder: Folder, shown: Mapping[str, Shown], *, bare: bool = False
) -> Proposal:
    """Return what ``answer`` would change in ``folder``; writes nothing.

    ``shown`` is what the model was shown, by path. ``bare``: a block of code without a name
    stands for the one file that was shown, because that was asked for.
    """
    named = {name for name in set(_TICKED.findall(answer)) if _is_there(folder, name)}
    wishes = answers.read(answer, {*shown, *named})
    gathered: dict[str, list[Wish]] = {}
    nameless = [wish for wish in wishes if wish.act is Act.WHOLE and not wish.name]
    for wish in wishes:
        if wish.act is Act.WHOLE and not wish.name:
            continue
        gathered.setdefault(_resolve(wish.name, folder, shown), []).append(wish)
    if not gathered and bare and len(shown) == 1 and nameless:
        # The longest block is the code; others are examples of how to call it.
        gathered[next(iter(shown))] = [max(nameless, key=lambda wish: len(wish.text))]
    changes: list[Change] = []
    refusals: list[Refusal] = []
    for path, asked in gathered.items():
        try:
            change = _Making(folder, shown).make(path, asked)
        except (_RefusedError, OutsideError) as error:
            refusals.append(Refusal(path, str(error)))
        else:
            if change is not None:
                changes.append(change)
    return Proposal(tuple(changes), tuple(refusals))


def apply(folder: Folder, changes: Sequence[Change]) -> Applied:
    """Write ``changes``. Raises KnownError, and then nothing is changed.

    Every file is looked at once more before the first is written.
    """
    for change in changes:
        _check(folder, change.path, change.before.data if change.before else None)
    done: list[Change] = []
    made: list[Path] = []
    try:
        for change in changes:
            mode = change.before.mode if change.before else None
            made += folder.write(change.path, change.after, mode)
            done.append(change)
    except KnownError:
        _take_back(folder, done, made)
        raise
    return Applied(tuple(changes), tuple(made))


def undo(folder: Folder, applied: Applied) -> None:
    """Bring back every byte. Raises KnownError, and writes nothing, if a file was changed since."""
    for change in applied.changes:
        _check(folder, change.path, change.after)
    _take_back(folder, applied.changes, applied.folders)


def summary(count: int) -> str:
    """Return the sentence that says how many files an answer changes."""
    return ngettext(
        "This answer changes {count} file.", "This answer changes {count} files.", count
    ).format(count=count)


def _take_back(folder: Folder, changes: Iterable[Change], made: Iterable[Path]) -> None:
    for change in changes:
        if change.before is None:
            folder.remove(change.path)
        else:
            folder.write(change.path, change.before.data, change.before.mode)
    folder.remove_folders(list(made))


def _check(folder: Folder, path: str, data: bytes | None) -> None:
    """Raise KnownError unless ``path`` has these bytes, or is not there for None."""
    try:
        there = folder.read(path).data if folder.exists(path) else None
    except OutsideError as error:
        raise KnownError(_("Nothing was written"), str(error)) from error
    if there != data:
        raise KnownError(_("Nothing was written"), _changed(path), _("Ask again about it."))


def _changed(path: str) -> str:
    return _("{path} was changed in the meantime.").format(path=path)


def _resolve(name: str, folder: Folder, shown: Mapping[str, Shown]) -> str:
    """Return the path that the model means; a name it wrote shorter or longer is found."""
    plain = unicodedata.normalize("NFC", name.replace("\\", "/").removeprefix("./"))
    by_form = {unicodedata.normalize("NFC", path): path for path in shown}
    if not plain and len(shown) == 1:
        return next(iter(shown))
    if plain in by_form:
        return by_form[plain]
    near = [
        path
        for form, path in by_form.items()
        if form.endswith(f"/{plain}") or plain.endswith(f"/{form}")
    ]
    if len(near) == 1 and not _is_there(folder, plain):
        return near[0]
    return plain


def _is_there(folder: Folder, path: str) -> bool:
    try:
        return folder.exists(path)
    except (OutsideError, OSError):
        return False


class _Making:
    """Makes the change of one file."""

    def __init__(self, folder: Folder, shown: Mapping[str, Shown]) -> None:
        self._folder = folder
        self._shown = shown

    def make(self, path: str, wishes: Sequence[Wish]) -> Change | None:
        """Return the change, None when all stays as it is. Raises _RefusedError, OutsideError."""
        if not path:
            raise _RefusedError(_("A change does not say which file it is for."))
        for wish in wishes:
            if wish.act in _SENTENCES:
                raise _RefusedError(_SENTENCES[wish.act]().format(path=path))
        if not self._folder.exists(path):
            return self._make_new(path, wishes)
        file = self._folder.read(path)
        was = self._shown.get(path)
        if was is None:
            raise _RefusedError(
                _("{path} was not shown to the model. Choose it and ask again.").format(path=path)
            )
        if file.is_binary:
            raise _RefusedError(_("{path} is no file with text.").format(path=path))
        if not file.is_utf8:
            raise _RefusedError(
                _("{path} is not written in UTF-8; it can be read, but not changed.").format(
                    path=path
                )
            )
        if file.fingerprint != was.fingerprint:
            raise _RefusedError(_changed(path))
        after = file.with_text(self._rewritten(path, file, wishes, was))
        return None if after == file.data else Change(path, file, after)

    def _make_new(self, path: str, wishes: Sequence[Wish]) -> Change:
        if path in self._shown:
            raise _RefusedError(_("{path} is not there any more.").format(path=path))
        wish = wishes[0]
        if len(wishes) > 1 or not (wish.act is Act.WHOLE or wish.new_file):
            raise _RefusedError(_("There is no {path} in the open folder.").format(path=path))
        if wish.act is Act.WHOLE:
            return Change(path, None, wish.text.encode())
        text = "\n".join(wish.hunks[0].new) if wish.hunks else ""
        bare = not wish.hunks or bool(wish.hunks[0].new_bare)
        return Change(path, None, (text if bare else f"{text}\n").encode())

    def _rewritten(self, path: str, file: SourceFile, wishes: Sequence[Wish], was: Shown) -> str:
        text = file.text
        there = lines.split(text)
        whole = [wish for wish in wishes if wish.act is Act.WHOLE]
        if not whole:
            return self._placed(path, there, [hunk for wish in wishes for hunk in wish.hunks])
        if len(wishes) > 1:
            raise _RefusedError(_("The answer changes {path} twice.").format(path=path))
        new = whole[0].text
        if _LEFT_OUT.search(new) and not _LEFT_OUT.search(was.part or text):
            raise _RefusedError(_("The answer leaves out parts of {path}.").format(path=path))
        if was.part:
            part = tuple(line.text for line in lines.split(was.part))
            made = tuple(line.text for line in lines.split(new))
            return self._placed(path, there, [Hunk(part, made)])
        if "```" in text:
            raise _RefusedError(
                _(
                    "{path} has blocks of its own, so where it ends in the answer is unclear."
                ).format(path=path)
            )
        kept = {line.text.strip() for line in lines.split(new)}
        lost = sum(line.text.strip() not in kept for line in there)
        if len(there) > _SMALL and lost > _MOST_LOST * len(there):
            raise _RefusedError(_("The answer shows only a part of {path}.").format(path=path))
        return lines.join(lines.rewrite(there, new))

    def _placed(self, path: str, there: Sequence[lines.Line], hunks: Sequence[Hunk]) -> str:
        try:
            return lines.join(lines.apply(there, hunks))
        except NoPlaceError as error:
            sentence = (
                _("A change fits several places in {path}.")
                if error.several
                else _("A change does not fit {path}.")
            )
            raise _RefusedError(sentence.format(path=path)) from error


_SENTENCES: Final = {
    Act.REMOVE: lambda: _("The answer deletes {path}; that is left to you."),
    Act.RENAME: lambda: _("The answer renames {path}; that is left to you."),
    Act.BINARY: lambda: _("{path} is no file with text."),
    Act.UNCLEAR: lambda: _("It is unclear what the answer changes in {path}."),
}
