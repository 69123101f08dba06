"""``linegate card export``, ``import``, ``label`` and ``trace``: their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.cli.card.export_options import Algorithm, Batch, Export, Format
from gateway.cli.card.options import ApprovedBy, Cards, Config, StationDirectory
from gateway.cli.options import AsJson

_EXIT_CODES: Final = (
    "Exit codes: 0 done; 1 refused, or not everything was taken; 2 wrong usage, or a file that is there already; "
    "3 the gateway cannot be reached."
)
_EXIT_CODES_OF_TRACE: Final = (
    "Exit codes: 0 done; 2 wrong usage, a file that is there already, or a trace that cannot be read; "
    "4 there is no trace."
)

Iccids = Annotated[list[str] | None, typer.Argument(help="The cards' numbers.", metavar="ICCID")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def add_to(group: typer.Typer) -> None:
    """Put the commands into the group."""
    for name, command in (("export", export), ("import", import_), ("label", label)):
        group.command(name, epilog=_EXIT_CODES)(command)
    group.command("trace", epilog=_EXIT_CODES_OF_TRACE)(trace)


def export(  # noqa: PLR0913 - one parameter is one option
    iccids: Iccids = None,
    *,
    form: Annotated[Format, typer.Option("--format", help="What the file is for.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The file; only its owner may read it.")
    ],
    cards_file: Cards = None,
    why: Annotated[str | None, typer.Option(help="Why; kept in the gateway's audit when it tells the keys.")] = None,
    approved_by: ApprovedBy = None,
    provider: Annotated[
        bool, typer.Option("--provider", help="pysim-csv: columns as pySim-shell's card key provider has them.")
    ] = False,
    customer: Annotated[str, typer.Option(help="vendor-out, vendor-in: who orders.")] = "LINEGATE",
    profile_type: Annotated[
        str, typer.Option(help="vendor-out, vendor-in: the vendor's name of the profile.")
    ] = "USIM",
    batch: Annotated[str, typer.Option(help="vendor-out, vendor-in: the batch's number; else of today.")] = "",
    k4_fd: Annotated[
        int | None, typer.Option("--k4-fd", min=0, metavar="N", help="hlr: read K4 as a line of this descriptor.")
    ] = None,
    k4_index: Annotated[int | None, typer.Option("--k4-index", min=0, help="hlr: K4's number at the AuC.")] = None,
    op_index: Annotated[
        int | None, typer.Option("--op-index", min=0, help="hlr: OP's number at the AuC; without it OPc is sent.")
    ] = None,
    algorithm: Annotated[Algorithm, typer.Option(help="hlr: what K4 is a key of.")] = Algorithm.AES128,
    kcv_block: Annotated[
        str | None, typer.Option("--kcv-block", metavar="HEX", help="hlr: what the check value is made of, not zeros.")
    ] = None,
    job: Annotated[Path | None, typer.Option(metavar="FILE", help="pysim-script: what the card should hold.")] = None,
    model: Annotated[str, typer.Option(help="pysim-script: the card's model.")] = "sja5",
    force: Force = False,
    station: StationDirectory = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write cards as others' tools take them; keys come from --cards, or with --why from the gateway."""
    from gateway.cli.card import exporting as work  # noqa: PLC0415 - heavy, see the module

    asked = Export(
        form,
        output,
        iccids=tuple(iccids or ()),
        cards=cards_file,
        why=why,
        approved_by=approved_by,
        station=station,
        config=config,
        force=force,
        provider=provider,
        batch=Batch(customer, profile_type, batch),
        k4_fd=k4_fd,
        k4_index=k4_index,
        op_index=op_index,
        algorithm=algorithm,
        kcv_block=kcv_block,
        job=job,
        model=model,
    )
    work.export(asked, as_json=as_json)


def import_(
    files: Annotated[list[Path], typer.Argument(help="Vendors' output files, or pySim's card lists.", metavar="FILE")],
    *,
    profile: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="How this vendor writes files: a name of config/sim_vendors; never guessed."),
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Put cards into the gateway's stock; nothing already there is overwritten."""
    from gateway.cli.card import importing as work  # noqa: PLC0415 - heavy, see the module

    work.import_cards(files, profile, config, as_json=as_json)


def label(  # noqa: PLR0913 - one parameter is one option
    iccids: Iccids = None,
    *,
    cards_file: Annotated[
        Path | None, typer.Option("--cards", metavar="FILE", help="A vendor's output file or a pySim list.")
    ] = None,
    job: Annotated[Path | None, typer.Option(metavar="FILE", help="The cards of this job that are done here.")] = None,
    form: Annotated[str, typer.Option("--format", metavar="pdf|zpl", help="What to print with.")] = "pdf",
    size: Annotated[str, typer.Option(help="Millimetres of a label of a roll, or a4: a sheet of 24.")] = "62x29",
    skip: Annotated[int, typer.Option(min=0, max=23, help="pdf: labels of the first sheet that are gone.")] = 0,
    dpi: Annotated[int, typer.Option(metavar="203|300|600", help="zpl: the printer's dots in an inch.")] = 203,
    msisdn: Annotated[bool, typer.Option("--msisdn", help="Print the line's number too; asks the gateway.")] = False,
    batch: Annotated[str, typer.Option(help="Print this batch's name.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file.")] = None,
    printer: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="zpl: print at once, on a printer that takes it raw; port 9100 unless said."
        ),
    ] = None,
    force: Force = False,
    station: StationDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Print labels with ICCID, Code 128 and Data Matrix; a key is on none."""
    if form not in ("pdf", "zpl"):
        raise typer.BadParameter("pdf or zpl", param_hint="--format")
    if dpi not in (203, 300, 600):
        raise typer.BadParameter("203, 300 or 600", param_hint="--dpi")
    from gateway.cli.card import labelling as work  # noqa: PLC0415 - heavy, see the module

    asked = work.Labels(
        tuple(iccids or ()),
        cards_file,
        job,
        station,
        form == "zpl",
        size,
        skip,
        dpi,
        msisdn,
        batch,
        output,
        printer,
        force,
    )
    work.print_labels(asked, as_json=as_json)


def trace(  # noqa: PLR0913 - one parameter is one option
    *,
    iccid: Annotated[str | None, typer.Option(help="Only what was said to this card.")] = None,
    reader: Annotated[str, typer.Option(metavar="NAME", help="Only readers with this in their name.")] = "",
    last: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the last N of them.")] = None,
    day: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Of this day (UTC); else the last.")
    ] = None,
    pcap: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them for Wireshark besides.")] = None,
    gsmtap: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Send them to a GSMTAP listener.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes, until Ctrl-C.")] = False,
    station: StationDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Show what was said to cards at this station; keys were hidden when it was written."""
    from gateway.cli.card import traces as work  # noqa: PLC0415 - heavy, see the module

    work.show_trace(work.Wanted(station, day, iccid, reader, last, pcap, gsmtap, follow), as_json=as_json)
