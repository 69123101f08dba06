"""EF.LOCI: where the phone was last on a circuit-switched network."""

from __future__ import annotations

from sim_readers.coding.location import Location, LocationEf
from sim_readers.ef import Vector
from sim_readers.path import GSM, USIM


class Loci(LocationEf):
    """TMSI, LAI with the byte after it, which is reserved, and update status."""

    name = "EF.LOCI"
    clause = "TS 31.102 §4.2.17"
    paths = (USIM / 0x6F7E, GSM / 0x6F7E)
    identity_bytes = 4
    area_bytes = 6
    vectors = (
        Vector(Location("FFFFFFFF", "FFFFFF0000FF", 1), "FFFFFFFFFFFFFF0000FF01"),
        Vector(Location("12345678", "02F8391234FF", 0), "1234567802F8391234FF00"),
    )


FILE = Loci
