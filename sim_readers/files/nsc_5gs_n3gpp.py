"""EF.5GSN3GPPNSC: the security context of the last 5G network over an access that is not 3GPP's."""

from __future__ import annotations

from sim_readers.coding.nas_context import NasContextEf
from sim_readers.ef import Vector
from sim_readers.path import USIM


class Nsc5gsN3gpp(NasContextEf):
    """As EF.5GS3GPPNSC."""

    name = "EF.5GSN3GPPNSC"
    clause = "TS 31.102 §4.4.11.5"
    paths = (USIM / 0x5FC0 / 0x4F04,)
    smallest = 57
    vectors = (
        Vector(NasContextEf.none(), "A034" + "800107" + "8120" + "FF" * 32 + "820400000000830400000000840100FFFFFF"),
    )


FILE = Nsc5gsN3gpp
