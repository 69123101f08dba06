"""What is to be emulated, as the command line says it; light, for commands import it to show their help."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cards:
    """Which cards. Without a ``file`` their data is invented; ``personalised``: IMSI and keys are on them already."""

    model: str = "sja5"
    file: Path | None = None
    iccid: str | None = None
    personalised: bool = False
    state: Path | None = None
    delay_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Front:
    """Where others find the cards: virtual slots, a serial reader, or a modem; one kind of them, or none."""

    vpcd: tuple[str, ...] = ()
    rfc2217: int | None = None
    pty: bool = False
    modem: int | None = None
    modem_pty: bool = False

    @property
    def kinds(self) -> int:
        """How many kinds are named."""
        return sum((bool(self.vpcd), self.rfc2217 is not None, self.pty, self.modem is not None, self.modem_pty))


@dataclass(frozen=True, slots=True)
class Emulation:
    """All of it. ``tray``: the cards of these files go through the slots one after the other."""

    cards: Cards
    front: Front
    tray: tuple[Path, ...] = ()
    results: Path | None = None
    config: Path | None = None
    force: bool = False
    until_stdin_ends: bool = False
