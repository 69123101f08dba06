"""EF.5GSN3GPPLOCI: where the phone was last on a 5G network over an access that is not 3GPP's."""

from __future__ import annotations

from sim_readers.coding.location import Location, LocationEf
from sim_readers.ef import Vector
from sim_readers.path import USIM


class Loci5gsN3gpp(LocationEf):
    """As EF.5GS3GPPLOCI."""

    name = "EF.5GSN3GPPLOCI"
    clause = "TS 31.102 §4.4.11.3"
    paths = (USIM / 0x5FC0 / 0x4F02,)
    identity_bytes = 13
    area_bytes = 6
    no_area = bytes.fromhex("FFFFFF000000")
    vectors = (
        Vector(Location("F" * 26, "FFFFFF000000", 1), "FF" * 16 + "00000001"),
        Vector(Location("000BF202F839010040C0000001", "02F839000001", 0), "000BF202F839010040C000000102F83900000100"),
    )


FILE = Loci5gsN3gpp
