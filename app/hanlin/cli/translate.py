"""``hanlin translate``: texts and files into another language, and how good that is."""

import argparse
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from typing import Final

from hanlin.bootstrap import ModelKit, open_documents, open_models
from hanlin.cli.ask import add_model_argument, choose_model, load_model
from hanlin.cli.output import Console
from hanlin.cli.reading import (
    STDIN,
    read_bytes,
    read_input,
    read_text,
    require_folder,
    standard_input,
)
from hanlin.documents.client import DocumentClient
from hanlin.documents.recogniser import Recogniser, is_picture
from hanlin.domain.glossary import RowProblem, Term
from hanlin.domain.languages import LANGUAGES, find_language
from hanlin.domain.models import Model, Purpose
from hanlin.domain.translation import Direction, Problem, Sentence, Tone, Translation
from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.kernel.i18n import _, current_language
from hanlin.preparing import find_paths
from hanlin.services.translation import (
    choosing,
    converting,
    glossary_files,
    measuring,
    memory_files,
    prompts,
    words,
)
from hanlin.services.translation.assembling import assembled
from hanlin.services.translation.files import FileOrder, FileTranslator, output_path
from hanlin.services.translation.remembering import RunMemory
from hanlin.services.translation.translator import (
    Translating,
    Translator,
    Wish,
)
from hanlin.services.writing import EngineWriter

_ENDING: Final = re.compile(r"\S\.[a-z]\w{0,7}\Z", re.ASCII | re.IGNORECASE)
"""How a file's name ends, and hardly ever a text."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("translate", help=_("translate a text or files"))
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help=_("files to translate, or a text; “-” or nothing reads one from standard input"),
    )
    parser.add_argument(
        "--to", type=_language, default="", metavar="LANG", help=_("the language to translate into")
    )
    parser.add_argument(
        "--from",
        dest="source",
        type=_language,
        default="",
        metavar="LANG",
        help=_("the text's language; it is found out when it is not given"),
    )
    parser.add_argument(
        "--glossary", type=Path, action="append", default=[], metavar="FILE",
        help=_("a CSV file of terms and their translations; may be given several times"),
    )  # fmt: skip
    parser.add_argument(
        "--memory", type=Path, action="append", default=[], metavar="FILE",
        help=_("a TMX file whose sentences are not translated again"),
    )  # fmt: skip
    parser.add_argument(
        "--tone", choices=[tone.value for tone in Tone if tone], default="", help=_("how it sounds")
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=_("where translated files go; beside them if not")
    )
    parser.add_argument(
        "--bilingual", action="store_true", help=_("keep the source beside the translation")
    )
    parser.add_argument(
        "--evaluate", type=Path, metavar="REF",
        help=_("measure the translation of each line against the same line of REF"),
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help=_("print one JSON object per line"))
    add_model_argument(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Translate; return the exit code: 1 when something could not be translated at all."""
    glossaries = _glossaries(arguments.glossary, console)
    files = arguments.files or [STDIN]
    with ExitStack() as stack:
        kit = stack.enter_context(open_models(find_paths(arguments.data_dir)))
        desk = _Desk(kit, console, arguments, glossaries)
        documents = stack.enter_context(open_documents())
        for path in arguments.memory:
            desk.take_over(path, documents)
        if arguments.evaluate is not None:
            return desk.evaluate(_measured(files), read_text(arguments.evaluate))
        if arguments.out is not None:
            require_folder(arguments.out)
        if not any(name == STDIN or _is_file(name) for name in files):
            return desk.text(" ".join(files))
        worst = 0
        for name in files:
            try:
                if name == STDIN:
                    worst = max(worst, desk.text(standard_input(console)))
                elif is_picture(name):
                    worst = max(worst, desk.picture(Path(name)))
                else:
                    worst = max(worst, desk.file(Path(name), FileTranslator(documents)))
            except HanlinError as error:
                console.error(error)
                worst = 1
        return worst


def _measured(files: Sequence[str]) -> str:
    """Return the text whose translation is measured."""
    if len(files) > 1:
        raise KnownError(
            _("One file is measured at a time"),
            _("{count} files were given.").format(count=len(files)),
            _("Give one file whose lines belong to the lines of the reference."),
        )
    return read_input() if files[0] == STDIN else read_text(Path(files[0]))


