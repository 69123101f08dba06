"""How a literal dialogue is written down: ``> `` is what the gateway says, ``< `` what the element says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from drivers.commands import Command, Reply

Exchanges = list[tuple[Command, Reply]]


@dataclass(frozen=True)
class Part:
    """One thing sent and what came back for it; sent is empty where the element speaks first."""

    sent: bytes
    received: bytes


def lines(text: str) -> list[tuple[str, str]]:
    """Every line of the dialogue as its direction and what was said; anything else in the file is a comment."""
    return [(line[0], line[2:]) for line in text.splitlines() if line[:1] in ("<", ">")]


def parts(said: Iterable[tuple[str, bytes]]) -> list[Part]:
    """Join what was said, piece by piece, to one part for each time the gateway begins to speak."""
    found: list[Part] = []
    direction = ""
    for turn, data in said:
        if not found or (turn == ">" and direction == "<"):
            found.append(Part(b"", b""))
        direction, last = turn, found[-1]
        found[-1] = (
            replace(last, sent=last.sent + data) if turn == ">" else replace(last, received=last.received + data)
        )
    return found


def by_line(ending: bytes = b"\r\n") -> Callable[[str], list[Part]]:
    """Read a dialogue in text: every line ends in the same way."""
    return lambda text: parts((turn, words.encode() + ending) for turn, words in lines(text))


def in_hex(text: str) -> list[Part]:
    """Read a dialogue in octets, with comments after ``#``."""
    return parts((turn, bytes.fromhex(words.partition("#")[0])) for turn, words in lines(text))
