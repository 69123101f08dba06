"""Secrets as people hand them over: typed twice and unseen, or as a line of a file descriptor; never on argv."""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

from gateway.cli.failure import WrongUse
from sim_readers.secret import Secret

_MOST_BYTES = 80
_LAST_DIGITS = 4
_STDIN = 0
_PIN = re.compile(r"[0-9]{4,8}")
_PUK = re.compile(r"[0-9]{8}")


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How a secret comes from a person or a script, if it does. ``option`` is how the command line calls it."""

    option: str
    prompt: bool = False
    descriptor: int | None = None

    def __bool__(self) -> bool:
        """Whether it is handed over at all."""
        return self.prompt or self.descriptor is not None

    def take(self, what: str, read: Callable[[str], Secret]) -> Secret:
        """Take it; ``what`` is its name for the person who types. Raises WrongUse, without a digit of it."""
        if self.prompt and self.descriptor is not None:
            raise WrongUse(f"--{self.option} and --{self.option}-fd: say one of them")
        written = ask_twice(what, self.option) if self.descriptor is None else line_from(self.descriptor, self.option)
        try:
            return read(written)
        except ValueError as wrong:
            raise WrongUse(f"{what}: {wrong}") from None


def read_pin(written: str) -> Secret:
    """Read a PIN. Raises ValueError."""
    if not _PIN.fullmatch(written):
        raise ValueError("a PIN has 4 to 8 digits")
    return Secret.from_digits(written)


def read_puk(written: str) -> Secret:
    """Read a PUK. Raises ValueError."""
    if not _PUK.fullmatch(written):
        raise ValueError("a PUK has 8 digits")
    return Secret.from_digits(written)


def ask_twice(what: str, option: str) -> str:
    """Ask at the terminal, twice and unseen. Raises WrongUse when they differ, or nobody can be asked."""
    if not sys.stdin.isatty():
        raise WrongUse(f"{what} can only be typed at a terminal; a script hands it over with --{option}-fd")
    first, second = (getpass.getpass(f"{what}{again}: ") for again in ("", ", once more"))
    if first != second:
        raise WrongUse(f"{what}: the two are not the same; nothing was sent to a card")
    return first


def line_from(descriptor: int, option: str) -> str:
    """Read one line and not a byte more, so that several may come through one descriptor. Raises WrongUse."""
    written = bytearray()
    try:
        while len(written) < _MOST_BYTES and (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
            written += byte
    except OSError as wrong:
        raise WrongUse(f"--{option}-fd {descriptor}: cannot be read ({wrong.strerror})") from wrong
    return written.decode("latin-1").strip()


def confirm_card(iccid: str) -> Callable[[str], bool]:
    """Make the question that is put when a card may die: it is answered with the last digits of its own number."""

    def confirm(question: str) -> bool:
        wanted = iccid[-_LAST_DIGITS:]
        asked = f"{question}.\nTo go on type the last {_LAST_DIGITS} digits of the card's number: "
        print(asked, end="", file=sys.stderr, flush=True)  # noqa: T201 - a prompt
        return line_from(_STDIN, "stdin") == wanted

    return confirm
