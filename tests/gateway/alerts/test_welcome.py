"""Where lines are seen: one welcome for each border crossed, whatever is told twice, late or in the wrong order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.subscription import Msisdn
from gateway.alerts.usage.record import UsageRecord
from gateway.alerts.welcome import Attach, Outcome, Welcomer, attaches_of
from gateway.orders.order import LineRef
from tests.gateway.alerts.phones import IMSI, NOON, NUMBER, Phones

MIN = timedelta(minutes=1)


@pytest.fixture
async def phones(tmp_path: Path) -> AsyncIterator[Phones]:
    phones = Phones.over(tmp_path)
    yield phones
    await phones.journal.close()


@pytest.fixture
def welcomer(phones: Phones) -> Welcomer:
    return Welcomer(phones.journal, phones.contracts, phones.texts, phones.clock, phones.listeners)


def seen(country: str, at: datetime, name: str = "", msisdn: str = NUMBER) -> Attach:
    return Attach(name or f"{country}-{at:%H%M%S}", LineRef(msisdn=Msisdn(msisdn)), country, at)


async def test_a_line_abroad_is_welcomed_in_the_commit_of_its_visit(phones: Phones, welcomer: Welcomer) -> None:
    record = await phones.line()
    assert await welcomer.attached([seen("DE", NOON)]) == [Outcome.WELCOMED]
    (message,), (visit,) = phones.messages, phones.rows("visits")
    assert (message["kind"], message["priority"], message["on_doubt"], message["state"]) == (
        "welcome",
        0,
        "hold",
        "queued",
    )
    assert (message["msisdn"], message["sender"], message["template"]) == (NUMBER, "TECHNICO", "welcome_as_at_home")
    assert "Allemagne" in message["text"]
    assert "112" in message["text"]
    assert (visit["line_id"], visit["country"]) == (record.line_id, "DE")
    assert phones.events == ["line.abroad"]
    assert json.loads(phones.rows("events")[0]["data"])["message_id"] == message["message_id"]
    assert phones.heard == ["queued", "published"]


async def test_what_is_told_again_does_nothing(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    told = [seen("DE", NOON), seen("DE", NOON + MIN), seen("FR", NOON + 2 * MIN), seen("ES", NOON + 3 * MIN)]
    phones.later(minutes=5)
    first = await welcomer.attached(told)
    assert first == [Outcome.WELCOMED, Outcome.SAME, Outcome.MOVED, Outcome.WELCOMED]
    assert await welcomer.attached(told) == [Outcome.LATE, Outcome.LATE, Outcome.LATE, Outcome.DUPLICATE]
    assert len(phones.messages) == 2


async def test_home_again_means_the_next_journey_is_welcomed_too(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    phones.later(hours=1)
    for n, (country, outcome) in enumerate(
        [("DE", "welcomed"), ("FR", "moved"), ("DE", "welcomed"), ("IT", "welcomed")]
    ):
        assert await welcomer.attached([seen(country, NOON + n * MIN)]) == [outcome]
    assert [row["template"] for row in phones.messages] == ["welcome_as_at_home"] * 3
    assert phones.events == ["line.abroad", "line.home", "line.abroad", "line.abroad"]


async def test_never_seen_before_and_at_home_is_nothing_to_tell(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    assert await welcomer.attached([seen("FR", NOON)]) == [Outcome.MOVED]
    assert (list(phones.messages), phones.events) == ([], [])


async def test_outside_the_treaty_another_tariff_is_told(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    assert await welcomer.attached([seen("US", NOON)]) == [Outcome.WELCOMED]
    assert phones.messages[0]["template"] == "welcome_abroad"


async def test_a_country_belongs_to_a_zone_from_its_day_on(phones: Phones) -> None:
    roaming = phones.texts["technicophone"].roaming
    assert roaming.welcome("UA", datetime(2025, 12, 31, tzinfo=UTC)) == "welcome_abroad"
    assert roaming.welcome("UA", datetime(2026, 1, 2, tzinfo=UTC)) == "welcome_as_at_home"


async def test_the_line_is_spoken_to_in_its_language(phones: Phones, welcomer: Welcomer) -> None:
    await phones.speaks(await phones.line(), "en")
    await welcomer.attached([seen("DE", NOON)])
    assert ("Germany" in phones.messages[0]["text"], phones.messages[0]["language"]) == (True, "en")


async def test_a_line_may_be_named_by_its_imsi(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    assert await welcomer.attached([Attach("a", LineRef(imsi=IMSI), "DE", NOON)]) == [Outcome.WELCOMED]


@pytest.mark.parametrize("state", ["suspended", "ordered", "terminated"])
async def test_a_line_out_of_service_is_not_welcomed(phones: Phones, welcomer: Welcomer, state: str) -> None:
    await phones.line(state=state)
    assert await welcomer.attached([seen("DE", NOON)]) == [Outcome.NOT_IN_SERVICE]
    assert (list(phones.messages), list(phones.rows("visits")), phones.heard) == ([], [], [])


async def test_a_barred_line_still_gets_messages(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line(state="barred")
    assert await welcomer.attached([seen("DE", NOON)]) == [Outcome.WELCOMED]


async def test_strangers_and_countries_that_are_none_are_told_apart(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    outcomes = await welcomer.attached([seen("DE", NOON, msisdn="+33699999999"), seen("ZZ", NOON)])
    assert outcomes == [Outcome.LINE_UNKNOWN, Outcome.COUNTRY_UNKNOWN]


async def test_a_data_only_line_keeps_its_welcome_as_evidence(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line(plan="data_only")
    assert await welcomer.attached([seen("DE", NOON)]) == [Outcome.WELCOMED]
    assert (phones.messages[0]["state"], "data_only" in phones.messages[0]["detail"]) == ("undeliverable", True)


async def test_news_that_is_hours_old_welcomes_nobody_but_is_kept(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    phones.later(hours=7)
    assert await welcomer.attached([seen("DE", NOON)]) == [Outcome.LATE]
    assert (list(phones.messages), phones.rows("visits")[0]["country"]) == ([], "DE")


async def test_a_clock_that_is_ahead_does_not_silence_what_follows(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    await welcomer.attached([seen("DE", NOON + timedelta(days=300))])
    phones.later(minutes=10)
    assert await welcomer.attached([seen("ES", NOON + 5 * MIN)]) == [Outcome.WELCOMED]


async def test_two_who_tell_the_same_at_once_welcome_once(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    by_imsi = Attach("by-imsi", LineRef(imsi=IMSI), "DE", NOON)
    both = await asyncio.gather(welcomer.attached([seen("DE", NOON)]), welcomer.attached([by_imsi]))
    assert len(phones.messages) == 1, both


async def test_of_one_body_the_times_decide_not_the_places(phones: Phones, welcomer: Welcomer) -> None:
    await phones.line()
    phones.later(minutes=5)
    assert await welcomer.attached([seen("FR", NOON + MIN), seen("DE", NOON)]) == [Outcome.MOVED, Outcome.WELCOMED]


def test_use_abroad_tells_where_a_line_was() -> None:
    at_home = UsageRecord(0, "r1", NUMBER, "data", 1, "MB", NOON)
    abroad = UsageRecord(1, "r2", NUMBER, "data", 1, "MB", NOON, abroad=True, country="DE")
    assert attaches_of([at_home, abroad]) == [Attach("usage/r2", LineRef(msisdn=NUMBER), "DE", NOON)]
