"""EF.FPLMN: the networks that turned the subscriber away; the phone fills it."""

from __future__ import annotations

from sim_readers.coding.plmn import PlmnListEf
from sim_readers.ef import Vector
from sim_readers.path import GSM, USIM


class Fplmn(PlmnListEf):
    """Three bytes for each network."""

    name = "EF.FPLMN"
    clause = "TS 31.102 §4.2.16"
    paths = (USIM / 0x6F7B, GSM / 0x6F7B)
    vectors = (
        Vector(("208-01",), "02F810FFFFFFFFFFFFFFFFFF"),
        Vector(("208-93", "310-410", "208-01", "001-01"), "02F83913001402F81000F110"),
    )


FILE = Fplmn
