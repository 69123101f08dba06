"""Files for their owner alone, written whole or not at all, and never over another one unless that is wished."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.cli.failure import Failure, WrongUse

_MODE = 0o600


def refuse_overwriting(file: Path, *, force: bool) -> None:
    """Say early that a file is there; ``write_private`` looks again. Raises WrongUse."""
    if file.exists() and not force:
        raise WrongUse(f"{file} is there already, and was left as it is: name another, or say --force")
    if not file.parent.is_dir():
        raise WrongUse(f"{file.parent} is no directory: make it first")


def write_private(file: Path, content: bytes, *, force: bool = False) -> None:
    """Write a file of mode 0600, all of it or none. Raises WrongUse when it is there already, Failure."""
    draft = file.with_name(f".{file.name}.{os.getpid()}-{os.urandom(4).hex()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as made:
            made.write(content)
            made.flush()
            os.fsync(made.fileno())
        if force:
            draft.replace(file)
        else:
            os.link(draft, file)  # unlike renaming, refuses when somebody made it meanwhile
    except FileExistsError:
        raise WrongUse(f"{file} is there already, and was left as it is: name another, or say --force") from None
    except OSError as wrong:
        raise Failure(f"{file} was not written: {wrong.strerror}") from wrong
    finally:
        draft.unlink(missing_ok=True)
