"""Where a file is on a card: ``3F00/2FE2``, ``ADF.USIM/6F07``, ``7F10/6F42``; directories end without a file."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STEP = re.compile(r"[0-9A-F]{4}")
ADF = ("ADF.USIM", "ADF.ISIM")


@dataclass(frozen=True, slots=True, order=True)
class FilePath:
    """Steps from the MF or from an application (TS 102 221 §8.3); ``3F00`` is only ever the first."""

    steps: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> FilePath:
        """Read a path as configuration writes it. Raises ValueError with what is wrong."""
        first, *rest = steps = tuple(text.upper().split("/"))
        if first not in ADF and not _STEP.fullmatch(first):
            raise ValueError(f"{text!r} must begin with a file identifier of four hex digits, or {' or '.join(ADF)}")
        if not all(_STEP.fullmatch(step) for step in rest) or "3F00" in rest:
            raise ValueError(f"{text!r} must go on with file identifiers of four hex digits, below the MF")
        return cls(steps if first in ADF or first == "3F00" else ("3F00", *steps))

    @property
    def directory(self) -> FilePath:
        """The directory the file is in; the MF is in itself."""
        return FilePath(self.steps[:-1]) if len(self.steps) > 1 else self

    @property
    def fid(self) -> int:
        """The file identifier of the last step; an application answers to 7FFF (TS 102 221 §8.3)."""
        last = self.steps[-1]
        return 0x7FFF if last in ADF else int(last, 16)

    def __truediv__(self, fid: int) -> FilePath:
        return FilePath((*self.steps, f"{fid:04X}"))

    def __str__(self) -> str:
        return "/".join(self.steps)


MF = FilePath(("3F00",))
GSM = FilePath(("3F00", "7F20"))
TELECOM = FilePath(("3F00", "7F10"))
USIM = FilePath(("ADF.USIM",))
ISIM = FilePath(("ADF.ISIM",))
