"""EF.HPLMNwAcT: the technologies to look for the home network by, the best first."""

from __future__ import annotations

from sim_readers.coding.plmn import PlmnAct, PlmnActListEf
from sim_readers.ef import Vector
from sim_readers.path import GSM, USIM


class Hplmnwact(PlmnActListEf):
    """Five bytes for each entry; the network is always the home one."""

    name = "EF.HPLMNwAcT"
    clause = "TS 31.102 §4.2.54"
    paths = (USIM / 0x6F62, GSM / 0x6F62)
    vectors = (
        Vector((PlmnAct("208-93", ("eutran",)), PlmnAct("208-93", ("utran",))), "02F839400002F8398000"),
        Vector((PlmnAct("310-410", ("ngran",)),), "1300140800FFFFFF0000"),
    )


FILE = Hplmnwact
