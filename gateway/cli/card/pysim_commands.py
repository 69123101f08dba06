"""``linegate card pysim``: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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


def pysim(  # noqa: PLR0913 - one parameter is one option
    job: JobFile,
    *,
    checkout: Annotated[
        Path,
        typer.Option(
            exists=True, file_okay=False, metavar="DIR", help="Your clone of pySim, with pySim-shell.py in it."
        ),
    ],
    python: Annotated[
        str, typer.Option(metavar="PY", help="The Python with pySim's requirements, mostly of a virtual environment.")
    ] = "python3",
    cards_file: CardFiles = None,
    why: Why = "card pysim",
    approved_by: ApprovedBy = None,
    accept_tries: AcceptTries = None,
    reader: Readers = None,
    station: StationDirectory = None,
    gsmtap: Gsmtap = None,
    config: Config = None,
    wait: Wait = 5.0,
    as_json: AsJson = False,
) -> None:
    """Have your own pySim write a job's files on the card in a PC/SC reader; keys on it are proven, never written.

    ADM1 is presented by our rules first; pySim is run only if the card accepts it.

    The card is done if what is read back is as wished and its keys are proven, whatever pySim printed.
    """
    from gateway.cli.card import bridging as work  # noqa: PLC0415 - heavy, see the module
    from gateway.cli.card.single import Task  # noqa: PLC0415 - heavy, see the module

    given = Given(tuple(reader or ()), station, gsmtap, config, wait)
    origins = Origins(tuple(cards_file or ()), why, approved_by)
    work.run_pysim(given, Task(job, origins, accept_tries), work.Shell(checkout, python), as_json=as_json)
