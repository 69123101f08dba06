"""What every command that runs a gateway does first: logs to stderr, and foreign errors told in our words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.cli.failure import Failure, WrongUse
from gateway.contract.table import ConfigError
from gateway.journal.journal import JournalUnusable
from gateway.stock.vault import VaultError

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def start_logging(*, verbose: bool) -> None:
    """Log to stderr: what goes wrong, or with ``verbose`` what happens."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format=_FORMAT)
    logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells every channel of every session


@contextmanager
def explained() -> Iterator[None]:
    """Turn what a gateway raises at its start into a Failure with the right exit code."""
    try:
        yield
    except ConfigError as wrong:
        raise WrongUse("the configuration cannot be used:\n  " + "\n  ".join(wrong.mistakes)) from wrong
    except (VaultError, JournalUnusable) as wrong:
        raise WrongUse(str(wrong)) from wrong
    except OSError as wrong:
        named = f"{wrong.filename}: " if wrong.filename else ""
        raise Failure(f"{named}{wrong.strerror or wrong}") from wrong
