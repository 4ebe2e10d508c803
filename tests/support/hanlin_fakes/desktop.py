"""A person at the real program: starts its window on the display, types, looks, closes.

Keys are real X events (xdotool). What was said is read from the person's own data
folder, as a second program that has it open may; what is on the screen is a picture.
Needs DISPLAY, xdotool and ImageMagick.
"""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

import psutil

from hanlin.domain.conversation import Conversation, Message, Role
from hanlin.domain.generation import Turn
from hanlin.kernel import paths
from hanlin.kernel.clock import SystemClock
from hanlin.services.attached import AttachedContent
from hanlin.services.reports import AnswerReport, from_json
from hanlin.store.assistants import Assistants
from hanlin.store.conversations import Store
from hanlin.store.filing import Filing
from hanlin.store.translations import TranslationMemory
from hanlin.vault import Vault

T = TypeVar("T")
DEADLINE = 60.0
STEP = 0.1
_A_KEYS_TIME = 10.0
"""Seconds after which a key that did nothing was not heard."""
_SHOTS_AT_MOST = 5
_FIRST_PIXELS = (6, 14)
NEIGHBOUR = "Neighbour"
NEIGHBOUR_SIDE = 60
_BETWEEN_SHOTS = 1.0
"""Seconds: a text cursor's blink, there and back."""


def eventually(look: Callable[[], T | None], what: str, deadline: float = DEADLINE) -> T:
    """Return what ``look`` finds; fail when it found nothing in time.

    The failure names ``what``, the windows on the screen and which of them has the keyboard.
    """
    end = time.monotonic() + deadline
    while True:
        if found := look():
            return found
        if time.monotonic() > end:
            shown = _xdotool(
                "search", "--onlyvisible", "--name", ".", "getwindowname", "%@", check=False
            )
            keyboard = _xdotool("getwindowfocus", "getwindowname", check=False)
            raise AssertionError(
                f"did not happen within {deadline:.0f} s: {what}; "
                f"on the screen: {shown.splitlines()}, with the keyboard: {keyboard!r}"
            )
        time.sleep(STEP)


