"""EF.OPLMNwAcT: the networks the operator prefers abroad, each with the technologies to look for it by."""

from __future__ import annotations

from sim_readers.coding.plmn import PlmnAct, PlmnActListEf
from sim_readers.ef import Vector
from sim_readers.path import GSM, USIM


class Oplmnwact(PlmnActListEf):
    """Five bytes for each network."""

    name = "EF.OPLMNwAcT"
    clause = "TS 31.102 §4.2.53"
    paths = (USIM / 0x6F61, GSM / 0x6F61)
    vectors = (
        Vector((PlmnAct("208-01", ("utran", "eutran", "ngran", "gsm")),), "02F810C880FFFFFF0000FFFFFF0000"),
        Vector((PlmnAct("208-93", ("eutran", "bit-2000", "bit-1000")),), "02F8397000"),
    )


FILE = Oplmnwact