class _Desk:
    """One command's work with one model, which is loaded when it is first needed."""

    def __init__(
        self,
        kit: ModelKit,
        console: Console,
        arguments: argparse.Namespace,
        glossaries: Mapping[Path, glossary_files.GlossaryFile],
    ) -> None:
        self._kit = kit
        self._console = console
        self._arguments = arguments
        self._glossaries = glossaries
        self._memory = RunMemory()
        self._using: Translating | None = None
        """The model and how it is used, once it is loaded."""

    def take_over(self, path: Path, documents: DocumentClient) -> None:
        """Have the sentences of a TMX file in memory."""
        entries, unknown = memory_files.read(read_bytes(path), path.name, documents)
        self._memory.teach(entries)
        if unknown:
            _say(self._console, path, words.left_out(unknown))

    def text(self, text: str) -> int:
        """Print the translation of a text."""
        wish = self._wish(text)
        translator = self._translator(wish.direction)
        done: list[tuple[Sentence, Translation]] = []
        for pair in translator.text(text, wish):
            done.append(pair)
            if self._console.json_lines:
                self._console.event(_told("sentence", pair[1]))
            else:
                self._console.status(pair[1].target)
        target = assembled(done, wish.direction.target)
        if self._console.json_lines:
            self._console.event({"event": "done", **asdict(wish.direction), "text": target})
        elif self._arguments.bilingual:
            for sentence, translation in done:
                self._console.line(sentence.text)
                self._console.line(translation.target)
        else:
            self._console.write(target)
            self._console.end_line()
        self._tell([translation for _, translation in done])
        return 0

    def picture(self, path: Path) -> int:
        """Print the translation of a picture's text."""
        with closing(Recogniser(self._kit.paths.data)) as recogniser:
            text = recogniser.text(path.name, read_bytes(path))
        if not text:
            _say(self._console, path, _("No text was found in the picture."))
            return 0
        return self.text(text)

    def file(self, path: Path, files: FileTranslator) -> int:
        """Translate a file into a new one."""
        content = read_bytes(path)
        sample = files.sample(path.name, content)
        wish = self._wish(sample)
        output = output_path(path, wish.direction.target, self._arguments.out)
        require_folder(output.parent)  # before the work, not after it
        order = FileOrder(path.name, content, wish, bilingual=self._arguments.bilingual)
        translator = self._translator(wish.direction)
        results: list[Translation] = []

        def progress(done: int, total: int) -> None:
            self._console.status(
                _("{name}: {done} of {total}").format(name=path.name, done=done, total=total)
            )

        made = files.translate(order, translator, told=results.append, progress=progress)
        files.write(output, made.content, path)
        if self._console.json_lines:
            self._console.event(
                {
                    "event": "file", "source": str(path), "output": str(output),
                    "sentences": len(results), "problems": _counted(results),
                    "styles_joined": made.joined,
                    "missed": [_pair(term) for one in results for term in one.missed],
                }
            )  # fmt: skip
        else:
            self._console.line(str(output))
            if made.joined:
                _say(self._console, path, words.joined(made.joined))
        self._tell(results)
        return 0

    def evaluate(self, text: str, references: str) -> int:
        """Print chrF and BLEU of the translated lines against the references'."""
        lines, wanted = text.splitlines(), references.splitlines()
        if len(lines) != len(wanted) or not lines:
            raise KnownError(
                _("The files do not belong together"),
                _("The source has {lines} lines, the reference {wanted}.").format(
                    lines=len(lines), wanted=len(wanted)
                ),
                _("Each line of the reference is the translation of the same line."),
            )
        wish = self._wish(text)
        translator = self._translator(wish.direction)
        answers: list[str] = []
        results: list[Translation] = []
        for number, line in enumerate(lines, 1):
            done = list(translator.text(line, wish))
            answers.append(assembled(done, wish.direction.target))
            results += [translation for _, translation in done]
            self._console.status(
                _("Measuring: round {done} of {total}").format(done=number, total=len(lines))
            )
        required = sum(len(one.terms) for one in results)
        met = required - sum(len(one.missed) for one in results)
        chinese = not LANGUAGES[wish.direction.target].spaced
        figures: dict[str, object] = {
            "lines": len(lines),
            "chrf": round(measuring.chrf(answers, wanted), 2),
            "bleu": round(measuring.bleu(answers, wanted, chinese=chinese), 2),
            "terms_required": required,
            "terms_met": met,
            "items_kept": sum(one.masked for one in results),
            "problems": _counted(results),
        }
        if self._console.json_lines:
            self._console.value(figures)
        else:
            for name, figure in figures.items():
                self._console.line(f"{name}: {figure}")
        return 0

    def _wish(self, text: str) -> Wish:
        arguments = self._arguments
        direction = choosing.direction_for(text, arguments.source, arguments.to, current_language())
        if direction.source == direction.target:
            name = LANGUAGES[direction.target].english
            self._console.note(_("The text is in {language} already.").format(language=name))
        return Wish(direction, self._terms(direction), Tone(arguments.tone))

    def _terms(self, direction: Direction) -> tuple[Term, ...]:
        terms: list[Term] = []
        for path, glossary in self._glossaries.items():
            found = glossary.towards(direction)
            if found is None:
                _say(self._console, path, _("It is about other languages and is not used."))
            else:
                terms += found
        return tuple(terms)

    def _translator(self, direction: Direction) -> Translator:
        """Return the translator, its model loaded unless characters alone are to change."""
        model = self._model()
        choosing.require(model, direction)
        using = self._using or Translating(prompts.family_of(model), model.id, model.sampling)
        if self._using is None and not converting.converts(direction):
            loaded = load_model(self._kit, model, self._console)
            context = min(loaded.context, model.trained_context or loaded.context)
            advice = model.sampling or loaded.sampling
            self._using = using = Translating(using.family, model.id, advice, context)
        self._console.clear_status()
        return Translator(EngineWriter(self._kit.engine), using, self._memory)

    def _model(self) -> Model:
        if self._arguments.model:
            return choose_model(self._kit, self._arguments.model)
        wanted = self._kit.session.registry.model_for(Purpose.TRANSLATION)
        return choosing.best_of(wanted, self._kit.library.models()) or choose_model(self._kit, None)

    def _tell(self, results: Sequence[Translation]) -> None:
        """Say on standard error what is wrong with the translations."""
        for one in results:
            if one.problems:
                self._console.note(f"{words.sentence(one)} {one.source}")


