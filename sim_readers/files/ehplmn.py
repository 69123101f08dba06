"""EF.EHPLMN: the networks that count as home, besides or instead of the one in the IMSI."""

from __future__ import annotations

from sim_readers.coding.plmn import PlmnListEf
from sim_readers.ef import Vector
from sim_readers.path import USIM


class Ehplmn(PlmnListEf):
    """Three bytes for each network, the most wanted first."""

    name = "EF.EHPLMN"
    clause = "TS 31.102 §4.2.84"
    paths = (USIM / 0x6FD9,)
    vectors = (Vector(("208-93", "208-01"), "02F83902F810"), Vector(("310-410",), "130014FFFFFF"))


FILE = Ehplmn
