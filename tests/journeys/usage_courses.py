"""Courses of use that matter, each with what must come of it, said by hand from the contract's page.

``uses``: ``|`` parts the halves of the day, ``;`` batches, ``,`` records of one batch. A use is counter, amount, unit,
then ``abroad``, and when: this day (without a word), ``earlier`` in the period, in the ``past`` one, ``old`` (more than
90 days), in the ``future``, in the ``first`` moment of the period or the ``last`` of the one before.
``told``: what a phone is told, ``kept``: what would be told to one that gets no messages, ``done``: restrictions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Use:
    """One use of one thing."""

    counter: str
    amount: int | float
    unit: str
    when: str = "day"
    abroad: bool = False


@dataclass(frozen=True)
class Course:
    """How a line is used, and what must come of it."""

    uses: str
    told: str = ""
    done: str = ""
    kept: str = ""
    plan: str = "unlimited"
    agreed: dict[str, Any] = field(default_factory=dict)

    @property
    def halves(self) -> list[list[str]]:
        return [[step for step in half.split(";") if step.strip()] for half in self.uses.split("|")]


def uses_of(step: str) -> list[Use]:
    """Read what is posted in one batch."""
    return [_use(*text.split()) for text in step.split(",")]


def _use(counter: str, amount: str, unit: str, *more: str) -> Use:
    when = next((word for word in more if word != "abroad"), "day")
    return Use(counter, float(amount) if "." in amount else int(amount), unit, when, abroad="abroad" in more)


_CUT = {"thresholds": {"roaming_data": {"limit": "20 EUR", "waived": False}}}
_CUT_AT_50 = {"thresholds": {"roaming_data": {"waived": False}}}
_RAISED = {"thresholds": {"fair_use": {"limit": "100 GB"}}}
_GO_ON = {"language": "en", "thresholds": {"fair_use": {"waived": True}}}
_MUTED = {"thresholds": {"fair_use": {"muted": True}}}
_BOTH = "fair_use 80, fair_use 100"
_BOTH_ABROAD = "roaming_data 80, roaming_data 100"

COURSES = (
    Course("data 30 GB, data 11 GB", "fair_use 80"),
    Course("data 39999999999 B"),
    Course("data 37 GiB, data 265188 KiB", "fair_use 80"),  # 40 GB to the byte
    Course("data 40 GB | data 9999999999 B", "fair_use 80"),
    Course("data 40 GB | data 10 GB", _BOTH, "fair_use"),
    Course("data 41 GB ; data 10.5 GB", _BOTH, "fair_use"),
    Course("data 60 GB", "fair_use 100", "fair_use"),
    Course("data 45 GB, data 10 GB", "fair_use 100", "fair_use"),
    Course("data 60 GB ; data 60 GB | data 60 GB", "fair_use 100", "fair_use"),
    Course("data 10 GB | data 20 GB abroad ; data 21 GB abroad", "fair_use 100", "fair_use"),
    Course("data 39 GB | data 2 GB earlier", "fair_use 80"),
    Course("data 41 GB | data 9 GB earlier", _BOTH, "fair_use"),
    Course("data 60 GB past"),
    Course("data 41 GB past ; data 10 GB past"),
    Course("data 30 GB past ; data 30 GB"),
    Course("data 41 GB | data 60 GB past", "fair_use 80"),
    Course("data 60 GB | data 60 GB past", "fair_use 100", "fair_use"),
    Course("data 60 GB old"),
    Course("data 60 GB future"),
    Course("data 60 GB last ; data 41 GB first", "fair_use 80"),
    Course("data 49 EUR abroad past ; data 45 EUR abroad", "roaming_data 80"),
    Course("voice 1900 min, voice 1 h", "unlimited_voice 80"),
    Course("voice 32 h | voice 28800 s", "unlimited_voice 80, unlimited_voice 100", "unlimited_off"),
    Course("numbers 120 count ; numbers 30 count", "unlimited_numbers 80, unlimited_numbers 100", "unlimited_off"),
    Course("sms 1200 count", "unlimited_sms 100", "unlimited_off"),
    Course("sms 799 count | sms 1 count abroad", "unlimited_sms 80"),
    Course("sms_recipients 40 count | sms_recipients 10 count",
           "unlimited_sms_recipients 80, unlimited_sms_recipients 100", "unlimited_off"),
    Course("voice 41 h, sms 900 count | data 55 GB, numbers 151 count",
           "unlimited_voice 100, unlimited_sms 80, fair_use 100, unlimited_numbers 100",
           "fair_use, unlimited_off, unlimited_off"),
    Course("data 40 EUR abroad | data 1000 EUR_cent abroad", _BOTH_ABROAD),
    Course("roaming_data_spend 49.999999 EUR abroad", "roaming_data 80"),
    Course("data 400 EUR"),
    Course("data 5000 GB, voice 400 h, sms 9000 count", plan="metered"),
    Course("data 5000 GB abroad ; data 41.5 EUR abroad | data 8.5 EUR abroad", _BOTH_ABROAD, plan="metered"),
    Course("data 16 EUR abroad | data 4.5 EUR abroad, data 500 GB", _BOTH_ABROAD, "roaming_data_cut",
           plan="metered", agreed=_CUT),
    Course("data 45 EUR abroad ; data 5 EUR abroad, data 70 GB", kept=_BOTH_ABROAD, plan="data_only"),
    Course("data 55 EUR abroad | data 55 EUR abroad", "", "roaming_data_cut", kept="roaming_data 100",
           plan="data_only", agreed=_CUT_AT_50),
    Course("data 16 EUR abroad | data 4.5 EUR abroad", _BOTH_ABROAD, "roaming_data_cut", agreed=_CUT),
    Course("data 21 EUR abroad past ; data 15.99 EUR abroad", agreed=_CUT),
    Course("data 60 GB, data 60 EUR abroad", "fair_use 100, roaming_data 100", "fair_use, roaming_data_cut",
           agreed=_CUT_AT_50),
    Course("data 60 GB", agreed=_RAISED),
    Course("data 60 GB | data 45 GB", "fair_use 100", "fair_use", agreed=_RAISED),
    Course("data 42 GB | data 42 GB", _BOTH, agreed=_GO_ON),
    Course("data 41 GB ; data 10 GB", "", "fair_use", kept=_BOTH, agreed=_MUTED),
)  # fmt: skip
