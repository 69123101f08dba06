"""``linegate card …``: its commands and their options. What they do is loaded when one is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.cli.card import file_commands, pin_commands, pysim_commands
from gateway.cli.card.emulate import commands as emulate_commands
from gateway.cli.card.options import (
    AcceptTries,
    ApprovedBy,
    CardFiles,
    Config,
    Given,
    Gsmtap,
    JobFile,
    Origins,
    Readers,
    StationDirectory,
    Wait,
    Why,
)
from gateway.cli.options import AsJson

CARD_EXIT_CODES: Final = (
    "Exit codes: 0 as wished; 1 a card ended otherwise, or was refused; 2 wrong usage, configuration or station; "
    "3 a plan that cannot be carried out, or no gateway; 4 no reader, or no card; 5 a card refused a key."
)


def cards() -> typer.Typer:
    """Make the group of commands."""
    group = typer.Typer(
        help="Read, personalise and check SIM cards, at a technician's station.",
        no_args_is_help=True,
        epilog=CARD_EXIT_CODES,
    )
    group.callback()(_harden)
    for name, command in (
        ("readers", readers),
        ("doctor", doctor),
        ("info", info),
        ("plan", plan),
        ("apply", apply),
        ("batch", batch),
        ("swap", swap),
        ("report", report),
    ):
        group.command(name, epilog=CARD_EXIT_CODES)(command)
    group.command("pysim", epilog=CARD_EXIT_CODES)(pysim_commands.pysim)
    pin_commands.add_to(group)
    file_commands.add_to(group)
    emulate_commands.add_to(group)
    return group


def _harden() -> None:
    """Read, personalise and check SIM cards, at a technician's station."""
    from gateway.cli.hardening import leave_no_core  # noqa: PLC0415 - not needed for help

    leave_no_core()


