"""Recording in the window: the meter, the end by key, a microphone that is not there."""

import threading

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from hanlin.domain.attachments import AttachmentKind
from hanlin.kernel.errors import KnownError
from hanlin.recording.microphone import Heard, Microphone
from hanlin_bench.bench import Bench
from hanlin_fakes.foreign_files import sound
from hanlin_ui.chat.attachments import words


class Pretended(Microphone):
    """Hears what it is told to, a tenth of a second at each look."""

    def __init__(self, level: float = 0.5, error: KnownError | None = None) -> None:
        super().__init__()
        self.level, self.error = level, error
        self.looks = 0
        self.closed = threading.Event()

    def begin(self) -> None:
        if self.error is not None:
            raise self.error

    def take(self) -> Heard:
        self.looks += 1
        return Heard(self.level, 100 * self.looks)

    def finish(self) -> bytes:
        return sound()

    def close(self) -> None:
        super().close()
        self.closed.set()


def begun(bench: Bench, microphone: Pretended) -> None:
    bench.workbench.attaching.recording.microphone = lambda: microphone
    bench.workbench.attaching.record()


def test_a_recording_is_shown_and_attached_with_a_key(bench: Bench) -> None:
    microphone = Pretended()
    begun(bench, microphone)
    bar = bench.workbench.attaching.recording.bar
    done = bench.button("Attach the recording", bar)
    bench.until(done.isEnabled)
    assert "cannot hear" in bar.hint()
    assert isinstance(done, QPushButton)
    QTest.keyClick(done, Qt.Key.Key_Return)
    bench.until(bar.isHidden)
    here = bench.workbench.attaching._here
    bench.until(lambda: len(here()) == 1 and here()[0].prepared is not None)
    prepared = here()[0].prepared
    assert prepared is not None
    assert prepared.attachment.kind is AttachmentKind.SOUND
    assert words.size(prepared.attachment) == "0:01", "half a second is more than nothing"
    assert microphone.closed.is_set()
    assert "cannot hear sound" in bench.workbench.attaching.strip.sentence()


def test_a_silent_microphone_is_told_while_there_is_time(bench: Bench) -> None:
    begun(bench, Pretended(level=0.0))
    bar = bench.workbench.attaching.recording.bar
    bench.until(lambda: "switched on" in bar.hint())
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert bar.isHidden()


def test_a_cancelled_recording_leaves_nothing(bench: Bench) -> None:
    microphone = Pretended()
    begun(bench, microphone)
    bar = bench.workbench.attaching.recording.bar
    bench.until(lambda: bench.button("Attach the recording", bar).isEnabled())
    bench.press("Cancel", bar)
    assert bar.isHidden()
    bench.until(microphone.closed.is_set)
    bench.come_to_rest()
    assert not bench.workbench.attaching._here()


def test_a_microphone_that_is_not_there_is_named(bench: Bench) -> None:
    begun(bench, Pretended(error=KnownError("No microphone", "There is none.", "Connect one.")))
    dialog = bench.message()
    assert any("There is none" in label.text() for label in dialog.findChildren(QLabel))
    dialog.close()
    assert not bench.workbench.attaching.recording.is_recording()
