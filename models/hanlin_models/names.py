"""Names of repositories and files: which are safe, and what the name of a file says.

People who convert models follow no rule but habit; the habits are collected here.
"""

import re
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Final

from hanlin.domain.downloads import Cause
from hanlin.domain.hub import ListedFile, Offer
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin_models import causes

PART: Final = re.compile(r"(?P<stem>.+)-(?P<part>\d{5})-of-(?P<parts>\d{5})\.gguf", re.IGNORECASE)
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_QUANTISATION: Final = re.compile(
    r"(?<![A-Za-z0-9])((?:UD-)?(?:I?Q\d[0-9A-Z_]*|BF16|F16|F32|MXFP4|NVFP4|TQ\d_0))(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SIDECARS: Final = ("mtp-", "dflash", "dspark", "eagle3", "imatrix")
_UNREADABLE: Final = ("1.25bit", "2bit", "stq")
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
)
_BILLIONS: Final = re.compile(r"(?<![A-Za-z0-9.])(\d{1,4}(?:\.\d+)?)[Bb](?![A-Za-z0-9])")
_LONGEST_NAME: Final = 200
_DEEPEST: Final = 4


_FAMILIES: Final = {
    "通义千问": "qwen",
    "千问": "qwen",
    "深度求索": "deepseek",
    "智谱": "glm",
    "混元": "hunyuan",
    "文心一言": "ernie",
    "文心": "ernie",
    "书生": "internlm",
    "面壁": "minicpm",
    "月之暗面": "kimi",
    "零一万物": "yi-1.5",
    "豆包": "seed",
    "百灵": "ling",
    "盘古": "pangu",
    "星火": "spark",
    "百川": "baichuan",
}
"""What families are called in Chinese, and at the Hub; longer names first."""


class Kind(StrEnum):
    """What a file of a repository is for."""

    MODEL = "model"
    PROJECTOR = "projector"
    """Lets a model see or hear; useless alone."""
    SIDECAR = "sidecar"
    """A draft model or statistics of the conversion; not offered."""
    UNREADABLE = "unreadable"
    """A packing that this engine would misread."""
    OTHER = "other"


def for_the_hub(words: str) -> str:
    """Return what to look for at the Hub, where names are in Latin letters."""
    for chinese, latin in _FAMILIES.items():
        words = words.replace(chinese, f" {latin} ")
    return " ".join(words.split())


def target(folder: Path, repository: str, name: str) -> Path:
    """Return where a file of a repository belongs below ``folder``.

    Raises KnownError for a name that leads elsewhere or that some system cannot hold.
    """
    if not _REPOSITORY.fullmatch(repository) or ".." in repository:
        raise _refusal(repository, _advice(repository))
    parts = name.split("/")
    if len(parts) > _DEEPEST or not all(_is_plain(part) for part in parts):
        raise _refusal(name, _("Not every system can hold such a name. Choose another file."))
    return folder.joinpath(*repository.split("/"), *parts)


def _refusal(name: str, advice: str) -> KnownError:
    if ".." in name:
        advice = _("Take “..” out of the name: it would lead to another folder.")
    return causes.error(Cause.BAD_NAME, name[:_LONGEST_NAME], advice=advice)


def _advice(repository: str) -> str:
    """Return what is wrong with the name of a repository, as what to do about it."""
    if repository.count("/") != 1:
        return _("A repository is called owner/name, with one slash between them.")
    return _("Each half begins with A to Z or a digit; “.”, “_” and “-” may follow, 96 in all.")


def kind_of(name: str) -> Kind:
    """Return what the file called ``name`` is for."""
    base = PurePosixPath(name).name.lower()
    if not base.endswith(".gguf"):
        return Kind.OTHER
    if "mmproj" in base:
        return Kind.PROJECTOR
    if base.startswith(_SIDECARS[0]) or any(word in base for word in _SIDECARS[1:]):
        return Kind.SIDECAR
    if any(word in base for word in _UNREADABLE):
        return Kind.UNREADABLE
    return Kind.MODEL


def quantisation_of(name: str) -> str:
    """Return how the model is packed, such as ``Q4_K_M``, or "" when its name does not say."""
    found = _QUANTISATION.findall(PurePosixPath(name).name) or _QUANTISATION.findall(name)
    return str(found[-1]).upper() if found else ""


def billions(repository: str) -> float:
    """Return the thousand millions of parameters that a repository's name tells, or 0."""
    found = _BILLIONS.search(repository.rpartition("/")[2])
    return float(found[1]) if found else 0.0


def offers(files: list[ListedFile]) -> list[Offer]:
    """Return the models among ``files``, smallest first."""
    groups: dict[tuple[str, int], list[ListedFile]] = {}
    for file in files:
        if kind_of(file.name) is not Kind.MODEL:
            continue
        matched = PART.fullmatch(file.name)
        key = (matched["stem"], int(matched["parts"])) if matched else (file.name, 1)
        groups.setdefault(key, []).append(file)
    found = []
    for (stem, parts), group in groups.items():
        ordered = tuple(sorted(group, key=lambda one: one.name))
        label = PurePosixPath(stem).name.removesuffix(".gguf")
        complete = len(ordered) == parts and all(file.size > 0 for file in ordered)
        found.append(Offer(label, quantisation_of(stem), ordered, complete))
    return sorted(found, key=lambda offer: offer.bytes)


def projector_for(files: list[ListedFile]) -> ListedFile | None:
    """Return the projector to take along: a half-precision one, as every engine reads it."""
    candidates = [file for file in files if kind_of(file.name) is Kind.PROJECTOR]

    def preference(file: ListedFile) -> tuple[int, int]:
        packing = quantisation_of(file.name)
        order = {"F16": 0, "Q8_0": 1, "BF16": 2}
        return order.get(packing, 3), file.size

    return min(candidates, key=preference, default=None)


def draft_for(files: list[ListedFile]) -> ListedFile | None:
    """Return a draft model that lies beside the others, the smallest; statistics are none."""
    sidecars = (one for one in files if kind_of(one.name) is Kind.SIDECAR)
    drafts = (one for one in sidecars if "imatrix" not in one.name.lower())
    return min(drafts, key=lambda one: one.size, default=None)


def _is_plain(part: str) -> bool:
    """Whether a name can be one file's or folder's on every system."""
    return (
        0 < len(part) <= _LONGEST_NAME
        and part.isprintable()
        and not part.startswith(".")
        and not part.endswith((".", " "))
        and not any(letter in '\\/:*?"<>|' for letter in part)
        and part.split(".", maxsplit=1)[0].lower() not in _RESERVED
    )
