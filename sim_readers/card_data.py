"""What is known of one card before it is touched: its identity and its secrets."""

from __future__ import annotations

from dataclasses import dataclass

from sim_readers.secret import Secret

ADM_BYTES = 8  # TS 102 221 §9.5.1: every key a card verifies has eight bytes
_ADM_HEX = 16


@dataclass(frozen=True, slots=True)
class CardData:
    """One card as a vendor's file or the vault has it. Ki and OPc have 16 bytes, ADM1 the 8 that are verified."""

    iccid: str
    imsi: str
    ki: Secret | None = None
    opc: Secret | None = None
    pin1: Secret | None = None
    puk1: Secret | None = None
    pin2: Secret | None = None
    puk2: Secret | None = None
    adm1: Secret | None = None


def read_adm(written: str) -> Secret:
    """Read an ADM key as vendors write it: 8 digits are sent as ASCII, 16 hex digits as bytes. Raises ValueError.

    Nothing between the two is guessed at: a wrong guess costs one of the card's few tries.
    """
    if len(written) == ADM_BYTES:
        return Secret.from_digits(written)
    if len(written) == _ADM_HEX:
        return Secret.from_hex(written)
    raise ValueError(f"an ADM key is written as {ADM_BYTES} digits or as {_ADM_HEX} hex digits")
