"""EF.LI: the languages the user prefers in this application."""

from __future__ import annotations

from sim_readers.coding.languages import LanguagesEf
from sim_readers.ef import Vector
from sim_readers.path import USIM


class Li(LanguagesEf):
    """Two letters for each language."""

    name = "EF.LI"
    clause = "TS 31.102 §4.2.1"
    paths = (USIM / 0x6F05,)
    vectors = (Vector(("fr", "en"), "6672656EFFFF"), Vector(("de",), "6465"))


FILE = Li
