"""Whether an answer is the piece of the file that was asked for; anything else is a fault.

Nothing a server says is believed: the file's size and hash were known before.
"""

import re
from typing import Final

from hanlin.domain.downloads import Cause
from hanlin_models.fetcher.faults import Fault
from hanlin_models.fetcher.https import Answer, retry_after

_RANGE: Final = re.compile(r"bytes ([0-9]{1,20})-([0-9]{1,20})/([0-9]{1,20}|\*)")
_RATE_LIMITED: Final = 429
_UNAVAILABLE: Final = 503
_PROXY_WANTS_PASSWORD: Final = 407
_SERVER: Final = 500
_LONGEST_DETAIL: Final = 200


def refuse(answer: Answer) -> Fault:
    """Return the fault behind an answer that is neither 200 nor 206."""
    status = answer.status
    code = answer.header("x-error-code")
    said = answer.header("x-error-message")[:_LONGEST_DETAIL]
    detail = f"{status} {code} {said}".strip()
    if status in (_RATE_LIMITED, _UNAVAILABLE):
        cause = Cause.RATE_LIMITED if status == _RATE_LIMITED else Cause.SERVER_ERROR
        return Fault(cause, detail, retry_after(answer.header("retry-after")))
    if status >= _SERVER:
        return Fault(Cause.SERVER_ERROR, detail)
    if status == _PROXY_WANTS_PASSWORD:
        return Fault(Cause.PROXY, detail)
    return Fault(refusal_cause(status, code, said), detail)


def refusal_cause(status: int, code: str, said: str) -> Cause:
    """Return what a refusal of the Hub means; it answers 401 also for what does not exist."""
    if code == "GatedRepo":
        return Cause.GATED
    if status == 401 and ("credentials" in said or "token" in said.lower()):  # noqa: PLR2004
        return Cause.ACCOUNT_REFUSED
    if code == "EntryNotFound":
        return Cause.NO_SUCH_FILE
    by_status = {
        401: Cause.NO_SUCH_REPOSITORY,
        403: Cause.FORBIDDEN,
        404: Cause.NO_SUCH_REPOSITORY if code == "RepoNotFound" else Cause.NO_SUCH_FILE,
        416: Cause.RANGE_REFUSED,
        451: Cause.FORBIDDEN,
    }
    return by_status.get(status, Cause.ODD_ANSWER)


def accept(answer: Answer, offset: int, end: int, size: int, sha256: str) -> int:
    """Return how many bytes of the body to skip until byte ``offset`` of the file.

    Bytes ``offset`` to ``end`` of a file of ``size`` bytes were asked for. Raises Fault
    for an answer that cannot be them.
    """
    if answer.status not in (200, 206):
        raise refuse(answer)
    check_kind(answer)
    _check_linked(answer, size, sha256)
    length = answer.header("content-length")
    if answer.status == 200:  # noqa: PLR2004 - OK: the whole file, whatever was asked
        if length and length != str(size):
            raise Fault(Cause.WRONG_SIZE, f"{length} bytes instead of {size}")
        return offset
    matched = _RANGE.fullmatch(answer.header("content-range"))
    if matched is None:
        raise Fault(Cause.WRONG_RANGE, answer.header("content-range")[:_LONGEST_DETAIL])
    first, last, total = matched.groups()
    if total not in ("*", str(size)):
        raise Fault(Cause.WRONG_SIZE, f"{total} bytes instead of {size}")
    if (int(first), int(last)) != (offset, end - 1):
        raise Fault(Cause.WRONG_RANGE, f"{first}-{last} instead of {offset}-{end - 1}")
    if length and length != str(end - offset):
        raise Fault(Cause.WRONG_SIZE, f"{length} bytes instead of {end - offset}")
    return 0


def check_beginning(beginning: bytes) -> None:
    """Refuse what does not begin like a model. Raises Fault."""
    if beginning[:4] == b"GGUF":
        return
    page = beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    raise Fault(Cause.WEB_PAGE if page else Cause.NOT_A_MODEL, repr(beginning[:16]))


def check_kind(answer: Answer) -> None:
    """Refuse what says of itself that it is no plain answer. Raises Fault."""
    if answer.header("content-encoding").lower() not in ("", "identity"):
        raise Fault(Cause.ENCODED, answer.header("content-encoding")[:_LONGEST_DETAIL])
    kind = answer.header("content-type").lower()
    if kind.startswith("text/html"):
        raise Fault(Cause.WEB_PAGE, answer.url[:_LONGEST_DETAIL])
    if kind.startswith("multipart/"):
        raise Fault(Cause.WRONG_RANGE, kind[:_LONGEST_DETAIL])


def _check_linked(answer: Answer, size: int, sha256: str) -> None:
    """Compare what the Hub says of a file in its large store with what was ordered."""
    linked_size = answer.linked.get("x-linked-size", "")
    if linked_size and linked_size != str(size):
        raise Fault(Cause.CHANGED, f"{linked_size} bytes instead of {size}")
    tag = answer.linked.get("x-linked-etag", "").strip('"')
    if re.fullmatch(r"[0-9a-f]{64}", tag) and tag != sha256:
        raise Fault(Cause.CHANGED, f"sha256 {tag}")
