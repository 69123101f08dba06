"""EF.KeysPS: the packet-switched domain's CK and IK."""

from __future__ import annotations

from sim_readers.coding.session_keys import NO_KEYS, SessionKeys, SessionKeysEf
from sim_readers.ef import Vector
from sim_readers.path import USIM
from sim_readers.secret import Secret


class Keysps(SessionKeysEf):
    """Key set identifier, CK, IK."""

    name = "EF.KeysPS"
    clause = "TS 31.102 §4.2.4"
    paths = (USIM / 0x6F09,)
    key_bytes = 32
    vectors = (Vector(SessionKeys(NO_KEYS, Secret(b"\xff" * 32)), "07" + "FF" * 32),)


FILE = Keysps
