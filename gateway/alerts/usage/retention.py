"""Forgetting what is needed no more: ids of records too old to come again."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from gateway.alerts.usage import ledger
from gateway.journal.journal import Journal, JournalAway
from gateway.orders.judgement import Clock

_log = logging.getLogger(__name__)
_KEPT = timedelta(days=100)  # longer than the 90 days after which a record is refused for its age alone
_AT_ONCE = 5000
_EVERY_S = 3600.0


class Retention:
    """Looks every hour; counters, crossings and messages stay: they are evidence."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    async def run(self) -> None:
        """Tidy up for as long as the gateway runs."""
        while True:
            try:
                await self.tidy()
            except JournalAway:
                _log.warning("forgetting old usage records waits for the database")
            except Exception:  # noqa: BLE001 - a full journal for a moment must not end it for good
                _log.exception("forgetting old usage records stopped; it goes on after a pause")
            await asyncio.sleep(_EVERY_S)

    async def tidy(self) -> None:
        """Forget the ids of old records, a few at a time so that others get between."""
        before = self._clock() - _KEPT
        more = True
        while more:
            more = await ledger.forget_some(self._journal, before, _AT_ONCE)
