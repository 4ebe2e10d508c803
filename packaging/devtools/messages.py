"""The texts a person sees: collected from the sources, compared with the translations, compiled.

Runs inside .venv, because it needs Babel. ``dev.py messages`` runs it as a
module, the tests import it. Translating is work for people and not done here.
"""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import Final

import opencc
from babel.messages import extract, mofile, pofile
from babel.messages.catalog import Catalog, Message

from devtools.places import ROOT, SOURCE_ROOTS

LOCALE: Final = ROOT / "resources/hanlin_resources/locale"
LANGUAGES: Final = ("zh_CN", "zh_TW")
"""The languages there are translations for; English is what the sources say.

The second is made from the first by OpenCC, with Taiwan's words, and by the corrections
beside it. The first stands first here: it is read for the second."""
_MADE: Final = {"zh_TW": "zh_CN"}
_CORRECTIONS: Final = "corrections.json"
_KEYWORDS: Final = {"_": None, "ngettext": (1, 2)}
# A clock in the header would change the file at every run.
_NO_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)


def template() -> Catalog:
    """Return every text to translate that the sources hold, sorted by file."""
    catalog = new_catalog(None)
    for source in _sources():
        name = source.relative_to(ROOT).as_posix()
        with source.open("rb") as file:
            found = extract.extract("python", file, keywords=_KEYWORDS, comment_tags=["i18n:"])
            for _line, text, comments, context in found:
                catalog.add(text, None, [(name, 0)], auto_comments=comments, context=context)
    return catalog


def read(po: Path) -> Catalog:
    """Return the translations in the file ``po``."""
    with po.open("rb") as file:
        return pofile.read_po(file, locale=po.parents[1].name)


def compiled(catalog: Catalog) -> bytes:
    """Return the translations as the program reads them, a .mo file."""
    buffer = io.BytesIO()
    mofile.write_mo(buffer, catalog)
    return buffer.getvalue()


def faults(catalog: Catalog) -> list[str]:
    """Return what keeps ``catalog`` from being complete, in words; nothing when it is."""
    wanted = {_key(message): message for message in template() if message.id}
    present = {_key(message): message for message in catalog if message.id}
    found = [f"not in the file: {key[1]!r}" for key in wanted.keys() - present.keys()]
    found += [f"no longer in the sources: {key[1]!r}" for key in present.keys() - wanted.keys()]
    for key, message in present.items():
        if not all(_texts(message)):
            found.append(f"not translated: {key[1]!r}")
        elif message.fuzzy:
            found.append(f"marked as uncertain: {key[1]!r}")
        elif any(
            _placeholders(text) != _placeholders(_longest(message)) for text in _texts(message)
        ):
            found.append(f"other placeholders: {key[1]!r}")
    return sorted(found)


def update(po: Path) -> int:
    """Bring ``po`` up to the sources and compile it; return how many texts lack a translation."""
    language = po.parents[1].name
    catalog = read(po) if po.exists() else new_catalog(language)
    catalog.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    if language in _MADE:
        make(catalog, read(po.parents[2] / _MADE[language] / "LC_MESSAGES" / po.name))
    po.parent.mkdir(parents=True, exist_ok=True)
    with po.open("wb") as file:
        pofile.write_po(file, catalog, include_lineno=False, sort_by_file=True, width=100)
    po.with_suffix(".mo").write_bytes(compiled(catalog))
    return sum(not all(_texts(message)) for message in catalog if message.id)


def make(catalog: Catalog, source: Catalog) -> None:
    """Fill the traditional ``catalog`` from the simplified ``source``."""
    corrections = json.loads((LOCALE / "zh_TW" / _CORRECTIONS).read_text(encoding="utf-8"))
    convert = opencc.OpenCC("s2twp").convert

    def traditional(text: str) -> str:
        made = str(convert(text))
        for wrong, right in corrections["words"].items():
            made = made.replace(wrong, right)
        return made

    for message in catalog:
        if not message.id:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        there = source.get(name, message.context)
        texts = _texts(there) if there is not None else ("",)
        made = tuple(corrections["texts"].get(name) or traditional(text) for text in texts)
        message.string = made[0] if isinstance(message.id, str) else made


def new_catalog(language: str | None) -> Catalog:
    """Return translations without an entry, for ``language`` (None: a template)."""
    return Catalog(
        locale=language,
        project="Hanlin",
        charset="utf-8",
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
        last_translator="Hanlin",
        language_team="Hanlin",
        fuzzy=False,
    )


def _sources() -> Iterator[Path]:
    for root in SOURCE_ROOTS:
        for package in sorted(root.glob("hanlin*")):
            yield from sorted(package.rglob("*.py"))


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def _longest(message: Message) -> str:
    """Return the text, or its plural: the form that names everything."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def _placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def _texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


if __name__ == "__main__":
    for file in (LOCALE / f"{language}/LC_MESSAGES/hanlin.po" for language in LANGUAGES):
        lacking = update(file)
        print(f"{file.relative_to(ROOT)}: {lacking} texts lack a translation")
