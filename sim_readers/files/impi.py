"""EF.IMPI: the private identity the IMS knows the subscriber by."""

from __future__ import annotations

from sim_readers.coding.texts import TlvTextEf
from sim_readers.ef import Vector
from sim_readers.path import ISIM


class Impi(TlvTextEf):
    """A network access identifier in the data object 80."""

    name = "EF.IMPI"
    clause = "TS 31.103 §4.2.2"
    paths = (ISIM / 0x6F02,)
    vectors = (Vector("a@b.c", "80056140622E63FFFF"), Vector("1@ims", "80053140696D73"))


FILE = Impi
