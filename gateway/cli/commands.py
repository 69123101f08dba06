"""The commands and their options. What they do is loaded when one is asked for, which keeps ``--help`` quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.audit_commands import AUDIT_EXIT_CODES, audits, import_element
from gateway.cli.batch_commands import batches
from gateway.cli.bulk_order_commands import bulks
from gateway.cli.card.commands import cards
from gateway.cli.contract_commands import contracts
from gateway.cli.element_commands import elements
from gateway.cli.failure import DOCTOR_EXIT_CODES, EXIT_CODES
from gateway.cli.line_commands import lines
from gateway.cli.loss_commands import handsets, loss
from gateway.cli.message_commands import messages
from gateway.cli.options import AsJson
from gateway.cli.order_commands import orders
from gateway.cli.port_commands import ports
from gateway.cli.usage_commands import usages

_ENVIRONMENT = "The commands that ask a gateway read LINEGATE_URL (default http://127.0.0.1:8080) and LINEGATE_TOKEN."

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port of the gateway; 0 is any free one.")]
SimPort = Annotated[int, typer.Option(min=0, max=65535, help="Port of the simulated network; 0 is any free one.")]
Data = Annotated[Path, typer.Option(file_okay=False, help="Directory that holds everything; made if missing.")]
Config = Annotated[Path | None, typer.Option(exists=True, file_okay=False, help="Configuration; else LINEGATE_CONFIG.")]
Contracts = Annotated[Path | None, typer.Option(exists=True, file_okay=False, help="Contracts instead of those there.")]
Scenario = Annotated[
    str,
    typer.Option(envvar="LINEGATE_SCENARIO", help="The network to simulate: a name in scenarios/, or a file."),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens, not only what goes wrong.")]


def application() -> typer.Typer:
    """Make the command line."""
    app = typer.Typer(
        help="The gateway between a telecom operator's contracts and its network.",
        epilog=f"{_ENVIRONMENT}\n\n{EXIT_CODES}",
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # its traces print local variables, tokens among them
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command(epilog=EXIT_CODES)(up)
    app.command(epilog=EXIT_CODES)(serve)
    app.add_typer(orders(), name="order")
    app.add_typer(bulks(), name="bulk")
    app.add_typer(batches(), name="batch")
    app.command(epilog=EXIT_CODES)(loss)
    app.add_typer(handsets(), name="handset")
    app.add_typer(lines(), name="line")
    app.add_typer(messages(), name="message")
    app.add_typer(usages(), name="usage")
    app.add_typer(elements(), name="element")
    app.add_typer(contracts(), name="contract")
    app.add_typer(cards(), name="card")
    app.command(epilog=EXIT_CODES)(ports)
    app.command("import", epilog=EXIT_CODES)(import_)
    app.add_typer(audits(), name="audit")
    app.command("import-element", epilog=AUDIT_EXIT_CODES)(import_element)
    app.command(epilog=DOCTOR_EXIT_CODES)(doctor)
    app.command(epilog=EXIT_CODES)(demo)
    return app


def up(  # noqa: PLR0913 - one parameter is one option
    *,
    data: Data,
    port: Port = 8080,
    sim_port: SimPort = 8090,
    config: Config = None,
    contracts: Contracts = None,
    scenario: Scenario = "default",
    verbose: Verbose = False,
    until_stdin_ends: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Start a gateway and a simulated network, and keep them up.

    Prints one line "ready URL sim URL" when usable. The token is LINEGATE_TOKEN; without it one is made and printed.
    """
    from gateway.cli import up as embedded  # noqa: PLC0415 - heavy, see the module

    embedded.up(embedded.Embedding(data, port, sim_port, config, contracts, verbose, until_stdin_ends, scenario))


def serve(  # noqa: PLR0913 - one parameter is one option
    *,
    data: Data = Path("data"),
    config: Config = None,
    contracts: Contracts = None,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Port = 8080,
    advertise: Annotated[
        str | None, typer.Option(help="URL at which other instances reach this one; else as it listens.", metavar="URL")
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Start the gateway alone, against the elements of elements.toml; needs LINEGATE_TOKEN.

    With a PostgreSQL in LINEGATE_DATABASE, start as many as there is work for: they share lines and orders.
    """
    from gateway.cli import serve as alone  # noqa: PLC0415 - heavy, see the module

    alone.serve(alone.Serving(data, config, contracts, host, port, advertise, verbose))


def import_(
    files: Annotated[list[Path], typer.Argument(help="Output files of SIM vendors.")], *, as_json: AsJson = False
) -> None:
    """Import SIM vendors' files into stock; nothing already there is overwritten."""
    from gateway.cli import sims_import  # noqa: PLC0415 - heavy, see the module

    sims_import.import_files(files, as_json=as_json)


def doctor(
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no gateway, only check what one needs.")] = False,
    config: Config = None,
    data: Annotated[Path | None, typer.Option(file_okay=False, help="Data directory, to check its key.")] = None,
    database_env: Annotated[
        str | None,
        typer.Option(help="Variable with the URL of the database to check.", metavar="NAME", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check what a gateway needs, and say what to do about what is missing."""
    from gateway.cli import doctor as checking  # noqa: PLC0415 - heavy, see the module

    checking.doctor(checking.Patient(config, data, offline=offline, database_env=database_env), as_json=as_json)


def demo(
    *,
    orders_file: Annotated[Path | None, typer.Option("--orders", help="Orders and what to expect of each.")] = None,
    sims: Annotated[list[Path] | None, typer.Option(help="SIM vendors' files; may be repeated.")] = None,
    scenario: Scenario = "default",
    keep: Annotated[bool, typer.Option("--keep", help="Keep the data directory, and say where it is.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play an order file to its end on an embedded gateway and simulated network, and compare."""
    from gateway.cli import demo as playing  # noqa: PLC0415 - heavy, see the module

    playing.demo(orders_file, sims or [], scenario, keep=keep, as_json=as_json)
