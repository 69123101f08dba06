"""EF.PLMNsel: the networks the user of a GSM SIM prefers."""

from __future__ import annotations

from sim_readers.coding.plmn import PlmnListEf
from sim_readers.ef import Vector
from sim_readers.path import GSM


class Plmnsel(PlmnListEf):
    """Three bytes for each network."""

    name = "EF.PLMNsel"
    clause = "TS 51.011 §10.3.4"
    paths = (GSM / 0x6F30,)
    vectors = (Vector(("208-93", "310-410"), "02F839130014FFFFFF"), Vector(("208-01",), "02F810"))


FILE = Plmnsel
