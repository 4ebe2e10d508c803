"""What a test Hub offers: repositories with their files, as the Hub's interface words them."""

import hashlib
from dataclasses import dataclass, field

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Repository:
    """One repository. ``gated`` and ``private`` ones want a token."""

    name: str
    files: dict[str, bytes]
    commit: str = COMMIT
    gated: bool = False
    private: bool = False
    downloads: int = 1
    tags: tuple[str, ...] = ("gguf", "license:apache-2.0")
    architecture: str = "qwen3"
    task: str = "text-generation"
    updated: str = "2026-11-01T00:00:00.000Z"

    def info(self) -> dict[str, object]:
        """Return what the Hub says about it."""
        return {
            "_id": "0" * 24,
            "id": self.name,
            "modelId": self.name,
            "sha": self.commit,
            "private": self.private,
            "gated": "auto" if self.gated else False,
            "downloads": self.downloads,
            "likes": 3,
            "lastModified": self.updated,
            "createdAt": "2026-10-01T00:00:00.000Z",
            "tags": list(self.tags),
            "pipeline_tag": self.task,
            "cardData": {"license": "apache-2.0"},
            "gguf": {"architecture": self.architecture, "context_length": 40960},
            "siblings": [{"rfilename": name} for name in self.files],
        }

    def tree(self) -> list[dict[str, object]]:
        """Return the list of its files."""
        return [_entry(name, data) for name, data in self.files.items()]

    def modelscope(self) -> dict[str, object]:
        """Return the list of its files as ModelScope words it."""
        files = [
            {
                "Path": name,
                "Name": name.rsplit("/", 1)[-1],
                "Size": len(data),
                "Sha256": sha256(data),
                "Type": "blob",
                "Revision": self.commit,
            }
            for name, data in self.files.items()
        ]
        return {"Code": 200, "Data": {"Files": files}}


@dataclass
class Shelf:
    """The repositories of one or several servers."""

    repositories: dict[str, Repository] = field(default_factory=dict)

    def add(self, repository: Repository) -> Repository:
        """Offer a repository."""
        self.repositories[repository.name] = repository
        return repository

    def stored(self, digest: str) -> bytes | None:
        """Return the file with this hash."""
        for repository in self.repositories.values():
            for data in repository.files.values():
                if sha256(data) == digest:
                    return data
        return None


_digests: dict[int, tuple[bytes, str]] = {}


def sha256(data: bytes) -> str:
    """Return the hash of a file, computed once for each object."""
    known = _digests.get(id(data))
    if known is None or known[0] is not data:
        known = _digests[id(data)] = (data, hashlib.sha256(data).hexdigest())
    return known[1]


def _entry(name: str, data: bytes) -> dict[str, object]:
    return {
        "type": "file",
        "oid": hashlib.sha1(data[:4096], usedforsecurity=False).hexdigest(),
        "size": len(data),
        "path": name,
        "lfs": {"oid": sha256(data), "size": len(data), "pointerSize": 134},
    }
