"""EIR words for each command, in both directions, and how ``LST BLACKLIST`` tells of a handset."""

from __future__ import annotations

import re

from drivers import commands as c
from drivers.commands import Command
from drivers.dialects.mml_h.syntax import Sentence
from drivers.equipment import Imei
from drivers.errors import Garbled, NotSpoken

LOGIN, KEEP_ALIVE = "LGI", "SHK HAND"
ADD, REMOVE, LIST = "ADD BLACKLIST", "RMV BLACKLIST", "LST BLACKLIST"
#: TS 29.002 §17.7.1, EquipmentStatus: what is tracked on a grey list is let in all the same
_BLOCKED = {"BLACKLISTED": True, "GREYLISTED": False, "WHITELISTED": False}
_PAIR = re.compile(r"^ +([A-Z]+) = (\S*) *$", re.MULTILINE)
_IMEI = re.compile(r"[0-9]{14,16}")  # TS 23.003 §6.2
_QUOTED = frozenset({"OPNAME", "PWD", "IMEI", "REASON"})


def sentence(command: Command) -> Sentence:
    """Put a command into words. Raises NotSpoken."""
    match command:
        case c.Login(user, password):
            return Sentence(LOGIN, {"OPNAME": user, "PWD": password}, _QUOTED)
        case c.KeepAlive():
            return Sentence(KEEP_ALIVE, {})
        case c.BlockImei(imei, reason):
            return Sentence(ADD, {"IMEI": _checked(imei), "REASON": reason}, _QUOTED)
        case c.UnblockImei(imei):
            return Sentence(REMOVE, {"IMEI": _checked(imei)}, _QUOTED)
        case c.ReadImei(imei):
            return Sentence(LIST, {"IMEI": _checked(imei)}, _QUOTED)
        case _:
            raise NotSpoken(f"an EIR has no word for {type(command).__name__}")


def command(heard: Sentence) -> Command:
    """Read a command back. Raises KeyError naming what is missing, or ValueError."""
    given = heard.parameters
    match heard.words:
        case "LGI":
            return c.Login(given["OPNAME"], given["PWD"])
        case "SHK HAND":
            return c.KeepAlive()
        case "ADD BLACKLIST":
            return c.BlockImei(Imei(given["IMEI"]), given["REASON"])
        case "RMV BLACKLIST":
            return c.UnblockImei(Imei(given["IMEI"]))
        case "LST BLACKLIST":
            return c.ReadImei(Imei(given["IMEI"]))
        case _:
            raise ValueError("the command is unknown")


def write(imei: str, held: c.ImeiHeld) -> str:
    """Print what is held of a handset."""
    return f"   IMEI = {imei}\n   EQUSTATUS = {'BLACKLISTED' if held.blocked else 'WHITELISTED'}\n"


def read(body: str, imei: str) -> c.ImeiHeld:
    """Read what ``write`` prints; unknown lines are passed over. Raises Garbled."""
    pairs = dict(_PAIR.findall(body))
    if pairs.get("IMEI") != imei:
        raise Garbled("LST BLACKLIST tells of another IMEI than the one asked for")
    if (status := pairs.get("EQUSTATUS")) not in _BLOCKED:
        raise Garbled("LST BLACKLIST tells no equipment status")
    return c.ImeiHeld(_BLOCKED[status])


def _checked(imei: str) -> str:
    if not _IMEI.fullmatch(imei):
        raise NotSpoken("an IMEI is 14 to 16 digits")
    return imei
