"""EF.EPSLOCI: where the phone was last on a 4G network."""

from __future__ import annotations

from sim_readers.coding.location import Location, LocationEf
from sim_readers.ef import Vector
from sim_readers.path import USIM


class Epsloci(LocationEf):
    """GUTI, last TAI and update status."""

    name = "EF.EPSLOCI"
    clause = "TS 31.102 §4.2.91"
    paths = (USIM / 0x6FE3,)
    identity_bytes = 12
    area_bytes = 5
    vectors = (
        Vector(Location("F" * 24, "FFFFFF0000", 1), "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF000001"),
        Vector(Location("0BF602F839800101C0000001", "02F8390001", 0), "0BF602F839800101C000000102F839000100"),
    )


FILE = Epsloci
