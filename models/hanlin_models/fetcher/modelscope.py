"""What ModelScope knows of a repository: its list of files, over our own door."""

import json
import urllib.parse
from typing import Final

from hanlin.domain.downloads import Cause
from hanlin_models.fetcher.answers import check_kind, refuse
from hanlin_models.fetcher.faults import Fault
from hanlin_models.fetcher.https import Door
from hanlin_models.orders import Source

_OK: Final = 200
_LARGEST_LIST: Final = 16 * 2**20


def files_of(door: Door, source: Source, repository: str) -> dict[str, object]:
    """Return the files (name, size, sha256) of a repository. Raises Fault."""
    query = urllib.parse.urlencode({"Revision": "master", "Recursive": "true"})
    base = source.address.rstrip("/")
    answer = door.get(f"{base}/api/v1/models/{repository}/repo/files?{query}")
    try:
        if answer.status != _OK:
            raise refuse(answer)
        check_kind(answer)
        data = answer.read(_LARGEST_LIST)
    finally:
        answer.close()
    try:
        listed = json.loads(data)["Data"]["Files"]
        files = [
            {"name": str(one["Path"]), "size": int(one["Size"]), "sha256": str(one["Sha256"])}
            for one in listed
            if one["Type"] == "blob"
        ]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Fault(Cause.ODD_ANSWER, repr(error)[:200]) from error
    return {"repository": repository, "commit": "", "files": files}
