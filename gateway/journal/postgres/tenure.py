"""What this instance holds of a shared database by the locks of its session: put right four times a second."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from gateway.journal.journal import JournalAway
from gateway.journal.postgres import locks
from gateway.journal.postgres.balance import OFFICE, Holdings
from gateway.journal.postgres.session import Session
from gateway.journal.tenure import Tenant

BEAT_S: Final = 0.25
_LATE: Final = 3  #: leases: a transaction may take two (see writer_settings), and its commit some time
_CERTAIN: Final = 0.6  #: of a lease: what is left of it must be enough to send a command
_log = logging.getLogger(__name__)

Finder = Callable[[int], Awaitable[str | None]]
Settle = Callable[[], Awaitable[None]]


class SharedTenure:
    """See Tenure.

    Every beat is a round trip, which keeps the session in its lease even while nothing is written. The tenant hears of
    one change at a time, beside the beats; what it is told to leave is held until it has left. A tenant that fails to
    take or to leave costs the instance its session, and so everything: others take over.
    """

    def __init__(
        self,
        find: Finder,
        settle: Settle,
        lease_s: float,
        sample: Callable[[Sequence[int], int], list[int]] = random.sample,
    ) -> None:
        """``settle`` returns when all that was asked of the pen has been written: what is let go may be read then."""
        self.shards: frozenset[int] = frozenset()
        self.office = False
        self.shared = True
        self.late_s = _LATE * lease_s
        self.session: Session | None = None
        self._find = find
        self._written = settle
        self._sample = sample
        self._tenant: Tenant | None = None
        self._present: Session | None = None
        self._change: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()  # a beat is under way
        self._ending = False
        self._settled: asyncio.Future[None] | None = None  #: done when what was free at first has been taken

    @property
    def tenant(self) -> Tenant | None:
        """Who works on what is held."""
        return self._tenant

    def certain(self) -> bool:
        """See Tenure."""
        return self.session is not None and self.session.is_fresh(_CERTAIN)

    async def begin(self, tenant: Tenant) -> None:
        """See Tenure: returns once what was free of the share is taken; what others must leave first comes later.

        Raises what the tenant does when it takes that.
        """
        self._settled = asyncio.get_running_loop().create_future()
        self._tenant, self._ending = tenant, False
        await self._settled

    async def end(self) -> None:
        """See Tenure. Others may take what is left at once: this instance is no longer counted."""
        self._ending = True
        async with self._looking:
            pass  # it may have got something
        try:
            await self.idle()
            if self._tenant is not None and self.session is not None:
                await self._hand_back(self._tenant, self.session)
        except JournalAway:
            _log.warning("the database went away while everything was handed back: nothing is held any more")
            await self.lose()
        finally:
            self._tenant = None

    async def holder_url(self, shard: int | None) -> str | None:
        """See Tenure."""
        return await self._find(OFFICE if shard is None else shard)

    async def beat(self) -> None:
        """Make one round trip, and put right what it tells. Raises JournalAway."""
        async with self._looking:
            await self._beat()

    async def _beat(self) -> None:
        session = self.session
        if session is None:
            return
        held = await locks.look(session)
        if self._tenant is None or self._ending or self.session is not session or self._change is not None:
            return
        if self._present is not session:
            await locks.come(session)
            self._present = session
            held = await locks.look(session)
        try:
            await self._adjust(session, held, self._tenant)
        except JournalAway:
            raise
        except Exception:  # a lock got before the fault is held, and nobody would be told of it
            session.give_up()
            raise

    async def lose(self) -> None:
        """Nothing is held any more: the session is over. Returns when the tenant has stopped."""
        self.session, self.shards, self.office = None, frozenset(), False
        change, self._change = self._change, None
        if change is not None:
            change.cancel()
            await asyncio.wait([change])
        if self._tenant is not None:
            try:
                await self._tenant.lose()
            except Exception:  # noqa: BLE001 - the next session must be opened all the same
                _log.exception("what worked on the lost shards did not stop as it should")

    async def _adjust(self, session: Session, held: Holdings, tenant: Tenant) -> None:
        surplus, room = held.surplus(), held.room()
        free = held.wanted()
        got = await locks.try_to_get(session, self._sample(free, min(room, len(free)))) if free else frozenset()
        office = held.office_is_free() and bool(await locks.try_to_get(session, [OFFICE]))
        if surplus or got or office:
            self._change = asyncio.create_task(self._tell(session, tenant, got, surplus, office=office), name="tenure")
        else:
            self._settle(None)

    async def _tell(
        self, session: Session, tenant: Tenant, got: frozenset[int], surplus: frozenset[int], *, office: bool
    ) -> None:
        """Let the tenant know, one thing after another."""
        try:
            if got:
                self.shards |= got
                await tenant.take(got)
            if office:
                self.office = True
                await tenant.take_office()
            if surplus:
                await self._leave(session, tenant, surplus)
            self._settle(None)
        except JournalAway:
            session.give_up()  # it is over, or as good as that
        except Exception as failure:  # noqa: BLE001 - whatever it was, others can do it
            if not self._settle(failure):
                _log.exception("what was to be taken or left was not: everything held here is given up")
            session.give_up()
        finally:
            self._change = None

    def _settle(self, failure: Exception | None) -> bool:
        """Answer whoever began; tell whether somebody still waited."""
        if self._settled is None or self._settled.done():
            return False
        if failure is None:
            self._settled.set_result(None)
        else:
            self._tenant = None
            self._settled.set_exception(failure)
        return True

    async def _leave(self, session: Session, tenant: Tenant, what: frozenset[int]) -> None:
        await tenant.leave(what)
        self.shards -= what
        await self._written()
        await locks.give_back(session, what)

    async def _hand_back(self, tenant: Tenant, session: Session) -> None:
        if self._present is session:
            await locks.go(session)
        if self.office:
            self.office = False
            await tenant.leave_office()
            await self._written()
            await locks.give_back(session, [OFFICE])
        if self.shards:
            await self._leave(session, tenant, self.shards)

    async def idle(self) -> None:
        """Wait for a change that is under way."""
        while self._change is not None:
            await asyncio.wait([self._change])
