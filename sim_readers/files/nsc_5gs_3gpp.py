"""EF.5GS3GPPNSC: the security context of the last 5G network."""

from __future__ import annotations

from sim_readers.coding.nas_context import NasContextEf
from sim_readers.ef import Vector
from sim_readers.path import USIM


class Nsc5gs3gpp(NasContextEf):
    """K_AMF, its identifier, and the counts and algorithms in use with it."""

    name = "EF.5GS3GPPNSC"
    clause = "TS 31.102 §4.4.11.4"
    paths = (USIM / 0x5FC0 / 0x4F03,)
    smallest = 57
    vectors = (
        Vector(NasContextEf.none(), "A034" + "800107" + "8120" + "FF" * 32 + "820400000000830400000000840100FFFFFF"),
    )


FILE = Nsc5gs3gpp
