"""What is to be exported, and how; light, for commands import it to show their help."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Format(StrEnum):
    """What the file is for."""

    PYSIM_CSV = "pysim-csv"
    VENDOR_OUT = "vendor-out"
    VENDOR_IN = "vendor-in"
    HLR = "hlr"
    PYSIM_SCRIPT = "pysim-script"


class Algorithm(StrEnum):
    """What K4 is a key of."""

    AES128 = "aes128"
    TDES2 = "tdes2"


@dataclass(frozen=True, slots=True)
class Batch:
    """What heads a vendor's file. No ``number``: today's date and 01."""

    customer: str = "LINEGATE"
    profile_type: str = "USIM"
    number: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """One export. Cards come from ``cards``, all of it or those of ``iccids``; else ``iccids`` from the gateway."""

    format: Format
    output: Path
    iccids: tuple[str, ...] = ()
    cards: Path | None = None
    why: str | None = None
    approved_by: str | None = None
    station: Path | None = None
    config: Path | None = None
    force: bool = False
    provider: bool = False
    batch: Batch = field(default_factory=Batch)
    k4_fd: int | None = None
    k4_index: int | None = None
    op_index: int | None = None
    algorithm: Algorithm = Algorithm.AES128
    kcv_block: str | None = None
    job: Path | None = None
    model: str = "sja5"
