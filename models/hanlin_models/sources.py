"""Where models come from: which places there are, and in which order they are asked.

The Hub says what a file is (size, hash); any place may hand out its bytes, because the
hash decides. The address of a place the person added is only used as it was typed.
"""

import urllib.parse
from pathlib import Path
from typing import Final

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin_models.orders import HUB, DownloadOrder, Source, SourceKind

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
    try:
        parts = urllib.parse.urlsplit(text)
        whole = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:  # half an IPv6 address, or a port that is none
        raise _no_source(text) from None
    if whole and not parts.username:
        return Source(parts.netloc, SourceKind.HUB, text.rstrip("/"))
    if parts.scheme == "http":
        raise KnownError(
            _("This is no source of models"),
            _("“{text}” is not encrypted, so anybody on the way could change it.").format(
                text=text
            ),
            _("Use an https address, or a folder."),
        )
    written = urllib.parse.unquote(parts.path) if parts.scheme == "file" else text
    folder = Path(written).expanduser()
    if text and folder.is_absolute():
        return Source(folder.name or text, SourceKind.FOLDER, str(folder))
    raise _no_source(text)


def _no_source(text: str) -> KnownError:
    return KnownError(
        _("This is no source of models"),
        _("“{text}” is neither an https address nor the full path of a folder.").format(text=text),
        _("For a share in the network: open it in the file manager first, then name its folder."),
    )


def needs_no_network(order: DownloadOrder) -> bool:
    """Return whether folders alone can do it: nobody has to be asked for size and hash."""
    folders = all(one.kind is SourceKind.FOLDER for one in order.sources)
    return folders and all(file.size is not None and file.sha256 for file in order.files)


def folders_of(sources: tuple[Source, ...]) -> tuple[Path, ...]:
    """Return the folders that the fetcher has to read."""
    return tuple(Path(one.address) for one in sources if one.kind is SourceKind.FOLDER)
