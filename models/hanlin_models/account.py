"""A person's token for the Hub: kept in the system's keyring and nowhere else."""

from collections.abc import Callable
from typing import Final

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.vault import Keyring

_SERVICE: Final = "hanlin-hub"
_NAME: Final = "token"


class HubAccount:
    """The token. Methods may block as long as the keyring does."""

    def __init__(self, find_keyring: Callable[[], Keyring | None]) -> None:
        self._find_keyring = find_keyring

    def token(self) -> str:
        """Return the token, "" when there is none or the keyring does not give it."""
        try:
            keyring = self._find_keyring()
            return (keyring.get_password(_SERVICE, _NAME) or "") if keyring is not None else ""
        except Exception:  # noqa: BLE001 - back ends raise what they like; public models need none
            return ""

    def keep(self, token: str) -> None:
        """Store another token, "" for none. Raises KnownError where there is no keyring."""
        try:
            keyring = self._find_keyring()
            if keyring is not None:
                keyring.set_password(_SERVICE, _NAME, token.strip())
                return
        except Exception as error:  # back ends raise what they like
            raise _unkept() from error
        raise _unkept()


def _unkept() -> KnownError:
    return KnownError(
        _("The token was not stored"),
        _("This system has no keyring that would keep it safe."),
        _("Unlock or install one (for example gnome-keyring or KWallet), then try again."),
    )
