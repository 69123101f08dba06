"""EF.EPSNSC: the security context of the last 4G network."""

from __future__ import annotations

from sim_readers.coding.nas_context import NasContextEf
from sim_readers.ef import Vector
from sim_readers.path import USIM


class Epsnsc(NasContextEf):
    """K_ASME, its identifier, and the counts and algorithms in use with it."""

    name = "EF.EPSNSC"
    clause = "TS 31.102 §4.2.92"
    paths = (USIM / 0x6FE4,)
    smallest = 54
    vectors = (Vector(NasContextEf.none(), "A034" + "800107" + "8120" + "FF" * 32 + "820400000000830400000000840100"),)


FILE = Epsnsc
