"""Secrets at rest: files only their owner may read, and AuC keys sealed with AES-GCM."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from drivers.commands import Credentials

_NONCE_BYTES = 12  # the size NIST SP 800-38D §8.2 recommends


def kept_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the file's bytes, made once and readable by the owner alone; a torn first write leaves no file."""
    if not path.exists():
        draft = path.with_name(path.name + ".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return path.read_bytes()


class Sealer:
    """Seals one SIM's keys so that they open only for the IMSI they were sealed for."""

    def __init__(self, data_dir: Path) -> None:
        key = kept_secret(data_dir / "storage.key", lambda: AESGCM.generate_key(256))
        self._cipher = AESGCM(key)

    def seal(self, imsi: str, keys: Credentials) -> bytes:
        """Encrypt; the IMSI is associated data, so a row copied under another IMSI does not open."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, f"{keys.ki}:{keys.opc or ''}".encode(), imsi.encode())

    def open(self, imsi: str, sealed: bytes) -> Credentials:
        """Decrypt. Raises cryptography's InvalidTag when the row was altered or belongs to another IMSI."""
        plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], imsi.encode())
        ki, _, opc = plain.decode().partition(":")
        return Credentials(ki, opc or None)
