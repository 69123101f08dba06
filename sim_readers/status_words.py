"""The words for status words that mean the same after every command; ``status.py`` knows the others.

TS 102 221 §10.2.1 and TS 51.011 §9.4.
"""

from __future__ import annotations

# the first byte says it all
FAMILIES = {
    0x67: "wrong length",
    0x6B: "wrong parameters P1 or P2",
    0x6D: "the card does not know this instruction",
    0x6E: "the card does not know this class",
    0x6F: "technical problem, the card does not say which",
}

# TS 102 221 §10.2.1.1 to §10.2.1.6
UICC = {
    0x9000: "done",
    0x6200: "warning without a reason, nothing was changed",
    0x6281: "part of the data may be corrupt",
    0x6282: "the file or record ended before that many bytes",
    0x6283: "the file is deactivated",
    0x6285: "the file is terminated",
    0x62F1: "more data to come",
    0x62F2: "more data to come, and the card has a command for the phone",
    0x62F3: "an answer is ready",
    0x63F1: "more data expected",
    0x63F2: "more data expected, and the card has a command for the phone",
    0x6400: "failed, nothing was changed",
    0x6500: "failed, and the memory was changed",
    0x6581: "memory problem: the card may be worn out",
    0x6800: "function of the class byte not supported",
    0x6881: "logical channel not supported",
    0x6882: "secure messaging not supported",
    0x6900: "command not allowed",
    0x6981: "the command does not suit the file's structure",
    0x6982: "not allowed: a PIN or ADM must be verified first",
    0x6983: "blocked",
    0x6984: "the PIN or key is deactivated",
    0x6985: "the conditions for this command are not met",
    0x6986: "command not allowed, no file is selected",
    0x6989: "not allowed outside a secure channel",
    0x6A80: "wrong parameters in the data",
    0x6A81: "function not supported",
    0x6A82: "file not found",
    0x6A83: "record not found",
    0x6A84: "not enough memory",
    0x6A86: "wrong parameters P1 or P2",
    0x6A87: "the length does not go with P1 and P2",
    0x6A88: "no such PIN, key or data",
    0x9300: "the card is busy with its toolkit, try later",
    0x9850: "cannot be increased, the highest value is reached",
    0x9862: "authentication failed: MAC is wrong, so is Ki or OPc on one side",
    0x9863: "the security session has expired",
    0x9864: "the time asked for is too long",
}

# TS 51.011 §9.4.1 to §9.4.6
GSM = {
    0x9000: "done",
    0x9240: "memory problem: the card may be worn out",
    0x9300: "the card is busy with its toolkit, try later",
    0x9400: "no file is selected",
    0x9402: "out of the file's or record's range",
    0x9404: "file or pattern not found",
    0x9408: "the command does not suit the file's structure",
    0x9802: "no such code on this card",
    0x9804: "not allowed: a PIN or ADM must be verified first",
    0x9808: "the PIN's state does not allow this: it is enabled or disabled already",
    0x9810: "the file's state does not allow this: it is invalidated or is not",
    0x9840: "blocked",
    0x9850: "cannot be increased, the highest value is reached",
}
