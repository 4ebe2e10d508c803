"""What the Hub knows of repositories, through its own client: metadata only, never bytes.

The client reads its switches from the environment when it is imported; SWITCHES must be
there before (the program puts them into the fetcher's environment).
"""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from typing import Final

import httpx2
import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.hf_api import ModelInfo, RepoFile

from hanlin.domain.downloads import Cause
from hanlin_models.fetcher.answers import refusal_cause
from hanlin_models.fetcher.faults import Fault
from hanlin_models.fetcher.https import (
    AGENT,
    Door,
    addresses,
    check_redirect,
    origin_of,
    retry_after,
)
from hanlin_models.orders import Source

_CONNECT_SECONDS: Final = 15.0
_NAME_SECONDS: Final = 6.0
"""Somebody waits for the answer, and every source is tried."""
_RATE_LIMITED: Final = 429
_SERVER: Final = 500
_HTTPS: Final = 443
_NOT_YET_VALID, _EXPIRED = 9, 10


def use(door: Door) -> None:
    """Have the client go through our rules: TLS, proxy, and every request reported."""
    hooks: dict[str, list[Callable[..., object]]] = {
        "request": [lambda request: _on_request(door, request)],
        "response": [lambda response: _on_response(door, response)],
    }

    def client() -> httpx2.Client:
        return httpx2.Client(
            verify=door.context,
            proxy=door.network.proxy or None,
            timeout=httpx2.Timeout(door.network.patience, connect=_CONNECT_SECONDS),
            follow_redirects=True,
            trust_env=False,
            headers={"User-Agent": AGENT},
            event_hooks=hooks,
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
                "size": entry.lfs.size if entry.lfs else entry.size,
                "sha256": entry.lfs.sha256 if entry.lfs else None,
            }
            for entry in tree
            if isinstance(entry, RepoFile)
        ]
    return {**_summary(info), "commit": info.sha or "", "files": files}


def search(door: Door, source: Source, words: str, author: str, most: int) -> list[object]:
    """Return the GGUF repositories that match, most downloaded first. Raises Fault."""
    api = _api(door, source)
    with _naming_faults():
        found = api.list_models(
            search=words or None,
            author=author or None,
            filter="gguf",
            sort="downloads",
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
        "downloads": info.downloads or 0,
        "likes": info.likes or 0,
        "gated": bool(info.gated),
        "updated": info.last_modified.isoformat() if info.last_modified else "",
        "tags": [str(tag) for tag in info.tags or []][:100],
        "task": info.pipeline_tag or "",
        "licence": str(card.get("license") or "") if card else "",
        "architecture": str(gguf.get("architecture", "")) if isinstance(gguf, dict) else "",
        "context": gguf.get("context_length") if isinstance(gguf, dict) else None,
    }


def _on_request(door: Door, request: httpx2.Request) -> None:
    url = str(request.url)
    previous = request.extensions.get("hanlin")
    check_redirect(str(previous) if previous else url, url)
    if not door.network.proxy:
        # The client would try an unknown name again and again for half a minute.
        addresses(request.url.host, request.url.port or _HTTPS, _NAME_SECONDS)
    number = door.number()
    request.extensions = {**request.extensions, "hanlin": url, "hanlin_number": number}
    host = request.url.netloc.decode("ascii", "replace")
    door.report({"event": "request", "number": number, "host": host, "what": request.method})


def _on_response(door: Door, response: httpx2.Response) -> None:
    response.read()
    door.report(
        {
            "event": "response",
            "number": response.request.extensions.get("hanlin_number", 0),
            "status": response.status_code,
            "count": response.num_bytes_downloaded,
        }
    )


@contextlib.contextmanager
def _naming_faults() -> Iterator[None]:
    """Turn what the client raises into our faults."""
    try:
        yield
    except HFValidationError as error:
        raise Fault(Cause.BAD_NAME, str(error)[:200]) from error
    except HfHubHTTPError as error:
        raise _refusal(error) from error
    except httpx2.TimeoutException as error:
        raise Fault(Cause.STALLED, str(error)) from error
    except httpx2.ProxyError as error:
        raise Fault(Cause.PROXY, str(error)) from error
    except httpx2.ConnectError as error:
        raise _no_connection(error) from error
    except httpx2.TransportError as error:
        raise Fault(Cause.CUT, str(error)) from error
    except httpx2.HTTPError as error:
        raise Fault(Cause.ODD_ANSWER, str(error)[:200]) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # No JSON, or JSON of another shape: whoever answered, it was not a Hub.
        raise Fault(Cause.ODD_ANSWER, repr(error)[:200]) from error


def _refusal(error: HfHubHTTPError) -> Fault:
    response = error.response
    status = response.status_code
    headers = response.headers
    if status == _RATE_LIMITED:
        wait = retry_after(headers.get("retry-after", ""))
        return Fault(Cause.RATE_LIMITED, str(status), wait)
    if status >= _SERVER:
        return Fault(Cause.SERVER_ERROR, str(status))
    code, said = headers.get("x-error-code", ""), headers.get("x-error-message", "")
    return Fault(refusal_cause(status, code, said), f"{status} {code} {said}".strip()[:200])


def _no_connection(error: httpx2.ConnectError) -> Fault:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            wrong_date = cause.verify_code in (_NOT_YET_VALID, _EXPIRED)
            found = Cause.CLOCK if wrong_date else Cause.CERTIFICATE
            return Fault(found, cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    return Fault(Cause.UNREACHABLE, str(error))
