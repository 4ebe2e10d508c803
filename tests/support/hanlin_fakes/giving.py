"""A person who gives files to a model in the real window: chooses it, looks, sends.

What a window is and how it takes keys is ``desktop``'s.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import gguf

from hanlin.domain.attachments import Attachment
from hanlin.domain.conversation import Role, Status
from hanlin_fakes.desktop import Desktop, Window, eventually
from hanlin_fakes.gguf_models import write_scripted

PLACE = (500, 300)
"""Of the main window, where files fall."""


def choose_model(
    desk: Desktop,
    folder: Path,
    answer: Sequence[str],
    write: Callable[..., Path] | None = None,
    context: int = 16_384,
) -> None:
    """Have a model chosen already that always answers the same; ``write`` gives it senses."""
    folder.mkdir()
    model = write_scripted(folder / "reader.gguf", answer, context=context)
    if write is not None:
        width = gguf.GGUFReader(model).get_field("qwen3.embedding_length")
        assert width is not None
        write(folder / "mmproj-reader.gguf", out=width.contents())
    desk.add_model(model)


def send(desk: Desktop, window: Window, words: str) -> tuple[Attachment, ...]:
    """Type words, send them with what is attached.

    Wait for the answer; return what went along.
    """
    window.turn_to_main()
    before = len(desk.transcript())
    window.press("ctrl+l")
    window.type(words)

    # Pressed once: it is heard also while something is still being read.
    window.press("ctrl+l", "Return")
    eventually(lambda: len(desk.transcript()) > before, "the message is stored")
    eventually(lambda: desk.answer(Status.COMPLETE), "the answer")
    window.turn_to_main()
    return tuple([one for one in desk.transcript() if one.role is Role.USER][-1].attachments())


def attach_by_name(window: Window, title: str, file: Path) -> None:
    """Attach a file through the dialog ``title``, by its name."""
    window.press("ctrl+shift+a")
    window.turn_to(title)
    window.type(str(file))
    window.close(title, "Return")


def look_at(window: Window, title: str, place: int = 0) -> None:
    """Look at what is attached, by its place in the row; ``title`` is the window of it.

    Every key is pressed once, as Enter in the window that opens would close it: Enter on what is
    still being read is heard once it is.
    """
    window.turn_to_main()
    window.press("ctrl+shift+l", *["Right"] * place, "Return")
    window.turn_to(title)
