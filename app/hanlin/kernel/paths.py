"""Where things lie on this computer: the only import of platformdirs.

A data folder given on the command line (or a ``portable`` marker beside the
frozen program) holds everything, so that the program can live on a USB stick.
Creating files inside these folders is the business of those who own them.
"""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from hanlin.kernel.files import make_private

APP_NAME = "hanlin"
DATA_DIR_VARIABLE = "HANLIN_DATA_DIR"


@dataclass(frozen=True, slots=True)
class Paths:
    """The program's folders. They may not exist yet: see :func:`create`."""

    data: Path
    """The database, its keys and backups."""
    config: Path
    """What the person chose: settings.json."""
    state: Path
    """What the program remembers: window size, last model, crash files."""
    cache: Path
    """What can be made again."""
    models: Path
    """Models that were downloaded or carried in."""
    carried: bool = False
    """Whether all lies in one folder, as on a USB stick, that is opened on other computers too."""

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.data / "hanlin.db"

    @property
    def keys(self) -> Path:
        """The wrapped database key; not secret by itself unless its slot is open."""
        return self.data / "keys.json"

    @property
    def settings(self) -> Path:
        """The person's choices."""
        return self.config / "settings.json"

    @property
    def window_state(self) -> Path:
        """Window geometry and the like."""
        return self.state / "state.json"

    @property
    def states(self) -> Path:
        """What models have read of conversations, encrypted."""
        return self.cache / "states"

    @property
    def logs(self) -> Path:
        """Log and crash files; no conversation text is ever written there."""
        return self.state / "logs"

    @property
    def instance_lock(self) -> Path:
        """Held by the one running window of this data folder."""
        return self.data / "instance.lock"

    def create(self) -> None:
        """Create the folders, readable by their owner alone.

        Raises OSError, also where nothing can be kept in them: the caller knows how to say it.
        """
        for folder in (self.data, self.config, self.state, self.cache, self.models, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(self.data, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.data))
        # Older versions, and people who make the folder themselves, leave it open to others.
        make_private(self.data, self.config, self.state, self.cache)


def under(root: Path) -> Paths:
    """Return the folders of a self-contained data folder ``root``."""
    root = root.expanduser().absolute()
    return Paths(
        data=root / "data",
        config=root / "config",
        state=root / "state",
        cache=root / "cache",
        models=root / "models",
        carried=True,
    )


def of_user() -> Paths:
    """Return the folders the operating system gives to a person's programs."""
    import platformdirs  # noqa: PLC0415 - slow to import, and a data folder of one's own needs none

    dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
    data = Path(dirs.user_data_dir)
    return Paths(
        data=data,
        config=Path(dirs.user_config_dir),
        state=Path(dirs.user_state_dir) / "state",
        cache=Path(dirs.user_cache_dir),
        models=data / "models",
    )


def resolve(data_dir: Path | None = None, program_folder: Path | None = None) -> Paths:
    """Return the folders to use: ``data_dir``, the environment's, a portable one, the user's.

    ``program_folder`` is the frozen program's own folder; a file named ``portable``
    in it asks for a data folder beside the program.
    """
    if data_dir is not None:
        return under(data_dir)
    if from_environment := os.environ.get(DATA_DIR_VARIABLE):
        return under(Path(from_environment))
    if program_folder is not None and (program_folder / "portable").exists():
        return under(program_folder / "hanlin-data")
    return of_user()
