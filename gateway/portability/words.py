"""What is to be said next about a port, and what the clearing house's refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drivers import commands as c
from drivers.commands import PortState
from drivers.porting import PortCommand
from gateway.journal.journal import Row
from gateway.portability.book import IN, YES

#: the clearing house's codes in the contracts' own words (002 mobile 9.2.2)
REASONS: Final[Mapping[str, str]] = {
    "RIO_WRONG": "incomplete",
    "INCOMPLETE": "incomplete",
    "INCAPACITY": "incapacity",
    "NUMBER_INACTIVE": "inactive",
    "ALREADY_PORTING": "already_porting",
    "TOO_LATE": "too_late",
}
#: with these a request is refused for good
REFUSALS: Final = frozenset(REASONS)
#: why a number of ours may not leave, by the problem of our own judgement
CODES: Final[Mapping[str, str]] = {
    "rio-invalid": "RIO_WRONG",
    "already-porting": "ALREADY_PORTING",
    "line-unknown": "NUMBER_INACTIVE",
    "line-not-active": "NUMBER_INACTIVE",
    "line-terminated": "NUMBER_INACTIVE",
    "port-date": "TOO_LATE",
    "no-portability": "INCAPACITY",
}

_BEFORE_RELEASE = (PortState.REQUESTED, PortState.ACCEPTED)


def reason(code: str) -> str:
    """Say why a port was refused, in one word."""
    return REASONS.get(code, "other")


def code_for(slug: str) -> str:
    """Say to the clearing house why a number may not leave."""
    return CODES.get(slug, "INCAPACITY")


def next_word(port: Row) -> PortCommand | None:
    """Return what is to be said now; ``None``: nothing. It follows from the row alone, and may be said again."""
    if port["stuck"] is not None or port["file"] is None:
        return None
    return _coming(port) if port["direction"] == IN else _leaving(port)


def _coming(port: Row) -> PortCommand | None:
    file, state, dropped = port["file"], port["state"], port["dropped"] is not None
    if state == "new":
        if dropped:
            return c.CancelPort(file)
        return c.RequestPort(file, port["msisdn"], port["rio"], port["recipient"], port["asked_on"])
    if state in _BEFORE_RELEASE and dropped:
        return c.CancelPort(file)
    if state in _BEFORE_RELEASE and port["on_at"] != port["told_on"]:
        return c.MovePort(file, port["on_at"])
    if state == PortState.RELEASED and port["switched_at"] is not None:
        return c.ConfirmPort(file)
    return None


def _leaving(port: Row) -> PortCommand | None:
    file, state, answer = port["file"], port["state"], port["answer"]
    if state in ("new", PortState.REQUESTED) and answer is not None:
        return c.AnswerPort(file, accepted=answer == YES, reason="" if answer == YES else answer)
    if state == PortState.ACCEPTED and port["switched_at"] is not None:
        return c.ReleasePort(file)
    return None
