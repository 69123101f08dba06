"""Milenage: what a card and an authentication centre both compute from Ki and OPc (TS 35.205, TS 35.206)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from sim_readers.secret import Secret

_BLOCK = 16
_SQN = 6
_AMF = 2
_MAC = 8
_RESYNC_AMF = bytes(_AMF)  # TS 33.102 §6.3.3: AUTS is made with a dummy AMF of zeros


def opc_of(ki: Secret, op: Secret) -> Secret:
    """OPc, which a card holds in place of the operator's OP. Raises ValueError unless both have 16 bytes."""
    key, operator = _sixteen("Ki", ki.reveal()), _sixteen("OP", op.reveal())
    return Secret(_xor(_aes(key, operator), operator))


class Milenage:
    """One subscriber's functions f1 to f5*. RAND has 16 bytes, SQN 48 bits, AMF 2 bytes; else ValueError."""

    __slots__ = ("__ki", "__opc")

    def __init__(self, ki: Secret, opc: Secret) -> None:
        self.__ki = Secret(_sixteen("Ki", ki.reveal()))
        self.__opc = Secret(_sixteen("OPc", opc.reveal()))

    def f1(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """MAC-A, 8 bytes: proves to the card that the network knows Ki."""
        return self.__out1(rand, sqn, amf)[:_MAC]

    def f1_star(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """MAC-S, 8 bytes: proves the card's own SQN when it asks for resynchronisation."""
        return self.__out1(rand, sqn, amf)[_MAC:]

    def f2(self, rand: bytes) -> bytes:
        """RES, 8 bytes."""
        return self.__out(rand, _F2_F5)[_BLOCK - 8 :]

    def f3(self, rand: bytes) -> bytes:
        """CK, 16 bytes."""
        return self.__out(rand, _F3)

    def f4(self, rand: bytes) -> bytes:
        """IK, 16 bytes."""
        return self.__out(rand, _F4)

    def f5(self, rand: bytes) -> bytes:
        """AK, 6 bytes: hides SQN in AUTN."""
        return self.__out(rand, _F2_F5)[:_SQN]

    def f5_star(self, rand: bytes) -> bytes:
        """AK*, 6 bytes: hides the card's SQN in AUTS."""
        return self.__out(rand, _F5_STAR)[:_SQN]

    def autn(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """AUTN, 16 bytes: SQN xor AK, AMF, MAC-A (TS 33.102 §6.3.2)."""
        return _xor(_sqn_bytes(sqn), self.f5(rand)) + amf + self.f1(rand, sqn, amf)

    def open_autn(self, rand: bytes, autn: bytes) -> int | None:
        """The card's side: SQN, or ``None`` if this AUTN was not made with this key."""
        sqn = int.from_bytes(_xor(autn[:_SQN], self.f5(rand)), "big")
        if len(autn) != _BLOCK or not hmac.compare_digest(self.f1(rand, sqn, autn[_SQN:_MAC]), autn[_MAC:]):
            return None
        return sqn

    def auts(self, rand: bytes, sqn_ms: int) -> bytes:
        """AUTS, 14 bytes: the card's SQN for an authentication centre that fell behind (TS 33.102 §6.3.3)."""
        return _xor(_sqn_bytes(sqn_ms), self.f5_star(rand)) + self.f1_star(rand, sqn_ms, _RESYNC_AMF)

    def sqn_in(self, auts: bytes, rand: bytes) -> int | None:
        """The centre's side: the card's SQN, or ``None`` if this AUTS was not made with this key."""
        sqn = int.from_bytes(_xor(auts[:_SQN], self.f5_star(rand)), "big")
        if len(auts) != _SQN + _MAC or not hmac.compare_digest(self.f1_star(rand, sqn, _RESYNC_AMF), auts[_SQN:]):
            return None
        return sqn

    def gsm(self, rand: bytes) -> tuple[bytes, bytes]:
        """SRES, 4 bytes, and Kc, 8 bytes, for a GSM network (c2 and c3, TS 33.102 §6.8.1.2; TS 55.205)."""
        res, keys = self.f2(rand), self.f3(rand) + self.f4(rand)
        kc = _xor(_xor(keys[:8], keys[8:16]), _xor(keys[16:24], keys[24:]))
        return _xor(res[:4], res[4:]), kc

    def __repr__(self) -> str:
        return "Milenage(…)"

    def __out1(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        if len(amf) != _AMF:
            raise ValueError(f"AMF has {_AMF} bytes, not {len(amf)}")
        opc, twice = self.__opc.reveal(), (_sqn_bytes(sqn) + amf) * 2
        rotated = _rotated(_xor(twice, opc), 8)  # r1 is 64 bits, c1 is zero
        return self.__sealed(_xor(self.__temp(rand), rotated))

    def __out(self, rand: bytes, step: _Step) -> bytes:
        rotated = _rotated(_xor(self.__temp(rand), self.__opc.reveal()), step.rotation)
        return self.__sealed(_xor(rotated, bytes((*bytes(_BLOCK - 1), step.constant))))

    def __temp(self, rand: bytes) -> bytes:
        return _aes(self.__ki.reveal(), _xor(_sixteen("RAND", rand), self.__opc.reveal()))

    def __sealed(self, block: bytes) -> bytes:
        return _xor(_aes(self.__ki.reveal(), block), self.__opc.reveal())


@dataclass(frozen=True, slots=True)
class _Step:
    """TS 35.206 §4.1: r in bytes, and the last byte of c; its other bytes are zero."""

    rotation: int
    constant: int


_F2_F5 = _Step(0, 1)
_F3 = _Step(4, 2)
_F4 = _Step(8, 4)
_F5_STAR = _Step(12, 8)


def _aes(key: bytes, block: bytes) -> bytes:
    cipher = Cipher(AES(key), ECB())  # noqa: S305 - one block, as TS 35.206 has it
    encryptor = cipher.encryptor()
    return encryptor.update(block) + encryptor.finalize()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


def _rotated(block: bytes, by: int) -> bytes:
    return block[by:] + block[:by]


def _sqn_bytes(sqn: int) -> bytes:
    if not 0 <= sqn < 1 << 48:
        raise ValueError("SQN has 48 bits")
    return sqn.to_bytes(_SQN, "big")


def _sixteen(what: str, value: bytes) -> bytes:
    if len(value) != _BLOCK:
        raise ValueError(f"{what} has {_BLOCK} bytes, not {len(value)}")
    return value
