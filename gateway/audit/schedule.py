"""The night's audit: once a night, at an hour of some place; a missed night is made up once, however many were."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.audit import book
from gateway.audit.asked import Asked, Policy
from gateway.audit.auditor import Auditor
from gateway.audit.means import Means
from gateway.orders.routine import again_and_again
from gateway.settings import Nightly

_log = logging.getLogger(__name__)
_LOOK_S = 0.5


def last_slot(nightly: Nightly, now: datetime) -> datetime:
    """Return the latest moment, at or before ``now``, at which a night's audit is due.

    An hour the clocks skip in spring is as long after midnight as it would have been; one they repeat counts once.
    """
    here = now.astimezone(ZoneInfo(nightly.time_zone))
    slot = datetime.combine(here.date(), nightly.at, here.tzinfo).astimezone(UTC)
    if slot <= now:
        return slot
    return datetime.combine(here.date() - timedelta(days=1), nightly.at, here.tzinfo).astimezone(UTC)


class Schedule:
    """Starts the night's audits for as long as the gateway runs."""

    def __init__(self, means: Means, auditor: Auditor, nightly: Nightly) -> None:
        self._means = means
        self._auditor = auditor
        self._nightly = nightly
        self._last = means.clock()

    async def begin(self) -> None:
        """Remember the last night kept; where none ever was, nothing was missed before now."""
        self._last = await book.last_nightly(self._means.journal) or self._last

    async def run(self) -> None:
        """Look at the clock now and then."""
        await again_and_again("starting the night's audit", _LOOK_S, self.tend, _log)

    async def tend(self) -> None:
        """Start the audit that is due, if one is."""
        slot = last_slot(self._nightly, self._means.clock())
        if slot <= self._last:
            return
        if self._auditor.nightly_running:
            _log.warning("the audit of the night before has not ended: none is started tonight")
        else:
            await self._auditor.start(Asked(policy=Policy(self._nightly.policy), nightly=True))
        self._last = slot


@asynccontextmanager
async def auditing(auditor: Auditor) -> AsyncIterator[None]:
    """Take up unended audits, keep the nights, and leave everything where it is in the end."""
    means = auditor.means
    nightly = means.settings.audit.nightly
    taken_up = await auditor.resume()
    _log.info("%d unended audits taken up", taken_up)
    nights: asyncio.Task[None] | None = None
    if nightly is not None:
        schedule = Schedule(means, auditor, nightly)
        await schedule.begin()
        nights = asyncio.create_task(schedule.run(), name="nights")
    try:
        yield
    finally:
        if nights is not None:
            nights.cancel()
            await asyncio.gather(nights, return_exceptions=True)
        await auditor.stop()
