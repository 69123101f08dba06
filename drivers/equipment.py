"""What is said to an Equipment Identity Register about handsets (TS 22.016; TS 29.002 §25.6, CHECK_IMEI)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

Imei = NewType("Imei", str)
"""14 digits (TAC and serial number), 15 with the check digit, or 16 with a software version (TS 23.003 §6.2)."""


@dataclass(frozen=True, slots=True)
class BlockImei:
    """No network that asks the register shall let this handset in; ``reason`` is a word for whoever reads it."""

    imei: Imei
    reason: str


@dataclass(frozen=True, slots=True)
class UnblockImei:
    """The handset shall be let in again."""

    imei: Imei


@dataclass(frozen=True, slots=True)
class ReadImei:
    """Tell whether the handset is blocked."""

    imei: Imei


EquipmentCommand = BlockImei | UnblockImei | ReadImei


@dataclass(frozen=True, slots=True)
class ImeiHeld:
    """The answer to ``ReadImei``: one nobody has blocked is not blocked."""

    blocked: bool
