"""Where models come from: which places there are, and in which order they are asked.

The Hub says what a file is (size, hash); any place may hand out its bytes, because the
hash decides. The address of a place the person added is only used as it was typed.
"""

import urllib.parse
from pathlib import Path
from typing import Final

from hanlin.domain.downloads import Cause
from hanlin_models import causes
from hanlin_models.orders import HUB, Source, SourceKind

HUB_SOURCE: Final = Source("Hugging Face", SourceKind.HUB, HUB)
MIRROR: Final = Source("hf-mirror", SourceKind.HUB, "https://hf-mirror.com")
MODELSCOPE: Final = Source("ModelScope", SourceKind.MODELSCOPE, "https://modelscope.cn")


def public_sources(*, mirrors: bool) -> tuple[Source, ...]:
    """Return the places that everybody may use; ``mirrors`` are those beside the Hub."""
    return (HUB_SOURCE, MIRROR, MODELSCOPE) if mirrors else (HUB_SOURCE,)


def own_source(address: str) -> Source:
    """Return the source a person named: an https address, or a folder in reach.

    Raises KnownError for anything else; nothing is opened.
    """
    text = address.strip()
    parts = urllib.parse.urlsplit(text)
    if parts.scheme == "https" and parts.hostname and not parts.username:
        return Source(parts.netloc, SourceKind.HUB, text.rstrip("/"))
    if parts.scheme == "http":
        raise causes.error(Cause.NOT_ENCRYPTED, text)
    folder = Path(text).expanduser()
    if text and folder.is_absolute():
        return Source(folder.name or text, SourceKind.FOLDER, str(folder))
    raise causes.error(Cause.BAD_NAME, text)


def folders_of(sources: tuple[Source, ...]) -> tuple[Path, ...]:
    """Return the folders that the fetcher has to read."""
    return tuple(Path(one.address) for one in sources if one.kind is SourceKind.FOLDER)
