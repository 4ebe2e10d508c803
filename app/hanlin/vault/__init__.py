"""Keys: how the conversations are locked and unlocked. See :mod:`hanlin.vault.vault`."""

from hanlin.vault.keyrings import Keyring, backend_name, system_keyring, trusted
from hanlin.vault.vault import Unlocked, Vault

__all__ = ["Keyring", "Unlocked", "Vault", "backend_name", "system_keyring", "trusted"]
