"""The journal on PostgreSQL: a pen, readers, news and what is held, put together and kept going."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from uuid import uuid4

from gateway.journal.journal import JournalAway, Row, Statement, Unit
from gateway.journal.postgres import instances
from gateway.journal.postgres.connecting import check_server, check_sessions
from gateway.journal.postgres.errors import DatabaseUnusable, why_unusable
from gateway.journal.postgres.migrating import bring_up_to_date
from gateway.journal.postgres.news import News
from gateway.journal.postgres.pauses import happens, pauses
from gateway.journal.postgres.places import Place
from gateway.journal.postgres.readers import Readers
from gateway.journal.postgres.session import Session
from gateway.journal.postgres.statements import Statements
from gateway.journal.postgres.tenure import BEAT_S, SharedTenure
from gateway.journal.postgres.together import Together
from gateway.journal.postgres.writer import Writer
from gateway.journal.tenure import Tenure

_log = logging.getLogger(__name__)


def _nobody() -> None:
    """Nobody wants to know of events."""


class PostgresJournal:
    """See Journal; made by ``open``.

    While the writing session is away every commit raises JournalAway. When it is lost, the tenant stops first
    (``Tenant.lose``); only then is the next session opened, however long that takes, and everything held is taken anew.
    """

    def __init__(
        self, place: Place, lease_s: float, readers: Readers, max_waiting: int, chance: Callable[[], float]
    ) -> None:
        """See ``open``."""
        self.on_events: Callable[[], None] = _nobody  #: called when another instance has written events
        self._place = place
        self._lease_s = lease_s
        self._readers = readers
        self._together = Together(readers.fetch)
        self._chance = chance
        self._instance = uuid4().hex
        self._url: str | None = None
        self._statements = Statements()
        self._writer = Writer(self._statements, max_waiting)
        self._tenure = SharedTenure(lambda what: instances.find(readers, what), self._writer.settle, lease_s)
        self._closed = asyncio.Event()
        self._beating: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._news: News | None = None

    @classmethod
    async def open(  # noqa: PLR0913 - each is a setting of its own
        cls,
        url: str,
        *,
        url_of_instance: str | None = None,
        lease_s: float = 5.0,
        readers: int = 4,
        max_waiting: int = 20_000,
        chance: Callable[[], float] = random.random,
    ) -> PostgresJournal:
        """Connect, bring the schema to the newest version, and keep connected. Raises DatabaseUnusable.

        ``url_of_instance``: where other instances reach this one; it may be told later, see ``announce``.
        """
        place = Place(url)
        journal = cls(place, lease_s, Readers(place, readers), max_waiting, chance)
        journal._url = url_of_instance
        try:
            journal._begin(await journal._prepare())
        except Exception as failure:  # noqa: BLE001 - none of their texts is handed on
            journal._readers.drop()
            raise why_unusable(place, failure) from None
        return journal

    @property
    def tenure(self) -> Tenure:
        """See Journal."""
        return self._tenure

    async def commit(self, unit: Unit) -> None:
        """See Journal."""
        if self._closed.is_set():
            raise JournalAway
        await self._writer.commit(unit)

    async def rows(self, statement: Statement, /, **values: object) -> Sequence[Row]:
        """See Journal."""
        read = self._statements.read(statement)
        if read.together:
            return await self._together.rows(read, read.arguments(values))
        return await self._readers.fetch(read.text, *read.arguments(values))

    async def announce(self, url: str) -> None:
        """Tell the other instances where this one listens. While the database is away, they learn it afterwards."""
        self._url = url
        session = self._writer.session
        if session is not None:
            try:
                await instances.note(session, self._instance, url)
            except JournalAway:
                _log.debug("the other instances are told once the database is back")

    async def close(self) -> None:
        """See Journal; everything held falls free."""
        self._closed.set()
        await self._writer.finish()
        await self._tenure.idle()
        if self._beating is not None and self._keeping is not None:
            await asyncio.wait([self._beating])
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        if self._news is not None:
            await self._news.close()
        session, self._writer.session, self._tenure.session = self._writer.session, None, None
        if session is not None:
            await self._leave(session)
        await self._readers.close()

    async def _prepare(self) -> Session:
        """See that the database is fit for us, and begin to write in it."""
        one, other = await self._readers.lend(), await self._readers.lend()
        try:
            await check_server(self._place, one)
            await check_sessions(self._place, one, other)
            await bring_up_to_date(self._place, one)
        finally:
            self._readers.give_back(one)
            self._readers.give_back(other)
        return await self._session()

    async def _leave(self, session: Session) -> None:
        try:
            await instances.remove(session, self._instance)
        except JournalAway:
            return
        await session.end()

    def _begin(self, session: Session) -> None:
        self._writer.session = self._tenure.session = session
        self._news = News(self._place, self._own_pid, self._tell, self._events)
        self._beating = asyncio.create_task(self._beat(), name="journal-beat")
        self._keeping = asyncio.create_task(self._keep(session), name="journal-keep")

    def _own_pid(self) -> int | None:
        return None if self._writer.session is None else self._writer.session.pid

    async def _tell(self) -> None:
        if self._tenure.tenant is not None and self._tenure.shards:
            await self._tenure.tenant.news()

    def _events(self) -> None:
        self.on_events()

    async def _beat(self) -> None:
        while not self._closed.is_set():
            try:
                await self._tenure.beat()
            except JournalAway:
                _log.debug("no beat: the database is away")
            except Exception:  # noqa: BLE001 - without beats the session would end
                _log.exception("what is held could not be looked at")
            await happens(self._closed, BEAT_S)

    async def _keep(self, session: Session) -> None:
        """Have a session at all times, and say so to everybody when one is lost and when the next is there."""
        while True:
            await session.lost.wait()
            _log.warning("the session in the database at %s is lost: everything held here is stopped", self._place)
            self._writer.lose()
            await self._tenure.lose()
            self._readers.drop()
            session = await self._again()
            self._writer.session = self._tenure.session = session
            _log.warning("the database at %s is back", self._place)

    async def _again(self) -> Session:
        """Open the next session, however many tries it takes."""
        for pause_s in pauses(self._chance):
            try:
                return await self._session()
            except (DatabaseUnusable, JournalAway) as away:
                _log.debug("not yet: %s", away)
            except Exception as failure:  # noqa: BLE001 - somebody must go on trying
                _log.warning("%s", why_unusable(self._place, failure))
            await asyncio.sleep(pause_s)
        raise AssertionError("pauses have no end")

    async def _session(self) -> Session:
        """Begin a session, and tell the others that it is ours."""
        session = await Session.begin(self._place, self._lease_s)
        try:
            await check_server(self._place, session.connection)
            if self._url is not None:
                await instances.note(session, self._instance, self._url)
        except BaseException:
            session.give_up()
            raise
        return session
