"""What OsmoHLR's error texts mean, on either interface; each known one is also given a short word that never changes.

A database locked by another hand is told in the words of the command that met it. All of these are BUSY: nothing was
changed, and the same command works a moment later. One text means two things: a number could not be set because the
database was locked, or because another subscriber has it; who has it must be looked at beside the command.
"""

from __future__ import annotations

import re

from drivers.commands import Refused, Why
from drivers.dialects._osmo.writing import MASK

NOT_STORED = Refused(Why.BUSY, "not_stored", "confirmed, but not stored: another hand holds the database")
NO_KEYS = Refused(Why.NOT_FOUND, "no_keys")
NUMBER_NOT_SET = "number_not_set"

#: how the text begins, what it means, its short word
_MEANINGS: tuple[tuple[str, Why, str], ...] = (
    ("Subscriber already exists", Why.EXISTS, "exists"),
    ("No such subscriber.", Why.NOT_FOUND, "no_subscriber"),
    ("Subscriber doesn't exist.", Why.NOT_FOUND, "no_subscriber"),
    ("No subscriber for", Why.NOT_FOUND, "no_subscriber"),
    ("Update MSISDN failed", Why.BUSY, NUMBER_NOT_SET),
    ("Error: cannot update MSISDN", Why.BUSY, NUMBER_NOT_SET),
    ("Cannot create subscriber.", Why.BUSY, "not_created"),
    ("Error (rc=-5): cannot create subscriber", Why.BUSY, "not_created"),  # EIO
    ("Failed retrieving ID of newly created subscriber.", Why.BUSY, "not_created"),  # asked again, it exists
    ("Cannot delete subscriber.", Why.BUSY, "not_deleted"),
    ("Error: Failed to remove subscriber", Why.BUSY, "not_deleted"),
    ("Update aud", Why.BUSY, "keys_not_set"),
    ("Error: cannot set ", Why.BUSY, "keys_not_set"),
    ("An unknown error has occurred during get_subscriber()", Why.BUSY, "not_read"),
    ("Error retrieving ", Why.BUSY, "not_read"),
    ("Error (rc=-5): ", Why.BUSY, "not_done"),
    ("Invalid ", Why.INVALID, "invalid"),
    ("Value failed verification.", Why.INVALID, "invalid"),
    ("Unknown auth algorithm", Why.INVALID, "invalid"),
    ("Not a valid IMSI", Why.INVALID, "invalid"),
    ("MSISDN is too long", Why.INVALID, "invalid"),
    ("MSISDN invalid", Why.INVALID, "invalid"),
    ("Not a known subscriber 'by-xxx-' selector.", Why.INVALID, "invalid"),  # of the selector's word, not its value
    ("Command not found", Why.FORBIDDEN, "no_command"),
    ("Command not present.", Why.FORBIDDEN, "no_command"),
    ("Write Only attribute", Why.FORBIDDEN, "no_command"),
    ("Read Only attribute", Why.FORBIDDEN, "no_command"),
    ("Unknown command.", Why.FORBIDDEN, "no_command"),
    ("Command incomplete.", Why.FORBIDDEN, "no_command"),
    ("Ambiguous command.", Why.FORBIDDEN, "no_command"),
)
_A_KEY = re.compile(r"[0-9A-Fa-f]{16,}")  # no IMSI and no number is as long
_WRONG_VALUE = re.compile(r"(Invalid value for [A-Z]+: ).*", re.DOTALL)
_LONGEST_TEXT = 200


def refused(text: str, *, taken: bool = False) -> Refused:
    """Read an error text; ``taken``: the number in question is another subscriber's."""
    for beginning, why, word in _MEANINGS:
        if text.startswith(beginning):
            conflict = taken and word == NUMBER_NOT_SET
            return Refused(Why.CONFLICT if conflict else why, word, without_keys(text))
    return Refused(Why.OTHER, "", without_keys(text))


def without_keys(text: str) -> str:
    """Return an element's text as it may be shown: the VTY repeats a key it does not like."""
    return _A_KEY.sub(MASK, _WRONG_VALUE.sub(rf"\1{MASK}", text))[:_LONGEST_TEXT]
