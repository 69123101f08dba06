"""``linegate card emulate``: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.cli.card.emulate.wishes import Cards, Emulation, Front
from gateway.cli.card.options import Config
from gateway.cli.options import AsJson

_EXIT_CODES: Final = "Exit codes: 0 ended as asked; 1 broken; 2 wrong usage; 4 no reader listens at a slot."


def add_to(group: typer.Typer) -> None:
    """Put the command into the group."""
    group.command("emulate", epilog=_EXIT_CODES)(emulate)


def emulate(  # noqa: PLR0913 - one parameter is one option
    *,
    model: Annotated[str, typer.Option(metavar="NAME", help="sja5, sja2, sjs1, uicc or gsm.")] = "sja5",
    cards_file: Annotated[
        Path | None,
        typer.Option("--cards", metavar="FILE", help="A vendor's output file or pySim CSV; else invented."),
    ] = None,
    iccid: Annotated[str | None, typer.Option(help="Which card of the file.")] = None,
    personalised: Annotated[bool, typer.Option("--personalised", help="With IMSI, Ki and OPc on it already.")] = False,
    state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the card here between runs, with all its keys (0600).")
    ] = None,
    delay_ms: Annotated[float, typer.Option(min=0, help="What each command takes besides.")] = 0.0,
    vpcd: Annotated[
        list[str] | None, typer.Option(metavar="HOST:PORT", help="A slot of a virtual reader; may be repeated.")
    ] = None,
    rfc2217: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="PORT", help="A serial reader here; 0 is any free port.")
    ] = None,
    pty: Annotated[bool, typer.Option("--pty", help="A serial reader at a pseudo-terminal.")] = False,
    modem: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="PORT", help="A modem here; 0 is any free port.")
    ] = None,
    modem_pty: Annotated[bool, typer.Option("--modem-pty", help="A modem at a pseudo-terminal.")] = False,
    tray: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Its cards take turns in the slots, each until it is done; may be repeated."),
    ] = None,
    results: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write at the end what each card holds, as JSON lines; no key.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over --results that are there.")] = False,
    config: Config = None,
    until_stdin_ends: Annotated[bool, typer.Option("--until-stdin-ends", help="End when standard input ends.")] = False,
    as_json: AsJson = False,
) -> None:
    """Emulate cards for people, training and others' tools, until Ctrl-C; a tray also ends when it is empty.

    Prints a line "ready …" when usable. Invented cards: PIN 1234, PUK 12345678, ADM1 12345678.

    For training only: keys of real cards have no place here.
    """
    from gateway.cli.card.emulate import running as work  # noqa: PLC0415 - heavy, see the module

    cards = Cards(model, cards_file, iccid, personalised, state, delay_ms)
    front = Front(tuple(vpcd or ()), rfc2217, pty, modem, modem_pty)
    wished = Emulation(cards, front, tuple(tray or ()), results, config, force, until_stdin_ends)
    work.emulate(wished, as_json=as_json)
