"""Which kind a file is: told by its first bytes, because names lie.

A child opens one file, so it loads only the library of that file's kind.
"""

from pathlib import PurePath
from typing import Final

from hanlin.documents.encodings import decode
from hanlin.documents.opening import package
from hanlin.documents.opening.hypertext import plain_text
from hanlin.documents.opening.opened import Opened
from hanlin.documents.opening.pages import Pages, sections
from hanlin.documents.splicing import UnreadableError

_HEAD: Final = 1024
_PICTURES: Final = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"P5", b"P6",
    b"\0\0\1\0",
)  # fmt: skip
_SUFFIXES: Final = {
    "picture": frozenset(
        {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".ico"}
    ),
    "sound": frozenset({".wav", ".mp3", ".flac", ".ogg", ".oga"}),
}
_NOT_OURS: Final = (
    (b"ftypheic", "heic"), (b"ftypheix", "heic"), (b"ftypmif1", "heic"), (b"ftypavif", "heic"),
    (b"ftypM4A", "sound-kind"), (b"ftypmp4", "video"), (b"ftypisom", "video"),
    (b"ftypqt", "video"), (b"\x1aE\xdf\xa3", "video"),
)  # fmt: skip
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB: Final = frozenset({".html", ".htm", ".xhtml"})
_MP3: Final = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")
_ODD_SHARE: Final = 0.02
_LOOKED_AT: Final = 20_000


def opened(name: str, content: bytes) -> Opened:
    """Open a file. Raises UnreadableError."""
    if not content:
        raise UnreadableError("empty")
    suffix = PurePath(name).suffix.lower()
    head = content[:_HEAD]
    for mark, code in _NOT_OURS:
        if mark in head[:16]:
            raise UnreadableError(code)
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        from hanlin.documents.opening.pictures import Picture  # noqa: PLC0415 - see above

        return Picture(content)
    if (mime := _sound(head, suffix)) is not None:
        from hanlin.documents.opening.sound import Sound  # noqa: PLC0415 - see above

        return Sound(content, mime)
    if b"%PDF-" in head:
        from hanlin.documents.opening.pdf import Pdf  # noqa: PLC0415 - see above

        return Pdf(content)
    if head.startswith(b"PK\x03\x04"):
        return package.opened(content)
    if head.startswith(_OLE):
        raise UnreadableError("protected")
    if suffix in _SUFFIXES["picture"] or suffix in _SUFFIXES["sound"] or suffix == ".pdf":
        raise UnreadableError("damaged", f"no {suffix} inside")
    return _text(suffix, content)


def _sound(head: bytes, suffix: str) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head.startswith(b"fLaC"):
        return "audio/flac"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    return "audio/mpeg" if head.startswith(_MP3) or suffix == ".mp3" else None


def _text(suffix: str, content: bytes) -> Pages:
    text = decode(content).text.replace("\r\n", "\n").replace("\r", "\n")
    begun = text[:_LOOKED_AT]
    odd = sum(1 for letter in begun if letter < " " and letter not in "\n\t\f\x1b")
    if odd + begun.count("\ufffd") > _ODD_SHARE * len(begun):
        raise UnreadableError("unknown", "no text")
    if suffix in _WEB:
        return Pages("text/html", sections(plain_text(text).split("\n")), paged=False)
    if "\f" in text:  # a form feed is where a page ends
        return Pages("text/plain", text.split("\f"), paged=True)
    return Pages(_MIMES.get(suffix, "text/plain"), sections(text.split("\n")), paged=False)


_MIMES: Final = {".md": "text/markdown", ".markdown": "text/markdown", ".csv": "text/csv",
                 ".tsv": "text/csv", ".json": "application/json"}  # fmt: skip
