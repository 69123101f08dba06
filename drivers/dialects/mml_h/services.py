"""MML-H words for supplementary services: barring of one service, closed user group, caller's number, forwarding.

Public sources show the section ``SS Data`` of ``LST SUB``; the words in it, and the commands that set them, are this
project's choice: ``MOD CB`` with four switches, ``MOD CLIR`` with one, and ``MOD CF``, whose one number serves busy, no
reply and not reachable alike. An element that prints none of them holds none of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import assert_never

from drivers.dialects.mml_h.syntax import Params, flag, truth
from drivers.errors import NotSpoken
from drivers.subscription import CallerId, Diversion, ServiceBar, ServiceBars

#: TS1X is speech, TS2X short messages (teleservices 11 to 19 and 21 to 29, TS 22.003)
SERVICE_BARS = {
    ServiceBar.SPEECH_OUT: "BAOCTS1X",
    ServiceBar.SPEECH_IN: "BAICTS1X",
    ServiceBar.SHORT_MESSAGE_OUT: "BAOCTS2X",
    ServiceBar.OUTSIDE_GROUP: "CUGNOOA",
}
CLIR = "CLIRPERM"
NUMBER = "CFTN"
BARRING, CALLER, FORWARDING = "MOD CB", "MOD CLIR", "MOD CF"

_DIGITS = re.compile(r"[0-9]{1,15}")

Service = ServiceBars | CallerId | Diversion


def parameters(service: Service) -> tuple[str, Params]:
    """Say which ``MOD`` command carries the service, and with what. Raises NotSpoken for a number that is none."""
    match service:
        case ServiceBars(bars):
            return BARRING, {word: flag(value=bar in bars) for bar, word in SERVICE_BARS.items()}
        case CallerId(hidden):
            return CALLER, {CLIR: flag(value=hidden)}
        case Diversion(None):
            return FORWARDING, {"PROV": "FALSE"}
        case Diversion(str() as to) if _DIGITS.fullmatch(to):
            return FORWARDING, {"PROV": "TRUE", NUMBER: to}
        case Diversion():
            raise NotSpoken("calls are diverted to 1 to 15 digits")
        case _:
            assert_never(service)


def service(words: str, params: Mapping[str, str]) -> Service:
    """Read the command back. Raises KeyError for a missing parameter, ValueError for one that makes no sense."""
    match words:
        case "MOD CB":
            return ServiceBars(frozenset(bar for bar, word in SERVICE_BARS.items() if truth(params[word])))
        case "MOD CLIR":
            return CallerId(truth(params[CLIR]))
        case "MOD CF" if not truth(params["PROV"]):
            if NUMBER in params:
                raise ValueError("MOD CF with PROV=FALSE takes no number")
            return Diversion(None)
        case "MOD CF":
            return Diversion(_number(params[NUMBER]))
        case _:
            raise ValueError(f"unknown command {words}")


def printed(services: Mapping[str, Params]) -> Params:
    """Lay out what ``SS Data`` prints of the commands that would set it; nothing when nothing is set."""
    held = services[BARRING] | services[CALLER] | services[FORWARDING]
    del held["PROV"]
    return held if "TRUE" in held.values() or NUMBER in held else {}


def heard(section: Mapping[str, str]) -> list[tuple[str, Params]]:
    """Read ``SS Data`` as the commands that would set it; what it does not print is not set."""
    number = {NUMBER: section[NUMBER]} if section.get(NUMBER) else {}
    return [
        (BARRING, {word: section.get(word, flag(value=False)) for word in SERVICE_BARS.values()}),
        (CALLER, {CLIR: section.get(CLIR, flag(value=False))}),
        (FORWARDING, {"PROV": flag(value=bool(number))} | number),
    ]


def _number(word: str) -> str:
    if not _DIGITS.fullmatch(word):
        raise ValueError("calls are diverted to 1 to 15 digits")
    return word
