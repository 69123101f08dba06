"""Questions by SMS: answered once, to lines of ours only, and not without end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.dialects.smpp.delivery import FromPhone
from drivers.subscription import Msisdn
from gateway.alerts.queries import Queries, Reply
from gateway.alerts.usage.figures import UsageFigures
from tests.gateway.alerts.phones import NUMBER, Phones


@pytest.fixture
async def phones(tmp_path: Path) -> AsyncIterator[Phones]:
    phones = Phones.over(tmp_path)
    yield phones
    await phones.journal.close()


def answering(phones: Phones) -> Queries:
    figures = UsageFigures(phones.journal, phones.contracts, phones.texts)
    return Queries(
        phones.journal, phones.contracts, phones.texts, figures, clock=phones.clock, listeners=phones.listeners
    )


@pytest.fixture
def queries(phones: Phones) -> Queries:
    return answering(phones)


def sms(text: str, reference: int | None = None, sender: str = NUMBER, number: int = 1) -> FromPhone:
    return FromPhone(Msisdn(sender), "1088", text, reference, number, 2 if number > 1 else 1)


async def test_what_is_left_is_told_to_who_asks(phones: Phones, queries: Queries) -> None:
    record = await phones.line()
    await phones.used(record, "data", "2026-11", 12_500_000_000)
    await phones.used(record, "voice", "2026-11", 3600)
    assert await queries.asked("main", sms("solde svp")) is Reply.ANSWERED
    (message,) = phones.messages
    assert (message["kind"], message["msisdn"], message["sender"]) == ("answer", NUMBER, "TECHNICO")
    assert "internet 37,5 Go, appels 39 h" in message["text"]
    assert message["text"].endswith("jusqu'au 30/11/2026.")
    assert (phones.events, phones.heard) == (["query.answered"], ["queued", "published"])
    assert "solde" not in phones.rows("events")[0]["data"]


async def test_use_abroad_is_told_of_once_there_is_some(phones: Phones, queries: Queries) -> None:
    record = await phones.line()
    await phones.used(record, "roaming_data_spend", "2026-11", 12_500_000)
    await queries.asked("main", sms("IM"))
    assert "internet hors France 37,50 EUR" in phones.messages[0]["text"]


async def test_a_line_nothing_limits_is_told_what_it_has_used(phones: Phones, queries: Queries) -> None:
    record = await phones.line(plan="metered")
    await phones.used(record, "data", "2026-11", 1_200_000_000)
    assert await queries.asked("main", sms("IMD")) is Reply.ANSWERED
    assert (phones.messages[0]["template"], "internet 1,2 Go" in phones.messages[0]["text"]) == (
        "balance_metered",
        True,
    )


async def test_any_other_word_is_told_what_can_be_asked(phones: Phones, queries: Queries) -> None:
    await phones.line()
    assert await queries.asked("main", sms("bonjour")) is Reply.ANSWERED
    assert phones.messages[0]["template"] == "query_unknown"


async def test_the_answer_is_in_the_language_of_the_line(phones: Phones, queries: Queries) -> None:
    await phones.speaks(await phones.line(), "en")
    await queries.asked("main", sms("conso"))
    assert "you have left" in phones.messages[0]["text"]


async def test_a_message_delivered_again_is_answered_once(phones: Phones, queries: Queries) -> None:
    await phones.line()
    both = await asyncio.gather(queries.asked("main", sms("IM", 7)), queries.asked("main", sms("IM", 7)))
    assert sorted(both) == [Reply.ANSWERED, Reply.REPEATED]
    phones.later(seconds=100)
    assert await answering(phones).asked("main", sms("IM", 7)) is Reply.REPEATED  # after a restart too
    assert len(phones.messages) == 1


@pytest.mark.parametrize("other", [sms("IM", 8), sms("IMD", 7)])
async def test_another_question_is_another_answer(phones: Phones, queries: Queries, other: FromPhone) -> None:
    await phones.line()
    assert await queries.asked("main", sms("IM", 7)) is Reply.ANSWERED
    assert await queries.asked("main", other) is Reply.ANSWERED


async def test_asked_again_after_a_while_it_is_answered_again(phones: Phones, queries: Queries) -> None:
    await phones.line()
    assert await queries.asked("main", sms("IM")) is Reply.ANSWERED
    phones.later(seconds=121)
    assert await queries.asked("main", sms("IM")) is Reply.ANSWERED


async def test_a_machine_that_answers_answers_gets_ten_an_hour(phones: Phones, queries: Queries) -> None:
    await phones.line()
    replies = [await queries.asked("main", sms("auto", n)) for n in range(12)]
    assert replies == [Reply.ANSWERED] * 10 + [Reply.LIMITED] * 2
    await phones.line("+33611111111")
    assert await queries.asked("main", sms("IM", sender="+33611111111")) is Reply.ANSWERED
    phones.later(hours=1)
    assert await queries.asked("main", sms("IM")) is Reply.ANSWERED


@pytest.mark.parametrize("state", ["suspended", "terminated"])
async def test_only_lines_in_service_are_answered(phones: Phones, queries: Queries, state: str) -> None:
    await phones.line(state=state)
    asked = [await queries.asked("main", sms("IM")), await queries.asked("main", sms("IM", sender="+33699999999"))]
    assert (asked, list(phones.messages)) == ([Reply.STRANGER] * 2, [])


async def test_of_a_long_message_only_the_first_part_asks(phones: Phones, queries: Queries) -> None:
    await phones.line()
    assert await queries.asked("main", sms("IM", 7, number=2)) is Reply.UNASKED
    assert not phones.messages


async def test_other_numbers_than_those_named_are_not_answered(phones: Phones) -> None:
    await phones.line()
    texts = phones.texts["technicophone"]
    phones.texts["technicophone"] = replace(texts, questions=replace(texts.questions, numbers=frozenset({"36000"})))
    assert await answering(phones).asked("main", sms("IM")) is Reply.UNASKED


async def test_a_data_only_line_keeps_its_answer_as_evidence(phones: Phones, queries: Queries) -> None:
    await phones.line(plan="data_only")
    assert await queries.asked("main", sms("IM")) is Reply.ANSWERED
    assert phones.messages[0]["state"] == "undeliverable"


async def test_a_contract_without_figures_answers_nothing_and_never_fails(phones: Phones) -> None:
    await phones.line()
    phones.contracts["technicophone"] = replace(phones.contracts["technicophone"], counters={}, thresholds={})
    assert await answering(phones).asked("main", sms("IM")) is Reply.UNASKED
