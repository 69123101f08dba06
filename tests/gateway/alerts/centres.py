"""A scripted ESME in place of the real one: what each part is answered is the test's to say."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drivers.commands import Refused, Reply, Submitted, Why
from drivers.dialects.smpp.delivery import Heard, MessageState, Receipt
from drivers.dialects.smpp.submission import Submission
from drivers.errors import DriverError, InDoubt, Unreachable
from drivers.esme.config import CentreConfig

Answer = Reply | DriverError | None
"""``None``: no answer; the test gives it later, or never."""


@dataclass(slots=True, eq=False)
class FakeCentre:
    """A centre by name and manner."""

    config: CentreConfig

    @property
    def name(self) -> str:
        return self.config.name


@dataclass(slots=True, eq=False)
class Out:
    """One part as the centre got it."""

    centre: str
    submission: Submission
    answer: asyncio.Future[Reply]
    message_id: str = ""

    @property
    def text(self) -> str:
        return self.submission.part.octets.decode("latin-1")


@dataclass(slots=True, eq=False)
class FakePlace:
    """Room for one message."""

    centre: FakeCentre
    esme: FakeEsme
    left: int

    def submit(self, submission: Submission, /) -> asyncio.Future[Reply]:
        assert self.left > 0, "more parts than room was asked for"
        self.left -= 1
        return self.esme.take(self.centre, submission)

    def release(self) -> None:
        self.esme.room += self.left
        self.left = 0
        self.esme.news.set()


@dataclass(eq=False)
class FakeEsme:
    """Answers at once, by ``script``; ``out`` is all that ever went out."""

    script: Callable[[Out], Answer] = field(default=lambda out: Submitted(out.message_id))
    room: int = 50
    configs: Sequence[CentreConfig] = (CentreConfig("smsc", "127.0.0.1", 2775, "linegate"),)
    out: list[Out] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.centres = [FakeCentre(config) for config in self.configs]
        self._ids = itertools.count(1)

    def try_place(self, segments: int, avoid: frozenset[str] = frozenset()) -> FakePlace | None:
        free = [centre for centre in self.centres if centre.name not in avoid]
        if not free or self.room < segments:
            return None
        self.room -= segments
        return FakePlace(free[0], self, segments)

    async def place(self, segments: int) -> FakePlace:
        while (place := self.try_place(segments)) is None:
            self.news.clear()
            await self.news.wait()
        return place

    def take(self, centre: FakeCentre, submission: Submission) -> asyncio.Future[Reply]:
        out = Out(centre.name, submission, asyncio.get_running_loop().create_future(), f"{next(self._ids):08x}")
        self.out.append(out)
        out.answer.add_done_callback(self._freed)
        self.say(out, self.script(out))
        return out.answer

    def say(self, out: Out, answer: Answer) -> None:
        """Answer a part that was left without."""
        if isinstance(answer, DriverError):
            out.answer.set_exception(answer)
        elif answer is not None:
            out.answer.set_result(answer)

    def texts(self) -> list[str]:
        return [out.text for out in self.out]

    def _freed(self, _: object) -> None:
        self.room += 1
        self.news.set()


def refused(code: str) -> Refused:
    return Refused(Why.OTHER, code)


SILENCE = InDoubt("no answer within 10 s")
AWAY = Unreachable("not bound")


def taken(out: Out) -> Submitted:
    return Submitted(out.message_id)


def receipt(message_id: str, state: MessageState = MessageState.DELIVERED, **more: object) -> Heard:
    return Heard("deliver_sm", 1, Receipt(message_id, state, **more))  # type: ignore[arg-type]  # a test's short hand
