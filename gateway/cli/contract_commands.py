"""``linegate contract …``: its commands and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import AsJson

CONTRACT_EXIT_CODES = (
    "Exit codes: 0 nothing is wrong; 1 a file has mistakes, or the contract says nothing about the topic; "
    "2 wrong usage, or a file that is not there."
)

_Config = Annotated[
    Path | None, typer.Option(exists=True, file_okay=False, help="Configuration; else LINEGATE_CONFIG.")
]
_Contracts = Annotated[
    Path | None, typer.Option(exists=True, file_okay=False, help="Contracts instead of those there.")
]


def contracts() -> typer.Typer:
    """Make the group of commands."""
    group = typer.Typer(
        help="See what contracts say, and check them before a gateway reads them.",
        no_args_is_help=True,
        epilog=CONTRACT_EXIT_CODES,
    )
    for name, command in (("check", check), ("list", list_), ("explain", explain)):
        group.command(name, epilog=CONTRACT_EXIT_CODES)(command)
    return group


def check(
    path: Annotated[Path | None, typer.Argument(help="A contract, or a folder of them.", metavar="FILE|DIR")] = None,
    *,
    config: _Config = None,
    as_json: AsJson = False,
) -> None:
    """Check contracts, and name every mistake with its file and key; no gateway is needed.

    Without a file or a folder, and of a folder, also whether the configuration has an element for every host. Of one
    file only what it says itself.
    """
    from gateway.cli import contracts as work  # noqa: PLC0415 - heavy, see the module

    work.check(path, config, as_json=as_json)


def list_(*, config: _Config = None, contracts: _Contracts = None, as_json: AsJson = False) -> None:
    """List the contracts of the configuration: their hosts, plans and options."""
    from gateway.cli import contracts as work  # noqa: PLC0415 - heavy, see the module

    work.show_list(config, contracts, as_json=as_json)


def explain(
    contract: Annotated[str, typer.Argument(help="Its name, or its file.")],
    topic: Annotated[list[str] | None, typer.Argument(help="What it is about: roaming, unpaid, … Else all.")] = None,
    *,
    config: _Config = None,
    contracts: _Contracts = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a contract says about a topic, and which clause each rule comes from."""
    from gateway.cli import contracts as work  # noqa: PLC0415 - heavy, see the module

    work.explain(contract, " ".join(topic or ()), work.Folders(config, contracts), as_json=as_json)
