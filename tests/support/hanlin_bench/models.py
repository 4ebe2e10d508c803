"""A data folder whose library knows some models; their files exist and are never read."""

import json
from collections.abc import Sequence

from hanlin.kernel.paths import Paths

MODELS = ("alpha", "beta")


def write_models(folders: Paths, names: Sequence[str] = MODELS) -> None:
    """Fill the new data folder; the first model is the one loaded last."""
    folders.create()
    entries = []
    for name in names:
        file = folders.models / f"{name}.gguf"
        file.write_bytes(b"GGUF")
        entries.append({"id": name, "name": name, "path": str(file), "bytes": 4})
    (folders.data / "models.json").write_text(json.dumps({"version": 1, "models": entries}))
    folders.window_state.write_text(json.dumps({"version": 1, "last_model": names[0]}))
