"""Where those to look at come from, in an order that a stop does not change: lines, then who belongs to none."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from drivers.commands import ListSubscribers
from drivers.subscription import Imsi, Msisdn
from gateway.audit import population
from gateway.audit.asked import Scope
from gateway.audit.examination import Answer, Subject
from gateway.audit.expectation import Expectations, Expected
from gateway.audit.means import Means
from gateway.audit.population import IMSIS_AT_ONCE, Choice
from gateway.audit.reading import Reader, Unreadable
from gateway.journal.journal import Journal
from gateway.orders import records
from gateway.orders.order import LineRecord, LineRef

Note = Callable[[str], None]


class Source(ABC):
    """Some of those to look at. ``name`` stays the same over a restart."""

    name: str

    @abstractmethod
    async def size(self) -> int:
        """Tell how many there are; 0 while that is not known."""

    async def open(self, after: str, note: Note) -> int:
        """Make ready to go on after a place ("" is the beginning); return how many there are beside ``size``."""
        del after, note
        return 0

    @abstractmethod
    async def take(self, after: str, most: int) -> Sequence[Subject]:
        """Return the next ones after a place; none is the end."""


class Numbers(Source):
    """The lines of certain numbers."""

    name = "numbers"

    def __init__(self, journal: Journal, expectations: Expectations, msisdns: Sequence[Msisdn]) -> None:
        self._journal = journal
        self._expectations = expectations
        self._msisdns = msisdns

    async def size(self) -> int:
        """See Source."""
        return len(self._msisdns)

    async def take(self, after: str, most: int) -> Sequence[Subject]:
        """See Source; the place is how many have been taken."""
        start = int(after or 0)
        chosen = enumerate(self._msisdns[start : start + most], start=start + 1)
        return [Subject(str(n), lambda msisdn=msisdn: self._line_of(msisdn)) for n, msisdn in chosen]  # type: ignore[misc]  # the loop's number

    async def _line_of(self, msisdn: Msisdn) -> Answer:
        record = await records.find_line(self._journal, LineRef(msisdn=msisdn))
        return None if record is None else await self._expectations.of_line_again(record.line_id)


class Lines(Source):
    """Lines by what they are; ``only``: those this element serves, of those its hosts' names may lead to."""

    name = "lines"

    def __init__(self, journal: Journal, expectations: Expectations, choice: Choice, only: str | None) -> None:
        self._journal = journal
        self._expectations = expectations
        self._choice = choice
        self._only = only

    async def size(self) -> int:
        """See Source."""
        return await population.count_lines(self._journal, self._choice)

    async def take(self, after: str, most: int) -> Sequence[Subject]:
        """See Source; the place is the line's id. What is expected of a line is told from its page."""
        found = await population.page_of_lines(self._journal, self._choice, after, most)
        return [self._subject(record) for record in found]

    def _subject(self, record: LineRecord) -> Subject:
        return Subject(
            record.line_id,
            lambda: self._again(record.line_id),
            lambda: self._mine(self._expectations.of_line(record)),
        )

    async def _again(self, line_id: str) -> Answer:
        return self._mine(await self._expectations.of_line_again(line_id))

    def _mine(self, answer: Answer) -> Answer:
        elsewhere = isinstance(answer, Expected) and self._only is not None and answer.element != self._only
        return None if elsewhere else answer


class Strangers(Source):
    """Subscribers of an element that belong to no living line; where it lists none, those the stock knows of."""

    def __init__(self, means: Means, element: str, prefix: str, reader: Reader) -> None:
        self.name = f"{element}/{prefix}"
        self._journal = means.journal
        self._expectations = means.expectations
        self._element = means.network.element(element)
        self._shares_host = means.hosting.shares_host(element)
        self._prefix = prefix
        self._reader = reader
        self._listed: list[Imsi] | None = None

    async def size(self) -> int:
        """See Source."""
        return 0 if self._lists else await population.count_idle_sims(self._journal, self._prefix)

    async def open(self, after: str, note: Note) -> int:
        """See Source; lists the element's subscribers where that can be done."""
        only = f"{self._element.name}: only IMSIs known to the stock were looked for"
        if not self._lists:
            note(f"{only}: this dialect cannot list")
            return 0
        listed = await self._reader.list(self._element, self._prefix)
        if isinstance(listed, Unreadable):
            note(f"{only}: it does not list those of {self._prefix} ({listed.why})")
            return await population.count_idle_sims(self._journal, self._prefix)
        there = sorted({imsi for imsi in listed if imsi.startswith(self._prefix) and imsi > after})
        # where a route leads a host's lines to several elements, one may hold what only another should: look at all
        self._listed = there if self._shares_host else await self._unserved(there)
        return len(self._listed)

    async def take(self, after: str, most: int) -> Sequence[Subject]:
        """See Source; the place is the IMSI."""
        if self._listed is None:
            taken = [Imsi(i) for i in await population.page_of_idle_sims(self._journal, self._prefix, after, most)]
        else:
            taken, self._listed = self._listed[:most], self._listed[most:]
        return [Subject(imsi, lambda imsi=imsi: self._whose(imsi)) for imsi in taken]  # type: ignore[misc]  # the loop's IMSI

    async def _unserved(self, there: Sequence[Imsi]) -> list[Imsi]:
        left: list[Imsi] = []
        for start in range(0, len(there), IMSIS_AT_ONCE):
            left += [Imsi(i) for i in await population.unserved(self._journal, there[start : start + IMSIS_AT_ONCE])]
            await asyncio.sleep(0)  # others may go on between two questions to the journal
        return left

    async def _whose(self, imsi: Imsi) -> Answer:
        return await self._expectations.of_stranger(self._element.name, imsi)

    @property
    def _lists(self) -> bool:
        return ListSubscribers in self._element.capabilities.commands


def sources(scope: Scope, means: Means, reader: Reader) -> list[Source]:
    """List where those of a scope come from."""
    journal, expectations = means.journal, means.expectations
    if scope.msisdns:
        return [Numbers(journal, expectations, scope.msisdns)]
    hosts = None if scope.element is None else means.hosting.hosts(scope.element, scope.contract)
    choice = Choice(scope.contract, scope.state, hosts)
    found: list[Source] = [Lines(journal, expectations, choice, scope.element)]
    if scope.state is not None:
        return found
    for name in (scope.element,) if scope.element is not None else means.hosting.elements(scope.contract):
        prefixes = means.hosting.prefixes(name, scope.contract)
        found += [Strangers(means, name, prefix, reader) for prefix in prefixes]
    return found
