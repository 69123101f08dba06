"""The command line: what REST does, for people, and the commands that start it all."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import typer

from gateway.cli.commands import application
from gateway.cli.failure import INTERRUPTED, Failure


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; see ``failure`` for what the codes mean."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        application()(args=given, prog_name="linegate")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Failure as failure:
        if "--json" in given and failure.document is not None:
            typer.echo(json.dumps(failure.document, indent=2, ensure_ascii=False))
        typer.echo(f"linegate: {failure}", err=True)
        return failure.exit_code
    return 0
