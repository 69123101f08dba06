"""EF.PLMNwAcT: the networks the user prefers, each with the technologies to look for it by."""

from __future__ import annotations

from sim_readers.coding.plmn import PlmnAct, PlmnActListEf
from sim_readers.ef import Vector
from sim_readers.path import GSM, USIM


class Plmnwact(PlmnActListEf):
    """Five bytes for each network."""

    name = "EF.PLMNwAcT"
    clause = "TS 31.102 §4.2.5"
    paths = (USIM / 0x6F60, GSM / 0x6F60)
    vectors = (
        Vector((PlmnAct("208-93", ("utran", "eutran")),), "02F839C000FFFFFF0000"),
        Vector((PlmnAct("310-410", ("gsm", "gsm-compact")), PlmnAct("208-01")), "13001400C002F8100000"),
        Vector((), "FFFFFF0000"),
    )


FILE = Plmnwact
