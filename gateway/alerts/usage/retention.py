"""Forgetting what is needed no more: ids of records too old to come again."""

from __future__ import annotations

import logging
from datetime import timedelta

from gateway.alerts.usage import ledger
from gateway.journal.journal import Journal
from gateway.orders.judgement import Clock
from gateway.orders.routine import again_and_again

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
        await again_and_again("forgetting old usage records", _EVERY_S, self.tidy, _log)

    async def tidy(self) -> None:
        """Forget the ids of old records, a few at a time so that others get between."""
        before = self._clock() - _KEPT
        more = True
        while more:
            more = await ledger.forget_some(self._journal, before, _AT_ONCE)
