"""How Ki travels to an authentication centre: enciphered by a transport key, K4, both sides hold by its number.

One block of AES-128 or two of two-key triple DES, in ECB: what the contracts of authentication centres ask for.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from sim_readers.secret import Secret

_KEY_BYTES = 16
_CHECK_BYTES = 3


class TransportAlgorithm(StrEnum):
    """What K4 is a key of."""

    AES128 = "aes128"
    TDES2 = "tdes2"


_BLOCK_BYTES = {TransportAlgorithm.AES128: 16, TransportAlgorithm.TDES2: 8}


def wrap_ki(ki: Secret, k4: Secret, algorithm: TransportAlgorithm) -> bytes:
    """Encipher Ki; 16 bytes that may be shown. Raises ValueError unless Ki and K4 have 16 bytes."""
    encryptor = _cipher(k4, algorithm).encryptor()
    return encryptor.update(_sixteen("Ki", ki)) + encryptor.finalize()


def unwrap_ki(wrapped: bytes, k4: Secret, algorithm: TransportAlgorithm) -> Secret:
    """Decipher Ki. Raises ValueError unless both have 16 bytes; a wrong K4 is not noticed, see ``check_value``."""
    decryptor = _cipher(k4, algorithm).decryptor()
    return Secret(decryptor.update(_sixteen("an enciphered Ki", Secret(wrapped))) + decryptor.finalize())


def check_value(k4: Secret, algorithm: TransportAlgorithm, block: bytes | None = None) -> str:
    """The first three bytes of an enciphered block, in hex: tells keys apart and tells nothing of them.

    The block is one of zeros unless the other side agreed on another. Raises ValueError if it is not one block.
    """
    cipher = _cipher(k4, algorithm)
    size = _BLOCK_BYTES[algorithm]
    plain = bytes(size) if block is None else block
    if len(plain) != size:
        raise ValueError(f"a check value of {algorithm} is made of a block of {size} bytes, not {len(plain)}")
    encryptor = cipher.encryptor()
    return (encryptor.update(plain) + encryptor.finalize())[:_CHECK_BYTES].hex().upper()


def _cipher(k4: Secret, algorithm: TransportAlgorithm) -> Cipher[ECB]:
    key = _sixteen("K4", k4)
    made: CipherAlgorithm
    match algorithm:
        case TransportAlgorithm.AES128:
            made = AES(key)
        case TransportAlgorithm.TDES2:
            made = TripleDES(key + key[:8])
        case _:
            assert_never(algorithm)
    return Cipher(made, ECB())  # noqa: S305 - single keys are carried, and so the centres have it


def _sixteen(what: str, value: Secret) -> bytes:
    if len(value) != _KEY_BYTES:
        raise ValueError(f"{what} has {_KEY_BYTES} bytes, not {len(value)}")
    return value.reveal()
