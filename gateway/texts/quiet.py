"""When a promotional message may be sent: from 08:00 to 21:30 where the contract is at home.

Alerts, answers and whatever else a customer waits for are never held back (af2m, Charte Business Messaging 2026).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MORNING: Final = time(8)
EVENING: Final = time(21, 30)


def end_of_quiet(now: datetime, time_zone: str) -> datetime | None:
    """Return when the quiet hours ``now`` lies in are over, in the zone of ``now``; ``None`` outside of them."""
    here = now.astimezone(ZoneInfo(time_zone))
    if MORNING <= here.time() < EVENING:
        return None
    day = here.date() + timedelta(days=1) if here.time() >= EVENING else here.date()
    return datetime.combine(day, MORNING, here.tzinfo).astimezone(now.tzinfo)
