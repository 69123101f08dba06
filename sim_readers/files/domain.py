"""EF.DOMAIN: the home network's domain in the IMS."""

from __future__ import annotations

from sim_readers.coding.texts import TlvTextEf
from sim_readers.ef import Vector
from sim_readers.path import ISIM


class Domain(TlvTextEf):
    """A domain in the data object 80."""

    name = "EF.DOMAIN"
    clause = "TS 31.103 §4.2.3"
    paths = (ISIM / 0x6F03,)
    vectors = (Vector("ims.test", "8008696D732E74657374FFFF"), Vector("b.c", "8003622E63"))


FILE = Domain