class Desktop:
    """One data folder and the windows started on it."""

    def __init__(self, folder: Path, shots: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._paths = paths.under(folder)
        self._shots = shots
        self._environment = {**os.environ, **environment, "HANLIN_DATA_DIR": str(folder)}

    def choose(self, **settings: object) -> None:
        """Have settings chosen before the program starts."""
        path = self._paths.settings
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"version": 1, **settings}))

    def cli(self, *words: str) -> str:
        """Run ``hanlin`` with ``words``; return what it printed."""
        command = [sys.executable, "-m", "hanlin", *words]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=True, timeout=120
        )
        return done.stdout

    def models(self) -> dict[Path, str]:
        """Return the ids of the models that are known, by their files."""
        known = json.loads(self.cli("models", "list", "--json"))
        return {Path(one["path"]): str(one["id"]) for one in known}

    def add_model(self, path: Path, **state: object) -> str:
        """Make a model known and the last one used, beside other ``state``; return its id."""
        self.cli("models", "add", str(path))
        identity = self.models()[path]
        kept = {"version": 1, "last_model": identity, **state}
        self._paths.window_state.parent.mkdir(parents=True, exist_ok=True)
        self._paths.window_state.write_text(json.dumps(kept), encoding="utf-8")
        return identity

    @contextmanager
    def window(self, *words: str) -> Iterator["Window"]:
        """Start the window; close it at the end the way a person does."""
        window = Window(self.start(*words), self._shots)
        try:
            window.wait_until_painted()
            yield window
            if not window.was_left:
                window.quit()
        finally:
            window.end()

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """Start the program and do not wait for it."""
        return subprocess.Popen([sys.executable, "-m", "hanlin", *words], env=self._environment)

    def conversations(self) -> list[Conversation]:
        """Return what the sidebar should show."""
        with self._store() as store:
            return store.conversations()

    def transcript(self) -> list[Message]:
        """Return the conversation used last, [] while there is none."""
        with self._store() as store:
            first = next(iter(store.conversations()), None)
            return store.transcript(first.id) if first else []

    def answer(self, *statuses: str) -> Message | None:
        """Return the last message once it is an answer with one of ``statuses``."""
        last = next(reversed(self.transcript()), None)
        wanted = last is not None and last.role is Role.ASSISTANT and last.status in statuses
        return last if wanted else None

    def report(self, answer: Message) -> AnswerReport:
        """Return what an answer took."""
        with self._store() as store:
            report = from_json(store.report(answer.id))
        assert report is not None
        return report

    def log(self) -> str:
        """Return what the window has written into its log."""
        return (self._paths.logs / "window.log").read_text("utf-8")

    def open_conversation(self) -> str:
        """Return the id of the conversation that the window shows, "" for a new one."""
        try:
            state = json.loads(self._paths.window_state.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ""
        return str(state.get("last_conversation", ""))

    def told(self) -> list[Turn]:
        """Return what a model is given of the person's messages of the conversation used last."""
        with self._store() as store:
            first = next(iter(store.conversations()), None)
            messages = store.transcript(first.id) if first else []
            kept = AttachedContent(store)
            return [kept.turn(one) for one in messages if one.role is Role.USER]

    def said(self, conversation: str) -> list[str]:
        """Return what is visible of a conversation, as texts."""
        with self._store() as store:
            return [one.text() for one in store.transcript(conversation)]

    def assistant_of(self, conversation: str) -> str:
        """Return the id of the assistant that a conversation goes by, "" for none."""
        with self._store() as store:
            chosen = Assistants(store).of(conversation)
            return chosen.id if chosen else ""

    def draft(self) -> str:
        """Return what is written in a new conversation and not sent, as far as it is kept."""
        with self._store() as store:
            return Filing(store).drafts().get("", "")

    def translations(self) -> list[tuple[str, str]]:
        """Return the texts of the translator's history with their translations."""
        with self._store() as store:
            memory = TranslationMemory(store.database)
            return [(past.source, past.target) for past in memory.history()]

    def sentences_translated(self) -> int:
        """Return how many sentences a model has translated so far, also of a text under way."""
        with self._store() as store:
            return TranslationMemory(store.database).counts()[1]

    @contextmanager
    def _store(self) -> Iterator[Store]:
        vault = Vault(self._paths.keys, self._paths.database, lambda: None)
        with Store.open(self._paths.database, vault.open().key, SystemClock()) as store:
            yield store


class Window:
    """A running window, and the person's hands and eyes."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", shots: Path, search: tuple[str, ...] = ()
    ) -> None:
        self.process = process
        self._search = search or ("--pid", str(process.pid))
        self._shots = shots
        self.was_left = False
        self._main = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.end()

    def wait_until_painted(self) -> None:
        """Return when the window is there and takes keys."""
        # Without a window manager nobody else gives it the keyboard.
        self._main = eventually(lambda: _focused(*self._search), "a window with the keyboard")

    def wait_until_open(self) -> None:
        """Return when the program behind the window is there: it has started its engine."""
        eventually(self.children, "the program behind the window")

    def has(self, title: str) -> bool:
        """Tell whether a window of the program is shown whose title holds ``title``."""
        return bool(_xdotool("search", "--onlyvisible", "--name", title, check=False))

    def turn_to(self, title: str) -> None:
        """Give the keyboard to another window of the program, by a part of its title."""
        eventually(lambda: _focused("--name", title), f"a window {title} with the keyboard")

    def close(self, title: str, key: str = "Escape") -> None:
        """Close a dialog of the program with a key; the main window has the keyboard then."""
        self.turn_to(title)
        self.press(key)
        eventually(lambda: not self.has(title), f"{title} is closed")
        # Without a window manager a dialog that closes leaves the keyboard to nobody: the window
        # under the mouse is typed into all the same, but no window is active, and no shortcut
        # such as Ctrl+Q is heard.
        self.turn_to_main()

    def turn_to_main(self) -> None:
        """Give the keyboard back to the window of the conversation."""
        eventually(lambda: _takes_keys(self._main), "the main window with the keyboard")

    def type(self, text: str) -> None:
        """Type ``text`` key by key."""
        _xdotool("type", "--delay", "25", text)

    def press(self, *keys: str) -> None:
        """Press keys by their X names, such as ``Return`` or ``alt+s``."""
        for key in keys:
            _xdotool("key", "--delay", "60", key)

    def click(self, title: str, x: int, y: int, button: int = 1) -> None:
        """Click at a place of the program's window ``title``; button 4 and 5 are the wheel."""
        _xdotool("mousemove", "--window", self._found(title), str(x), str(y))
        _xdotool("click", str(button))

    def drag(self, title: str, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag with the mouse from one place of the program's window ``title`` to another."""
        window = self._found(title)
        _hold(window, start)
        _move(window, end)
        _xdotool("mouseup", "1")

    def drop(self, files: Sequence[Path], x: int, y: int) -> None:
        """Drag files out of another program's window and let them fall at a place of this one.

        They are in this window when it returns, and this window has the keyboard.
        """
        with neighbour("drag", *files) as said:
            source = eventually(lambda: _seen(NEIGHBOUR), "the other program's window")
            middle = NEIGHBOUR_SIDE // 2
            _hold(source, (middle, middle))
            sideways = itertools.cycle((-1, 0))

            def welcome() -> bool:
                _move(self._main, (x + next(sideways), y))
                return "welcome" in said

            eventually(welcome, "the window takes what is dragged over it")
            _xdotool("mouseup", "1")
            eventually(lambda: {"fetched", "refused"} & {*said}, "the end of the drag")
            assert "refused" not in said
        self.turn_to_main()

    def insist(self, key: str, look: Callable[[], T | None], what: str) -> T:
        """Press a key until ``look`` finds what comes of it.

        Only for a key that does nothing before it can, and nothing more once it did.
        """

        def came() -> T | None:
            if not (found := look()):
                self.press(key)
            return found

        return eventually(came, what)

    def shot(self, name: str) -> Path:
        """Take a picture of the screen for people to look at, once it has come to rest."""
        self._shots.mkdir(parents=True, exist_ok=True)
        path = self._shots / f"{name}.png"
        before, tries = b"", 0
        while tries < _SHOTS_AT_MOST:  # what streams never rests
            picture = ("-window", "root", "-define", "png:exclude-chunk=date,tIME", str(path))
            subprocess.run([_tool("import"), *picture], check=True, timeout=30)
            if path.read_bytes() == before:
                break
            before, tries = path.read_bytes(), tries + 1
            time.sleep(_BETWEEN_SHOTS)
        return path

    def _found(self, title: str) -> str:
        """Return the X number of a window of the program."""
        return eventually(lambda: _seen(title), f"a window {title}")

    def children(self) -> list[psutil.Process]:
        """Return every process below the window's."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self) -> None:
        """End the window without asking it."""
        self.was_left = True
        self.process.kill()
        self.process.wait()

    def quit(self) -> None:
        """Press Ctrl+Q, again in the main window if no other one hears it; wait for a clean end."""

        def gone() -> bool:
            self.press("ctrl+q")
            try:
                self.process.wait(_A_KEYS_TIME)
            except subprocess.TimeoutExpired:
                _takes_keys(self._main)
                return False
            return True

        self.was_left = True
        eventually(gone, "the end after Ctrl+Q")
        assert self.process.returncode == 0

    def end(self) -> None:
        """Leave nothing behind, however the test went."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def _seen(title: str) -> str:
    """Return the X number of the last visible window of that title, "" when there is none."""
    found = _xdotool("search", "--onlyvisible", "--name", title, check=False).split()
    return found[-1] if found else ""


@contextmanager
def neighbour(what: str, *given: Path | str) -> Iterator[Sequence[str]]:
    """Have another program with something in its clipboard, or to be dragged out of it.

    Yields what it has said so far. Of a drag: "welcome" once it may be let go of where it is,
    then "fetched" or "refused".
    """
    words = [sys.executable, "-m", "hanlin_bench.neighbour", what, *map(str, given)]
    process = subprocess.Popen(
        words,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []

    def listen() -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            said.extend(line.strip() for line in lines)

    listener = threading.Thread(target=listen, name="neighbour", daemon=True)
    listener.start()
    try:
        eventually(lambda: "ready" in said, "the other program")
        yield said
    finally:
        process.kill()
        process.wait()
        listener.join()


def _hold(window: str, place: tuple[int, int]) -> None:
    """Press the button at a place of a window and pull by the pixels that begin a drag."""
    x, y = place
    _move(window, place)
    _xdotool("mousedown", "1")
    for beside in _FIRST_PIXELS:
        _move(window, (x + beside, y + beside))


def _move(window: str, place: tuple[int, int]) -> None:
    x, y = (max(0, one) for one in place)
    _xdotool("mousemove", "--window", window, str(x), str(y))


def _focused(*search: str) -> str:
    """Give the last visible window that ``search`` finds the keyboard; return "" for not yet.

    It is searched for anew at each try: a window found can be gone a moment later.
    """
    found = _xdotool("search", "--onlyvisible", *search, check=False).split()
    return found[-1] if found and _takes_keys(found[-1]) else ""


def _takes_keys(window: str) -> bool:
    """Ask for the keyboard in ``window``; tell whether it has it.

    The server refuses it to a window that is being mapped, and ``windowfocus --sync`` would then
    wait for ever for what nobody asks again.
    """
    _xdotool("windowfocus", window, check=False)
    return _xdotool("getwindowfocus", "-f", check=False) == window


def _xdotool(*words: str, check: bool = True) -> str:
    done = subprocess.run(
        [_tool("xdotool"), *words], capture_output=True, text=True, check=check, timeout=60
    )
    return done.stdout.strip()


def _tool(name: str) -> str:
    return shutil.which(name) or name
