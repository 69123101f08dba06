"""EF.PSLOCI: where the phone was last on a packet-switched network."""

from __future__ import annotations

from sim_readers.coding.location import Location, LocationEf
from sim_readers.ef import Vector
from sim_readers.path import USIM


class Psloci(LocationEf):
    """P-TMSI with its signature, RAI and update status."""

    name = "EF.PSLOCI"
    clause = "TS 31.102 §4.2.23"
    paths = (USIM / 0x6F73,)
    identity_bytes = 7
    area_bytes = 6
    vectors = (
        Vector(Location("FFFFFFFFFFFFFF", "FFFFFF0000FF", 1), "FFFFFFFFFFFFFFFFFFFF0000FF01"),
        Vector(Location("12345678ABCDEF", "02F839123401", 0), "12345678ABCDEF02F83912340100"),
    )


FILE = Psloci
