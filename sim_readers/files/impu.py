"""EF.IMPU: a public identity the IMS reaches the subscriber by; one in each record."""

from __future__ import annotations

from sim_readers.coding.texts import TlvTextEf
from sim_readers.ef import Structure, Vector
from sim_readers.path import ISIM


class Impu(TlvTextEf):
    """A SIP URI in the data object 80."""

    name = "EF.IMPU"
    clause = "TS 31.103 §4.2.4"
    paths = (ISIM / 0x6F04,)
    structure = Structure.LINEAR_FIXED
    vectors = (Vector("sip:a@b.c", "80097369703A6140622E63FF"), Vector("tel:+33", "800774656C3A2B3333"))


FILE = Impu
