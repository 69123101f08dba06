"""The calendar of a day of usage: which month counts, whatever day and hour it is, and moments in and around it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LASTS = timedelta(minutes=10)  # the day is posted, and looked at, within so long
_AHEAD = timedelta(minutes=30)  # less than the hour that clocks may differ
_A_DAY = timedelta(days=1)


class Clock:
    """What is meant by now, this period and the past one, at a moment given.

    In the last minutes of a month the period is the next one: records may be a little ahead, and so nothing that is
    said here changes while they are posted. The past period is one that is over in any case.
    """

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self.now = now
        self.zone = zone
        self.period = self.label(now + _LASTS)
        self.begins, self.ends = self.bounds(self.period)
        self._running, _ = self.bounds(self.label(now))
        self._latest = min(now + _AHEAD, self.ends - timedelta(seconds=1))
        self.past = self.label(self._running - timedelta(seconds=1))

    def label(self, moment: datetime) -> str:
        """Return the month a moment lies in, where the customer lives."""
        return f"{moment.astimezone(self.zone):%Y-%m}"

    def bounds(self, label: str) -> tuple[datetime, datetime]:
        """Return when a month begins and when it is over."""
        year, month = (int(part) for part in label.split("-"))
        following = (year + month // 12, month % 12 + 1)
        begins, ends = (datetime(y, m, 1, tzinfo=self.zone) for y, m in ((year, month), following))
        return begins.astimezone(UTC), ends.astimezone(UTC)

    def last_day(self, label: str) -> str:
        """Write the last day of a month as French customers read it."""
        return f"{(self.bounds(label)[1] - timedelta(hours=2)).astimezone(self.zone):%d/%m/%Y}"

    def moment(self, when: str, rng: random.Random) -> datetime:
        """Choose a moment."""
        match when:
            case "first":
                return self.begins
            case "last":
                return self._running - timedelta(seconds=1)
            case "past":
                return self._between(self.bounds(self.past)[0], self._running - timedelta(seconds=1), rng)
            case "old":
                return self._between(self.now - timedelta(days=400), self.now - timedelta(days=91), rng)
            case "future":
                return self._between(self.now + timedelta(hours=2), self.now + timedelta(days=30), rng)
            case "earlier" if self.begins < self.now - _A_DAY:
                return self._between(self.begins, self.now - _A_DAY, rng)
        return self._between(max(self.begins, self.now - _A_DAY), self._latest, rng)

    def _between(self, first: datetime, last: datetime, rng: random.Random) -> datetime:
        return first + timedelta(milliseconds=rng.randrange(max(1, (last - first) // timedelta(milliseconds=1))))
