"""The program's window while a real worker streams as fast as it can; ends after some seconds."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication
from window_gaps import SECONDS, Gaps

from hanlin import bootstrap
from hanlin.kernel import paths
from hanlin.services.events import AnswerFinished, AnswerGrew, SessionChanged, SessionState
from hanlin_ui import application

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = ("llama_cpp", "numpy", "huggingface_hub", "httpx", "httpx2", "requests", "http.client")
# One cycle of the streamed answer: each piece is one token and differs from the others.
PIECES = (
    "## ", "标题", "\n\n", "这是", "一段", "**很长**", "的", "回答", "，", "with ", "`code`",
    " and", " words", "。", "\n\n- ", "一", "\n- ", "二", "\n\n```python\n", "def f(x):",
    "\n    ", "return", " x + 1", "\n```", "\n\n> ", "quoted", "\n\n\n", "A paragraph", " of",
    " English", " text", " that", " goes", " on", ".\n\n",
)  # fmt: skip
CHARACTERS_PER_TOKEN = sum(map(len, PIECES)) / len(PIECES)
# Makes the model in a process of its own, because that needs numpy.
MAKE_MODEL = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from hanlin_fakes.gguf_models import write_scripted
write_scripted(Path(sys.argv[2]), sys.argv[3:], for_ever=True, context=32768)
"""


class Stream(QObject):
    """Asks once the model is loaded, measures while it answers, closes the window."""

    begun = Signal()
    ended = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.result: dict[str, object] = {}
        self._folder = folder
        self._gaps = Gaps()
        self._asked = False
        self._begun_at = 0.0
        self._characters = 0
        self.begun.connect(self._on_begun)
        self.ended.connect(self._on_ended)

    def open(self) -> bootstrap.Application:
        """Build the program; called by the window in the background."""
        model = self._folder / "streams.gguf"
        support = ROOT / "tests" / "support"
        command = [sys.executable, "-c", MAKE_MODEL, str(support), str(model), *PIECES]
        subprocess.run(command, check=True)
        folders = paths.under(self._folder / "data")
        self._app = app = bootstrap.open_application(folders, find_keyring=lambda: None)
        # The window itself loads the model of the last time.
        app.state.last_model = app.session.add(model).id
        app.bus.subscribe(SessionChanged, self._on_session)
        app.bus.subscribe(AnswerGrew, self._on_growth)
        app.bus.subscribe(AnswerFinished, lambda _event: self.ended.emit())
        return app

    def _on_session(self, event: SessionChanged) -> None:
        if event.status.state is SessionState.READY and not self._asked:
            self._asked = True
            self._id = self._app.chat.send(None, "stream").conversation_id

    def _on_growth(self, event: AnswerGrew) -> None:
        self._characters += len(event.text)
        if not self._begun_at:
            self._begun_at = time.monotonic()
            self.begun.emit()

    def _on_begun(self) -> None:
        self._gaps.start()
        QTimer.singleShot(int(SECONDS * 1000), lambda: self._app.chat.stop(self._id))

    def _on_ended(self) -> None:
        seconds = time.monotonic() - self._begun_at
        self.result = {
            **self._gaps.stop(),
            "tokens_per_second": self._characters / CHARACTERS_PER_TOKEN / seconds,
            "rss": psutil.Process().memory_info().rss,
            "foreign": [name for name in FOREIGN if name in sys.modules],
        }
        QApplication.closeAllWindows()


where = Path(sys.argv[1])
stream = Stream(where)
application.run(paths.under(where / "data"), opener=stream.open)
print(json.dumps(stream.result))
