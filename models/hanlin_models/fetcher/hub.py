"""What the Hub knows of repositories, through its own client: metadata only, never bytes.

The client reads its switches from the environment when it is imported; SWITCHES must be
there before (the program puts them into the fetcher's environment).
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import httpx2
import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.hf_api import ModelInfo, RepoFile

from hanlin.domain.downloads import Cause
from hanlin_models.answered import whole
from hanlin_models.fetcher.answers import check_kind, refusal_cause, refuse
from hanlin_models.fetcher.faults import Fault
from hanlin_models.fetcher.https import AGENT, Answer, Door, origin_of
from hanlin_models.orders import Source

_LARGEST_ANSWER: Final = 1 << 26
_OK: Final = 200
_RATE_LIMITED: Final = 429
_SERVER: Final = 500
_ORDERS: Final[Mapping[str, Literal["likes", "last_modified"]]] = {
    "likes": "likes",
    "updated": "last_modified",
}
_FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection"})


class _ThroughTheDoor(httpx2.BaseTransport):
    """Lets the client ask by the door alone, whose rules and reports are then its own.

    Whatever token the client would send stays here: the door adds it, to its origin.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Make one request, redirects included. Raises Fault."""
        if request.method != "GET":
            raise Fault(Cause.ODD_ANSWER, f"the client wants to {request.method}")
        accepted = request.headers.get("accept", "*/*")
        answer = self._door.get(str(request.url), {"Accept": accepted})
        try:
            _refuse_at_once(answer)
            body = _whole_body(answer)
        finally:
            answer.close()
        kept = [pair for pair in answer.headers if pair[0].lower() not in _FRAMING]
        return httpx2.Response(answer.status, headers=kept, content=body, request=request)


def _refuse_at_once(answer: Answer) -> None:
    """Raise Fault for what the client would sit out for minutes, or read as the Hub's word."""
    if answer.status == _RATE_LIMITED or answer.status >= _SERVER:
        raise refuse(answer)
    if answer.status == _OK:
        check_kind(answer)


def _whole_body(answer: Answer) -> bytes:
    if answer.header("content-encoding").lower() not in ("", "identity"):
        raise Fault(Cause.ENCODED, answer.header("content-encoding")[:200])
    body = answer.read(_LARGEST_ANSWER + 1)
    if len(body) > _LARGEST_ANSWER:
        raise Fault(Cause.ODD_ANSWER, "far too long")
    return body


def use(door: Door) -> None:
    """Have the client go through our rules: TLS, proxy, and every request reported."""

    def client() -> httpx2.Client:
        return httpx2.Client(
            transport=_ThroughTheDoor(door), trust_env=False, headers={"User-Agent": AGENT}
        )

    huggingface_hub.set_client_factory(client)


def files_of(door: Door, source: Source, repository: str, revision: str) -> dict[str, object]:
    """Return commit and files (name, size, sha256 or None) of a repository. Raises Fault."""
    api = _api(door, source)
    with _naming_faults():
        info = api.model_info(
            repository, revision=revision or None, expand=["sha", "gated", "cardData", "gguf"]
        )
        tree = api.list_repo_tree(repository, recursive=True, revision=info.sha)
        files = [
            {
                "name": entry.path,
                "size": whole(entry.lfs.size if entry.lfs else entry.size),
                "sha256": entry.lfs.sha256 if entry.lfs else None,
            }
            for entry in tree
            if isinstance(entry, RepoFile)
        ]
    return {**_summary(info), "commit": info.sha or "", "files": files}


def search(
    door: Door, source: Source, words: str, author: str, most: int, order: str = ""
) -> list[object]:
    """Return the GGUF repositories that match, most downloaded first. Raises Fault.

    ``order`` is another first: ``likes`` or ``updated``.
    """
    api = _api(door, source)
    with _naming_faults():
        found = api.list_models(
            search=words or None,
            author=author or None,
            filter="gguf",
            sort=_ORDERS.get(order, "downloads"),
            limit=most,
            expand=["downloads", "likes", "gated", "lastModified", "tags", "pipeline_tag", "gguf"],
        )
        return [_summary(info) for info in found]


def _api(door: Door, source: Source) -> huggingface_hub.HfApi:
    use(door)
    at_home = origin_of(source.address) == origin_of(door.network.token_origin)
    token: str | bool = door.network.token if door.network.token and at_home else False
    return huggingface_hub.HfApi(endpoint=source.address.rstrip("/"), token=token)


def _summary(info: ModelInfo) -> dict[str, object]:
    card = info.card_data
    gguf: object = info.gguf
    return {
        "repository": info.id,
        "downloads": whole(info.downloads),
        "likes": whole(info.likes),
        "gated": bool(info.gated),
        "updated": info.last_modified.isoformat() if info.last_modified else "",
        "tags": [str(tag) for tag in info.tags or []][:100],
        "task": info.pipeline_tag or "",
        "licence": str(card.get("license") or "") if card else "",
        "architecture": str(gguf.get("architecture", "")) if isinstance(gguf, dict) else "",
        "context": whole(gguf.get("context_length")) or None if isinstance(gguf, dict) else None,
    }


@contextlib.contextmanager
def _naming_faults() -> Iterator[None]:
    """Turn what the client raises into our faults."""
    try:
        yield
    except HFValidationError as error:
        raise Fault(Cause.BAD_NAME, str(error)[:200]) from error
    except HfHubHTTPError as error:
        raise _refusal(error) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Fault(Cause.ODD_ANSWER, str(error)[:200]) from error
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        # No JSON, or JSON of another shape: whoever answered, it was not a Hub.
        raise Fault(Cause.ODD_ANSWER, repr(error)[:200]) from error


def _refusal(error: HfHubHTTPError) -> Fault:
    response = error.response
    status = response.status_code
    headers = response.headers
    code, said = headers.get("x-error-code", ""), headers.get("x-error-message", "")
    return Fault(refusal_cause(status, code, said), f"{status} {code} {said}".strip()[:200])
