"""The history of the settings file: steps on plain dictionaries, only ever appended.

Step 1 leads from version 1 to version 2, and so on. A step may rename, split or drop
keys; keys it does not know stay.
"""

from collections.abc import Callable, Sequence

from hanlin.kernel.jsonfile import JsonObject

Step = Callable[[JsonObject], JsonObject]
STEPS: tuple[Step, ...] = ()
VERSION_KEY = "version"


def version_of(content: JsonObject) -> int:
    """Return the version of a file's content; one without a version is the first."""
    version = content.get(VERSION_KEY)
    return version if isinstance(version, int) and version >= 1 else 1


def upgrade(content: JsonObject, steps: Sequence[Step] = STEPS) -> JsonObject:
    """Return ``content`` brought to the newest version; a newer one is left as it is."""
    version = version_of(content)
    for number, step in enumerate(steps, start=1):
        if version == number:
            content = step(dict(content))
            version += 1
    return {**content, VERSION_KEY: version}