def readers(
    *,
    reader: Readers = None,
    station: StationDirectory = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List readers, and what is in them; no key is presented."""
    from gateway.cli.card import readers as work  # noqa: PLC0415 - heavy, see the module

    work.show_readers(Given(tuple(reader or ()), station, None, config, 0.0), as_json=as_json)


def doctor(*, station: StationDirectory = None, config: Config = None, as_json: AsJson = False) -> None:
    """Check what card work needs, and say what to do about what is missing."""
    from gateway.cli.card import doctor as work  # noqa: PLC0415 - heavy, see the module

    work.doctor(station, config, as_json=as_json)


def info(  # noqa: PLR0913 - one parameter is one option
    *,
    pin: Annotated[
        bool, typer.Option("--pin", help="Present PIN1 for files that want it, from --cards or the gateway.")
    ] = False,
    cards_file: CardFiles = None,
    why: Why = "card info",
    approved_by: ApprovedBy = None,
    reader: Readers = None,
    station: StationDirectory = None,
    gsmtap: Gsmtap = None,
    config: Config = None,
    wait: Wait = 5.0,
    as_json: AsJson = False,
) -> None:
    """Show a card: which it is, its counters and its files. Its --json has "files" as a job file takes them."""
    from gateway.cli.card import info as work  # noqa: PLC0415 - heavy, see the module

    given = Given(tuple(reader or ()), station, gsmtap, config, wait)
    work.show_info(given, Origins(tuple(cards_file or ()), why, approved_by) if pin else None, as_json=as_json)


def plan(  # noqa: PLR0913 - one parameter is one option
    job: JobFile,
    *,
    cards_file: CardFiles = None,
    why: Why = "card plan",
    approved_by: ApprovedBy = None,
    accept_tries: AcceptTries = None,
    reader: Readers = None,
    station: StationDirectory = None,
    gsmtap: Gsmtap = None,
    config: Config = None,
    wait: Wait = 5.0,
    as_json: AsJson = False,
) -> None:
    """Tell what a job would write on the card in the reader; nothing is written."""
    from gateway.cli.card import single as work  # noqa: PLC0415 - heavy, see the module

    given = Given(tuple(reader or ()), station, gsmtap, config, wait)
    work.plan(given, work.Task(job, Origins(tuple(cards_file or ()), why, approved_by), accept_tries), as_json=as_json)


def apply(  # noqa: PLR0913 - one parameter is one option
    job: JobFile,
    *,
    cards_file: CardFiles = None,
    why: Why = "card apply",
    approved_by: ApprovedBy = None,
    accept_tries: AcceptTries = None,
    scan: Annotated[
        bool, typer.Option("--scan", help="First read the printed number, from a barcode scanner or the keyboard.")
    ] = False,
    typed_adm: Annotated[
        bool, typer.Option("--typed-adm", help="Ask for ADM1, twice, instead of looking it up.")
    ] = False,
    typed_adm_fd: Annotated[
        int | None, typer.Option("--typed-adm-fd", min=0, metavar="N", help="Read ADM1 from this file descriptor.")
    ] = None,
    reader: Readers = None,
    station: StationDirectory = None,
    gsmtap: Gsmtap = None,
    config: Config = None,
    wait: Wait = 5.0,
    as_json: AsJson = False,
) -> None:
    """Personalise the card in the reader: write what differs, read it back, and prove its keys."""
    from gateway.cli.card import single as work  # noqa: PLC0415 - heavy, see the module

    given = Given(tuple(reader or ()), station, gsmtap, config, wait)
    typed = work.Typed(prompt=typed_adm, descriptor=typed_adm_fd)
    origins = Origins(tuple(cards_file or ()), why, approved_by)
    work.apply(given, work.Task(job, origins, accept_tries, typed, scan=scan), as_json=as_json)


def batch(  # noqa: PLR0913 - one parameter is one option
    job: JobFile,
    *,
    cards_file: CardFiles = None,
    why: Why = "card batch",
    approved_by: ApprovedBy = None,
    yes: Annotated[
        bool, typer.Option("--yes/--canary", help="Ask nobody to try the first card in a phone before others begin.")
    ] = False,
    count: Annotated[int | None, typer.Option(min=1, metavar="N", help="End after N cards.")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Only the cards that are in now, each once; no other is waited for.")
    ] = False,
    despite_refusals: Annotated[
        bool, typer.Option("--despite-refusals", help="Also with a file whose ADM1 a card refused, and none accepted.")
    ] = False,
    reader: Readers = None,
    station: StationDirectory = None,
    gsmtap: Gsmtap = None,
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON line for each card, and one of the whole at the end.")
    ] = False,
) -> None:
    """Personalise card after card in all readers at once, until told to stop; goes on where it was left."""
    from gateway.cli.card import batch as work  # noqa: PLC0415 - heavy, see the module

    given = Given(tuple(reader or ()), station, gsmtap, config)
    manner = work.Manner(yes=yes, count=count, once=once, despite_refusals=despite_refusals)
    work.batch(given, job, Origins(tuple(cards_file or ()), why, approved_by), manner, as_json=as_json)


def swap(  # noqa: PLR0913 - one parameter is one option
    job: Annotated[
        Path | None,
        typer.Argument(help="A job file, to personalise the card first; else it is only checked.", metavar="JOB"),
    ] = None,
    *,
    msisdn: Annotated[str, typer.Option(help="The line that gets the card, E.164 with +.")],
    reason: Annotated[
        str, typer.Option(help="Why the old card goes: lost, stolen, malfunction, damaged or other.")
    ] = "other",
    cards_file: CardFiles = None,
    why: Why = "card swap",
    approved_by: ApprovedBy = None,
    accept_tries: AcceptTries = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to follow the order to its end.")] = 60.0,
    reader: Readers = None,
    station: StationDirectory = None,
    gsmtap: Gsmtap = None,
    config: Config = None,
    wait: Wait = 5.0,
    as_json: AsJson = False,
) -> None:
    """Give a line the card in the reader: personalise or check it, order the swap, and see it through."""
    from gateway.cli.card import swap as work  # noqa: PLC0415 - heavy, see the module

    given = Given(tuple(reader or ()), station, gsmtap, config, wait)
    wished = work.Swap(msisdn, reason, job, Origins(tuple(cards_file or ()), why, approved_by), accept_tries, timeout)
    work.swap(given, wished, as_json=as_json)


def report(*, station: StationDirectory = None, as_json: AsJson = False) -> None:
    """Send the gateway what waits here because it was away: what was found on cards, and swaps."""
    from gateway.cli.card import report as work  # noqa: PLC0415 - heavy, see the module

    work.report(station, as_json=as_json)
