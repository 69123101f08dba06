"""How a card ended: one list of words for jobs, batches and whoever shows them."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of one card at a reader."""

    WRITTEN = "written"  # as wished and proven now, and it was not before
    AS_WISHED = "as_wished"  # nothing had to be written
    REFUSED = "refused"  # nothing was begun: see the reasons
    KEY_REFUSED = "key_refused"  # the card refused a key: nothing was written
    FAILED = "failed"  # begun and not finished
    TORN = "torn"  # it left in the middle: insert it again
    UNKNOWN = "unknown"  # no model, no ICCID, or no data for it
    NO_CARD = "no_card"
