"""``hanlin --self-test``: does this installation work? Run on every build before it is given out.

Everything happens in a temporary data folder with no keyring; the person's own data
is neither read nor touched.
"""

import argparse
import io
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

import hanlin_resources
from hanlin import __version__
from hanlin.bootstrap import Application, open_application, open_documents
from hanlin.cli.output import Console
from hanlin.colours.client import ColourClient
from hanlin.documents.opener import OpenFile
from hanlin.domain.conversation import Role, Status
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.domain.models import Origin
from hanlin.domain.translation import Direction
from hanlin.engine.base import Finished, LoadOptions
from hanlin.engine.describing import describe
from hanlin.formulas.client import FormulaClient
from hanlin.kernel import paths
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import LANGUAGES
from hanlin.services.asking import answer, load
from hanlin.services.translation.converting import converted
from hanlin.snippets import client as snippets
from hanlin.symbols.client import SymbolClient

MAX_TOKENS = 64
_SIDE = 32
_RATE = 8000
_PAGE = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
"""


class _FailedCheckError(Exception):
    """A check found something missing."""


def run(_arguments: argparse.Namespace, console: Console) -> int:
    """Run every check, print one line for each, return 1 when one failed."""
    console.line(f"hanlin {__version__}")
    failed = 0
    with (
        tempfile.TemporaryDirectory(prefix="hanlin-self-test-") as folder,
        open_application(paths.under(Path(folder)), find_keyring=lambda: None) as app,
    ):
        for name, check in _CHECKS.items():
            try:
                found = check(app)
            except (_FailedCheckError, HanlinError, OSError) as error:
                failed += 1
                console.line(f"FAILED  {name}: {error}")
            else:
                console.line(f"ok      {name}: {found}")
    return 1 if failed else 0


def _resources(_app: Application) -> str:
    for name in ("locale", "icons", "starter"):
        if not hanlin_resources.folder(name).is_dir():
            raise _FailedCheckError(name)
    for language in LANGUAGES:
        catalogue = hanlin_resources.folder("locale") / language / "LC_MESSAGES" / "hanlin.mo"
        if language != "en" and not catalogue.is_file():
            raise _FailedCheckError(str(catalogue))
    return str(len(LANGUAGES))


def _store(app: Application) -> str:
    conversation = app.store.create_conversation("翰林")
    app.store.add_message(conversation.id, None, Role.USER, Status.COMPLETE, ())
    if len(app.store.transcript(conversation.id)) != 1:
        raise _FailedCheckError("a stored message was not found again")
    if app.paths.database.read_bytes().startswith(b"SQLite format 3"):
        raise _FailedCheckError("the database is not encrypted")
    return "encrypted"


def _engine(_app: Application) -> str:
    facts = describe()
    if facts.described is None:
        raise _FailedCheckError(facts.error)
    sandbox = "sandbox on" if facts.sandbox and facts.sandbox.complete else "sandbox off"
    return f"{facts.described.cpu_module or 'one processor only'}, {sandbox}"


def _starter(app: Application) -> str:
    model = next((m for m in app.session.registry.models() if m.origin is Origin.STARTER), None)
    if model is None:
        raise _FailedCheckError("the starter model is missing")
    engine = app.kit.engine
    for _event in load(engine, model.path, LoadOptions(context=model.trained_context or 0)):
        pass
    turns = [Turn(Role.USER, "你好")]
    options = GenerationOptions(model.sampling or Sampling(), MAX_TOKENS, thinking=False)
    for event in answer(engine, turns, options):
        if isinstance(event, Finished) and event.usage.completion_tokens:
            return f"{event.usage.completion_tokens} tokens"
    raise _FailedCheckError("it did not answer")


def _characters(_app: Application) -> str:
    said = converted("软件", Direction("zh", "zh-Hant"))
    if said != "軟體":
        raise _FailedCheckError(f"软件 became {said}")
    return said


def _documents(_app: Application) -> str:
    with open_documents() as documents:
        texts = documents.texts("note.txt", "翰林".encode())
    if texts != ["翰林"]:
        raise _FailedCheckError("a text was not read")
    return "read"


def _attachments(_app: Application) -> str:
    picture = (hanlin_resources.folder("icons") / "hanlin-48.png").read_bytes()
    with OpenFile("seal.png", picture) as file:
        seen = file.picture(_SIDE)
    with OpenFile("page.pdf", _PAGE) as file:
        page = file.picture(_SIDE)
    with OpenFile("silence.wav", _silence()) as file:
        heard = file.samples(_RATE)
    if (seen.width, page.width) != (_SIDE, _SIDE) or not heard.pcm:
        raise _FailedCheckError("a picture, a PDF or a sound was not opened")
    return "picture, PDF, sound"


def _silence() -> bytes:
    """Return a second of nothing as a WAV file."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(bytes(2 * _RATE))
    return kept.getvalue()


def _colours(_app: Application) -> str:
    client = ColourClient()
    try:
        found = [
            kind
            for language, source in (("python", "def f(): pass"), ("c++", "// 注释"))
            for _place, _length, kind in client.find(language, source).runs()
        ]
    finally:
        client.close()
    if found != ["Keyword", "Name.Function", "Keyword", "Comment"]:
        raise _FailedCheckError(f"found {found}")
    return "found"


def _symbols(_app: Application) -> str:
    client = SymbolClient()
    try:
        found = [
            symbol.name
            for language, source in (("python", "def f(): pass\n"), ("c", "int g(void) {}\n"))
            for symbol in client.symbols(source, language)
        ]
    finally:
        client.close()
    if found != ["f", "g"]:
        raise _FailedCheckError(f"what code defines was not found: {found}")
    return "found"


def _formulas(_app: Application) -> str:
    formulas = FormulaClient()
    try:
        if formulas.draw(r"\frac{1}{2}", display=True) is None:
            raise _FailedCheckError("a formula was not drawn")
    finally:
        formulas.close()
    return "drawn"


def _snippets(_app: Application) -> str:
    facts = describe().sandbox
    if facts is None or not facts.complete:
        return "off: they need the sandbox"
    source = "import csv, decimal, json, statistics, zoneinfo\nprint(statistics.mean([41, 43]))"
    ran = snippets.run(source)
    if ran.output.strip() != "42":
        raise _FailedCheckError(ran.output or str(ran.ending))
    return "run"


_CHECKS: dict[str, Callable[[Application], str]] = {
    "resources": _resources,
    "store": _store,
    "engine": _engine,
    "starter": _starter,
    "documents": _documents,
    "attachments": _attachments,
    "symbols": _symbols,
    "colours": _colours,
    "formulas": _formulas,
    "snippets": _snippets,
    "traditional characters": _characters,
}
