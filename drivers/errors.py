"""When a conversation breaks: each error tells whether the command may have been carried out.

DriverError
├── Unreachable   not sent: nothing happened, try later
│   ├── Busy      the element heard it, said "not now" and did nothing
│   ├── Uncertain nothing is wrong with the element: it is not certain that the command is ours to send
│   └── Paused    the element is not to be spoken to for a while (see ``drivers.flow``)
├── InDoubt       sent, no answer: read the element before anything else
│   └── Garbled   an answer came but cannot be understood: as good as none
└── NotSpoken     this element cannot be told this: nothing was sent
"""

from __future__ import annotations


class DriverError(Exception):
    """Base; raised only as one of its children."""


class Unreachable(DriverError):
    """The command was not sent."""


class Busy(Unreachable):
    """The element was asked, refused because it is busy, and did nothing."""


class Uncertain(Unreachable):
    """The command was kept back: somebody else may be at work on what it is about."""


class InDoubt(DriverError):
    """The command was sent; whether it was carried out is unknown."""


class Garbled(InDoubt):
    """The answer cannot be understood; the conversation is closed."""


class NotSpoken(DriverError):
    """The dialect or the element has no word for this intent; the message names what is missing."""


class StreamClosed(Exception):
    """The byte stream under a conversation has ended."""


class NothingSent(StreamClosed):
    """It had ended before: none of the bytes handed to it have left."""
