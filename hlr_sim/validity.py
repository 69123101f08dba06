"""Which values an element takes at all, whatever it holds."""

from __future__ import annotations

import re

from drivers import commands as c
from drivers.commands import Command, Credentials
from drivers.subscription import ApnAccess, Diversion, Facet, HomeBar, SpeedCap

IMSI = re.compile(r"[0-9]{15}")  # TS 23.003 §2.2: never more than 15 digits; every SIM of this network uses all
MSISDN = re.compile(r"\+[1-9][0-9]{4,14}")  # E.164: at most 15 digits
IMSI_PREFIX = re.compile(r"[0-9]{0,15}")
APN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")  # TS 23.003 §9.1, network identifier
FORWARDED_TO = re.compile(r"[0-9]{1,15}")  # a number of this network may be short
HPLMN_TYPES = frozenset({1, 2, 3, 4})  # TS 22.041 §5.4
_KEY = re.compile(r"[0-9A-Fa-f]{32}")  # TS 33.102 §5.1.6: 128 bits


def complaint(command: Command, keys: Credentials | None) -> str:
    """Say what is wrong with a command's values, never the values themselves; empty when nothing is."""
    for name in ("imsi", "old_imsi", "new_imsi"):
        if not IMSI.fullmatch(getattr(command, name, "0" * 15)):
            return f"{name} must be 15 digits"
    match command:
        case c.CreateSubscriber(_, msisdn=None):
            return ""
        case c.CreateSubscriber(_, str(msisdn)) if not MSISDN.fullmatch(msisdn):
            return "the number must be E.164"
        case c.ChangeMsisdn(_, msisdn) | c.AssignMsisdn(_, msisdn) if not MSISDN.fullmatch(msisdn):
            return "the number must be E.164"
        case c.ListSubscribers(prefix) if not IMSI_PREFIX.fullmatch(prefix):
            return "a prefix has 15 digits at most"
        case c.PutKeys() if keys is None or not _KEY.fullmatch(keys.ki) or not _KEY.fullmatch(keys.opc or keys.ki):
            return "Ki and OPc must be 32 hex digits"
        case c.Provide(_, facet):
            return _facet_complaint(facet)
        case _:
            return ""


def _facet_complaint(facet: Facet) -> str:
    match facet:
        case HomeBar(types) if not types <= HPLMN_TYPES:
            return "operator specific barring has types 1 to 4"
        case SpeedCap(int(cap_kbit_s)) if cap_kbit_s < 1:
            return "a bit rate must be positive"
        case Diversion(str(to)) if not FORWARDED_TO.fullmatch(to):
            return "calls are forwarded to 1 to 15 digits"
        case ApnAccess(apn) if not APN.fullmatch(apn):
            return "an APN has letters, digits, dots and hyphens"
        case _:
            return ""
