"""What people type at a station: an ADM1 key, twice and unseen; the number printed on a card, mostly by a scanner."""

from __future__ import annotations

import getpass
import os
import re
import sys

from gateway.cli.failure import WrongUse
from sim_readers.card_data import read_adm
from sim_readers.secret import Secret

_MOST_BYTES = 64
_NUMBER = re.compile(r"[0-9]{18,20}")


def ask_adm() -> Secret:
    """Ask for ADM1 twice, unseen. Raises WrongUse when they differ, are no key, or nobody can be asked."""
    if not sys.stdin.isatty():
        raise WrongUse("--typed-adm needs a terminal; a script hands the key over with --typed-adm-fd")
    first, second = (getpass.getpass(f"ADM1{again}: ") for again in ("", ", once more"))
    if first != second:
        raise WrongUse("the two are not the same: nothing was sent to the card")
    return _adm(first)


def adm_from(descriptor: int) -> Secret:
    """Read ADM1 from a file descriptor. Raises WrongUse."""
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            written = file.read(_MOST_BYTES)
    except OSError as wrong:
        raise WrongUse(f"--typed-adm-fd {descriptor}: cannot be read ({wrong.strerror})") from wrong
    return _adm(written.decode("latin-1").strip())


def scan() -> str:
    """Read the number printed on a card, as a scanner types it. Raises WrongUse."""
    if sys.stdin.isatty():
        print("Scan the number printed on the card: ", end="", file=sys.stderr, flush=True)  # noqa: T201 - a prompt
    number = re.sub(r"[\s-]", "", sys.stdin.readline()).upper().removesuffix("F")
    if not _NUMBER.fullmatch(number):
        raise WrongUse("what was scanned is no ICCID: 18 to 20 digits")
    return number


def _adm(written: str) -> Secret:
    try:
        return read_adm(written)
    except ValueError as wrong:
        raise WrongUse(str(wrong)) from None
