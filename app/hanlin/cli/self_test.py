"""``hanlin --self-test``: does this installation work? Run on every build before it is given out.

Everything happens in a temporary data folder with no keyring; the person's own data
is neither read nor touched.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import hanlin_resources
from hanlin import __version__
from hanlin.bootstrap import Application, open_application
from hanlin.cli.output import Console
from hanlin.domain.conversation import Role, Status
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.domain.models import Origin
from hanlin.engine.base import Finished, LoadOptions
from hanlin.engine.describing import describe
from hanlin.kernel import paths
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import LANGUAGES
from hanlin.services.asking import answer, load

MAX_TOKENS = 64


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
    model = next((m for m in app.session.models() if m.origin is Origin.STARTER), None)
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


_CHECKS: dict[str, Callable[[Application], str]] = {
    "resources": _resources,
    "store": _store,
    "engine": _engine,
    "starter": _starter,
}
