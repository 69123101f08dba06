"""EF.Kc: the GSM ciphering key."""

from __future__ import annotations

from sim_readers.coding.session_keys import NO_KEYS, SessionKeys, SessionKeysEf
from sim_readers.ef import Vector
from sim_readers.path import GSM, USIM
from sim_readers.secret import Secret


class Kc(SessionKeysEf):
    """Kc, then its sequence number; a USIM has it in DF.GSM-ACCESS (TS 31.102 §4.4.3.1)."""

    name = "EF.Kc"
    clause = "TS 51.011 §10.3.3"
    paths = (GSM / 0x6F20, USIM / 0x5F3B / 0x4F20)
    key_bytes = 8
    identifier_last = True
    vectors = (Vector(SessionKeys(NO_KEYS, Secret(b"\xff" * 8)), "FF" * 8 + "07"),)


FILE = Kc
