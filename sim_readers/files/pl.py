"""EF.PL: the languages the user prefers, for the whole card."""

from __future__ import annotations

from sim_readers.coding.languages import LanguagesEf
from sim_readers.ef import Vector
from sim_readers.path import MF


class Pl(LanguagesEf):
    """Two letters for each language."""

    name = "EF.PL"
    clause = "TS 102 221 §13.3"
    paths = (MF / 0x2F05,)
    vectors = (Vector(("en", "fr"), "656E6672"), Vector(("sw",), "7377FFFFFFFF"))


FILE = Pl
