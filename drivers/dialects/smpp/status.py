"""What a command_status is called and what it means in neutral words (SMPP 3.4 §5.1.3)."""

from __future__ import annotations

from drivers.commands import Why

NAMES = {
    0x00: "ESME_ROK",
    0x01: "ESME_RINVMSGLEN",
    0x02: "ESME_RINVCMDLEN",
    0x03: "ESME_RINVCMDID",
    0x04: "ESME_RINVBNDSTS",
    0x05: "ESME_RALYBND",
    0x06: "ESME_RINVPRTFLG",
    0x07: "ESME_RINVREGDLVFLG",
    0x08: "ESME_RSYSERR",
    0x0A: "ESME_RINVSRCADR",
    0x0B: "ESME_RINVDSTADR",
    0x0C: "ESME_RINVMSGID",
    0x0D: "ESME_RBINDFAIL",
    0x0E: "ESME_RINVPASWD",
    0x0F: "ESME_RINVSYSID",
    0x11: "ESME_RCANCELFAIL",
    0x13: "ESME_RREPLACEFAIL",
    0x14: "ESME_RMSGQFUL",
    0x15: "ESME_RINVSERTYP",
    0x33: "ESME_RINVNUMDESTS",
    0x34: "ESME_RINVDLNAME",
    0x40: "ESME_RINVDESTFLAG",
    0x42: "ESME_RINVSUBREP",
    0x43: "ESME_RINVESMCLASS",
    0x44: "ESME_RCNTSUBDL",
    0x45: "ESME_RSUBMITFAIL",
    0x48: "ESME_RINVSRCTON",
    0x49: "ESME_RINVSRCNPI",
    0x50: "ESME_RINVDSTTON",
    0x51: "ESME_RINVDSTNPI",
    0x53: "ESME_RINVSYSTYP",
    0x54: "ESME_RINVREPFLAG",
    0x55: "ESME_RINVNUMMSGS",
    0x58: "ESME_RTHROTTLED",
    0x61: "ESME_RINVSCHED",
    0x62: "ESME_RINVEXPIRY",
    0x63: "ESME_RINVDFTMSGID",
    0x64: "ESME_RX_T_APPN",
    0x65: "ESME_RX_P_APPN",
    0x66: "ESME_RX_R_APPN",
    0x67: "ESME_RQUERYFAIL",
    0xC0: "ESME_RINVOPTPARSTREAM",
    0xC1: "ESME_ROPTPARNOTALLWD",
    0xC2: "ESME_RINVPARLEN",
    0xC3: "ESME_RMISSINGOPTPARAM",
    0xC4: "ESME_RINVOPTPARAMVAL",
    0xFE: "ESME_RDELIVERYFAILURE",
    0xFF: "ESME_RUNKNOWNERR",
}
_VENDOR = range(0x400, 0x500)
_WRONG = (
    *(0x01, 0x02, 0x03, 0x06, 0x07, 0x0A, 0x15, 0x33, 0x40, 0x42, 0x43, 0x48, 0x49, 0x50, 0x51, 0x54, 0x55),
    *(0x61, 0x62, 0x63, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4),
)
_MEANS = {
    **dict.fromkeys(_WRONG, Why.INVALID),
    **dict.fromkeys((0x04, 0x05), Why.SESSION),  # 0x05: a stale session is still bound there
    **dict.fromkeys((0x08, 0x14, 0x58, 0x64), Why.BUSY),  # nothing was taken, it may be said again later
    **dict.fromkeys((0x0B, 0x0C, 0x34), Why.NOT_FOUND),
    **dict.fromkeys((0x0D, 0x0E, 0x0F, 0x53), Why.FORBIDDEN),  # said again unchanged, it locks the account
}


def code_of(status: int) -> str:
    """Write a status as refusals carry it, such as 0x0B: two hexadecimal digits at least, in capitals."""
    return f"0x{status:02X}"


def name_of(status: int) -> str:
    """Return the status's name, such as ESME_RTHROTTLED; a vendor's own and an unknown one are told by number."""
    if status in NAMES:
        return NAMES[status]
    return (
        f"a status of the vendor's own ({code_of(status)})"
        if status in _VENDOR
        else f"unknown status {code_of(status)}"
    )


def why_of(status: int) -> Why:
    """Return what the status means in neutral words; OTHER for all that has none."""
    return _MEANS.get(status, Why.OTHER)
