"""Options the card commands share, and what they make together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

Readers = Annotated[
    list[str] | None,
    typer.Option(
        "--reader",
        metavar="NAME",
        help="Reader as kind:address, or part of a PC/SC reader's name; else LINEGATE_READER (parted by ;), else "
        "those found. `readers` and `batch` take several.",
    ),
]
StationDirectory = Annotated[
    Path | None,
    typer.Option(
        "--station",
        metavar="DIR",
        envvar="LINEGATE_STATION",
        file_okay=False,
        help="Where this station keeps its ledger, journal and traces; made if missing.",
    ),
]
Gsmtap = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", envvar="LINEGATE_GSMTAP", help="Show the masked traffic live, as GSMTAP."),
]
Config = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Directory of the configuration; else LINEGATE_CONFIG."),
]
Cards = Annotated[
    Path | None,
    typer.Option(
        "--cards",
        metavar="FILE",
        help="Cards' own data: a vendor's output file or a pySim list (CSV); the gateway is not asked for them.",
    ),
]
CardFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--cards",
        metavar="FILE",
        help="Cards' own data: a vendor's output file or a pySim list (CSV); may be repeated; no gateway is asked.",
    ),
]
Why = Annotated[str, typer.Option(help="Told to the gateway's audit when it gives out a card's keys.")]
ApprovedBy = Annotated[
    str | None,
    typer.Option(metavar="WHO", help="Who agrees that the gateway tells keys, where it wants a second person."),
]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for a card.")]
AcceptTries = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Go on although a key has only N tries left: the number you have seen."),
]
JobFile = Annotated[Path, typer.Argument(help="What every card should hold: a job file (TOML).", metavar="JOB")]


@dataclass(frozen=True, slots=True)
class Given:
    """What every card command may be told; ``wait_s`` is how long a card is waited for."""

    readers: tuple[str, ...] = ()
    station: Path | None = None
    gsmtap: str | None = None
    config: Path | None = None
    wait_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Origins:
    """Where cards' own data come from: files, else the gateway, which is told why, and who agrees if somebody must."""

    cards: tuple[Path, ...] = ()
    why: str = "card work"
    approved_by: str | None = None
