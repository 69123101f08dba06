"""What can go wrong between us and a card, each with what to do about it.

CardError
├── NoReader      no such reader, or what drives it does not run
│   └── ReaderBusy    somebody else holds the reader
├── NoCard        nothing in the reader, or nothing that answers to a reset
├── CardGone      the card left or fell silent in the middle: what it holds now is unknown until it is read again
│   └── Garbled   something answered, but no card would say that: as good as silence
├── Refused       the card said no to a command that had to succeed
└── WrongValue    what a file should hold cannot be written in that file's coding
"""

from __future__ import annotations


class CardError(Exception):
    """Base; raised only as one of its children. Never carries a secret."""


class NoReader(CardError):
    """There is no such reader, or the service behind it does not run."""


class ReaderBusy(NoReader):
    """Another process holds the reader."""


class NoCard(CardError):
    """There is no card in the reader, or it is mute."""


class CardGone(CardError):
    """The conversation broke: the last command may have been carried out or not."""


class Garbled(CardGone):
    """The answer cannot be understood; the connection is closed."""


class Refused(CardError):
    """The card refused a command that had to succeed; ``status`` is its status word."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class WrongValue(CardError):
    """A value has no place in the coding of a file; the text names the file and what would fit."""
