"""What goes wrong with cards and readers, as the exit codes of the command line: the one place that knows both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.cli.failure import Failure, NothingThere, WrongUse
from sim_readers.errors import CardError, NoCard, NoReader
from sim_readers.job.runner import NotOurs
from sim_readers.ledger import LedgerBroken
from sim_readers.models.profile import ProfileError
from sim_readers.models.recognition import UnknownCard


@contextmanager
def explained() -> Iterator[None]:
    """Turn what a card, a reader or the station raises into a Failure with the right exit code."""
    try:
        yield
    except (NoReader, NoCard) as nothing:
        raise NothingThere(str(nothing)) from nothing
    except ProfileError as wrong:
        raise WrongUse(f"card profiles or the job cannot be used:\n{wrong}") from wrong
    except LedgerBroken as broken:
        raise WrongUse(str(broken)) from broken
    except (CardError, NotOurs, UnknownCard) as wrong:
        raise Failure(str(wrong)) from wrong
    except OSError as wrong:
        named = f"{wrong.filename}: " if wrong.filename else ""
        raise Failure(f"{named}{wrong.strerror or wrong}") from wrong
