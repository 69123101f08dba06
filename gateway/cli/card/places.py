"""Which readers are meant: by their names, by part of a PC/SC reader's name, or all that can be seen."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from gateway.cli.failure import NothingThere, WrongUse
from sim_readers.reader import Reader, find_readers, kinds, open_reader

_SURE: Final = "pcsc:"


def reader_names(given: Sequence[str], *, everything: bool = False) -> list[str]:
    """Return full names: of those given, else of LINEGATE_READER, else of those found. Raises NothingThere, WrongUse.

    A serial device that is found may be anything, a printer too: where PC/SC has readers, it has to be named, unless
    ``everything`` is asked for.
    """
    asked = [*given] or [name for part in os.environ.get("LINEGATE_READER", "").split(";") if (name := part.strip())]
    if not asked:
        found = list(find_readers())
        if not found:
            raise NothingThere("no reader can be seen: connect one, or name it with --reader (linegate card doctor)")
        return found if everything else [name for name in found if name.startswith(_SURE)] or found
    names = [_full(name) for name in asked]
    if len(set(names)) < len(names):
        raise WrongUse(f"a reader is named twice: {', '.join(names)}")
    return names


def one_name(given: Sequence[str]) -> str:
    """Return the one reader that is meant. Raises NothingThere, WrongUse."""
    names = reader_names(given)
    if len(names) > 1:
        raise WrongUse(f"there are several readers, name one with --reader: {', '.join(names)}")
    return names[0]


@contextmanager
def opened(name: str) -> Iterator[Reader]:
    """Open a reader and let go of it. Raises NoReader."""
    reader = open_reader(name)
    try:
        yield reader
    finally:
        reader.close()


def _full(name: str) -> str:
    if name.partition(":")[0] in kinds() and ":" in name:
        return name
    pcsc = [found for found in find_readers() if found.startswith(_SURE)]
    fitting = [found for found in pcsc if name.casefold() in found.casefold()]
    match fitting:
        case [one]:
            return one
        case []:
            seen = f"there is {', '.join(pcsc)}" if pcsc else "there is none at PC/SC"
            raise NothingThere(f"no reader is named like {name!r}: {seen}; others are named kind:address")
        case _:
            raise WrongUse(f"several readers are named like {name!r}: {', '.join(fitting)}")
