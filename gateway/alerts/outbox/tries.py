"""One try to send a message: what it needs of the ESME, what is submitted, and what comes of each part."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from drivers.commands import Reply
from drivers.dialects.smpp.submission import Part, Submission
from drivers.errors import DriverError, NotSpoken, Unreachable
from drivers.esme.config import Binding, CentreConfig
from drivers.subscription import Msisdn
from gateway.alerts.outbox.retrying import Result, Standing
from gateway.journal.journal import Row
from gateway.orders.messages import OnDoubt

_LONGEST_VALIDITY = timedelta(days=30)  # relative months have no length


class Centre(Protocol):
    """One short message centre."""

    @property
    def name(self) -> str:
        """As ``elements.toml`` calls it."""

    @property
    def config(self) -> CentreConfig:
        """How it is reached and treated."""


class Place(Protocol):
    """Room for one message at one centre."""

    @property
    def centre(self) -> Centre:
        """Where it is."""

    def submit(self, submission: Submission, /) -> asyncio.Future[Reply]:
        """Send one part. Raises NotSpoken; the future fails with InDoubt or Unreachable."""

    def release(self) -> None:
        """Give back what is unused; safe to call twice."""


class Sender(Protocol):
    """All centres together (``drivers.esme.esme.Esme``)."""

    @property
    def centres(self) -> Sequence[Centre]:
        """Every one of them."""

    def try_place(self, segments: int, avoid: frozenset[str] = ...) -> Place | None:
        """Return room if there is some now."""

    async def place(self, segments: int) -> Place:
        """Wait for room. Raises Unreachable when there never will be any."""


@dataclass(slots=True, eq=False)
class Try:
    """A message under way. ``parts`` are all of its text, ``numbers`` (from 1) those that this try sends."""

    row: Row
    reference: int
    place: Place
    parts: tuple[Part, ...] = field(repr=False)
    numbers: tuple[int, ...]
    results: dict[int, Result] = field(default_factory=dict)

    @property
    def message_id(self) -> str:
        """Whose try this is."""
        return str(self.row["message_id"])

    @property
    def centre(self) -> Centre:
        """Where it goes."""
        return self.place.centre

    def go(self, now: datetime, done: Callable[[Try], None]) -> None:
        """Submit every part; ``done`` is called once, in a later turn of the loop, when each has its result."""
        try:
            for number in self.numbers:
                self._submit(number, now, done)
        finally:
            self.place.release()

    def never(self, why: str, done: Callable[[Try], None]) -> None:
        """Give up before anything was submitted."""
        self.place.release()
        self.results.update(dict.fromkeys(self.numbers, Unreachable(why)))
        done(self)

    def standing(self) -> Standing:
        """Tell what the judgement of this try depends on besides its results."""
        return standing_of(self.row, tries=self.row["tries"] + 1, partly=len(self.numbers) < len(self.parts))

    def _submit(self, number: int, now: datetime, done: Callable[[Try], None]) -> None:
        def answered(answer: asyncio.Future[Reply]) -> None:
            self.results[number] = result_of(answer)
            if len(self.results) == len(self.numbers):
                done(self)

        try:
            answer = self.place.submit(self._submission(self.parts[number - 1], now))
        except NotSpoken as wrong:
            answer = asyncio.get_running_loop().create_future()
            answer.set_exception(wrong)
        answer.add_done_callback(answered)

    def _submission(self, part: Part, now: datetime) -> Submission:
        config, expires_at = self.centre.config, moment(self.row["expires_at"])
        return Submission(
            sender=self.row["sender"],
            to=Msisdn(self.row["msisdn"]),
            part=part,
            receipt=config.binding is not Binding.TRANSMITTER,
            validity="" if expires_at is None else validity(expires_at - now),
            reference=self.reference,
            tlvs=config.vendor_tlvs,
        )


def standing_of(row: Row, *, tries: int, partly: bool) -> Standing:
    """Read from a row what judgements depend on."""
    return Standing(
        tries=tries,
        doubtful=row["doubtful"],
        on_doubt=OnDoubt(row["on_doubt"]),
        expires_at=moment(row["expires_at"]),
        partly=partly,
    )


def result_of(answer: asyncio.Future[Reply]) -> Result:
    """Return what a part was answered, or why it was not."""
    if answer.cancelled():
        return Unreachable("the line was given up before it was written")
    error = answer.exception()
    if error is None:
        return answer.result()
    return error if isinstance(error, DriverError) else NotSpoken(f"it could not be said ({type(error).__name__})")


def validity(left: timedelta) -> str:
    """Write what is left of a message's time, at least a second: relative, SMPP 3.4 §7.1.1.2."""
    seconds = max(1, round(min(left, _LONGEST_VALIDITY).total_seconds()))
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"0000{day:02}{hour:02}{minute:02}{second:02}000R"


def moment(written: str | None) -> datetime | None:
    """Read a time of the journal."""
    return None if written is None else datetime.fromisoformat(written)


def by_number(parts: Mapping[int, object], total: int) -> tuple[int, ...]:
    """Return the numbers of the parts that are still missing."""
    return tuple(number for number in range(1, total + 1) if number not in parts)
