"""Secrets of SIMs at rest: AES-256-GCM, one nonce each, bound to their ICCID and column so none can be moved."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from drivers.subscription import Iccid

KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2: random 96-bit nonces, far below 2**32 of them under one key


class VaultError(Exception):
    """The vault cannot be opened, or a secret in it is not what was put there."""


class Vault:
    """Seals and opens secrets; knows nothing of where they are stored."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise VaultError(f"the vault key must be {KEY_BYTES} bytes, base64-encoded")
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return "Vault(…)"

    def seal(self, iccid: Iccid, column: str, secret: str) -> bytes:
        """Return nonce and ciphertext of one secret."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), _bound_to(iccid, column))

    def open(self, iccid: Iccid, column: str, sealed: bytes) -> str:
        """Return the secret. Raises VaultError when key, ICCID or column are not those it was sealed with."""
        try:
            opened = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(iccid, column))
        except (InvalidTag, ValueError):
            raise VaultError(f"{column} of SIM {iccid} cannot be opened: another vault key, or altered data") from None
        return opened.decode()


def load_key(environment: str | None, file: Path) -> bytes:
    """Decode the key given by the environment, else that in the file (made, 0600, if missing). Raises VaultError."""
    if environment:
        return _decode(environment, "the environment")
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
            made.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            made.flush()
            os.fsync(made.fileno())
    return _decode(file.read_text("utf-8", "replace"), file.name)


def _decode(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):  # not ASCII, or not base64
        raise VaultError(f"the vault key from {where} is not base64") from None


def _bound_to(iccid: Iccid, column: str) -> bytes:
    return f"linegate/1:{iccid}:{column}".encode()