def _told(event: str, one: Translation) -> dict[str, object]:
    return {
        "event": event,
        "source": one.source,
        "target": one.target,
        "origin": one.origin.value,
        "problems": [problem.value for problem in one.problems],
        "missed": [_pair(term) for term in one.missed],
        "mended": [_pair(term) for term in one.mended],
        "masked": one.masked,
    }


def _pair(term: Term) -> tuple[str, str]:
    return term.source, term.target


def _say(console: Console, path: Path, words: str) -> None:
    """Say something about a file beside the result: a program that reads must hear it, too."""
    if console.json_lines:
        console.event({"event": "note", "file": str(path), "text": words})
    else:
        console.note(f"{path.name}: {words}")


def _counted(results: Sequence[Translation]) -> dict[str, int]:
    found = [problem for one in results for problem in one.problems]
    return {problem.value: found.count(problem) for problem in Problem if problem in found}


def _glossaries(
    paths: Sequence[Path], console: Console
) -> Mapping[Path, glossary_files.GlossaryFile]:
    found = {path: glossary_files.read(read_bytes(path), path.name) for path in paths}
    for path, glossary in found.items():
        for problem in glossary.problems:
            _say(console, path, _row(problem))
    return found


def _row(problem: RowProblem) -> str:
    return {
        "empty": _("row {row} is not complete and was left out: {term}"),
        "double": _("row {row} stands there twice: {term}"),
        "contradiction": _("row {row} contradicts an earlier one, which holds: {term}"),
    }[problem.kind].format(row=problem.row, term=problem.term)


def _is_file(name: str) -> bool:
    """Tell whether ``name`` is meant as a file, be there one or not."""
    try:
        return bool(_ENDING.search(name)) or Path(name).exists()
    except (OSError, ValueError):  # too long for one, or with a zero in it
        return False


def _language(text: str) -> str:
    if not text:
        return ""
    found = find_language(text)
    if found is None:
        raise argparse.ArgumentTypeError(
            _("no language that is known here; for example: zh, en, ja, zh-Hant")
        )
    return found.code
