"""The words in which a technician's station tells the gateway of a card; both sides have them from here."""

from __future__ import annotations

from enum import StrEnum


class Found(StrEnum):
    """What a station can tell of a card."""

    PERSONALISED = "personalised"
    CHECKED = "checked"
    FAILED = "failed"
    ADM_REFUSED = "adm_refused"
    PIN_BLOCKED = "pin_blocked"
    PIN_UNBLOCKED = "pin_unblocked"
    PIN_CHANGED = "pin_changed"
    PUK_REFUSED = "puk_refused"
    DEAD = "dead"
