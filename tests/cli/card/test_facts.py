"""What is noted of a card is what the gateway takes, and becomes what its outcome says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.api.card_bodies import CardReportsRequest
from gateway.cli.card.facts import Facts
from gateway.cli.card.outcomes import VERDICTS, failure_of, note
from gateway.cli.card.station import Station, open_station
from gateway.stock.findings import Found
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult
from sim_readers.proof import Proven
from tests.cli.card.cards import ICCIDS

RESULT = CardResult("virtual:x", Outcome.WRITTEN, ICCIDS[0], proof=Proven(32))


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return replace(open_station(tmp_path), clock=lambda: datetime(2026, 5, 1, tzinfo=UTC))


@pytest.fixture
def facts(station: Station) -> Facts:
    return Facts(station, None)


@pytest.mark.parametrize("found", Found)
def test_every_finding_is_one_the_gateway_takes(facts: Facts, found: Found) -> None:
    facts.note(ICCIDS[0], found)
    (report,) = CardReportsRequest.model_validate_json(json.dumps({"reports": facts.waiting()})).reports
    assert report.what is found


def test_what_is_noted_is_what_the_gateway_takes(facts: Facts) -> None:
    facts.note(ICCIDS[0], Found.FAILED, "the card\tsaid \x1b[31m" + "no" * 200, 7, "0" * 16)
    (report,) = CardReportsRequest.model_validate_json(json.dumps({"reports": facts.waiting()})).reports
    assert (report.iccid, report.what, report.sqn, report.adm1_ref) == (ICCIDS[0], Found.FAILED, 7, "0" * 16)
    assert report.detail is not None
    assert report.detail.startswith("the card said")
    assert len(report.detail) <= 200


@pytest.mark.parametrize(
    ("outcome", "what"),
    [
        (Outcome.WRITTEN, "personalised"),
        (Outcome.AS_WISHED, "personalised"),
        (Outcome.REFUSED, "failed"),
        (Outcome.FAILED, "failed"),
        (Outcome.TORN, "failed"),
        (Outcome.KEY_REFUSED, "adm_refused"),
        (Outcome.UNKNOWN, None),
        (Outcome.NO_CARD, None),
    ],
)
def test_every_outcome_becomes_a_fact_or_none(facts: Facts, outcome: Outcome, what: str | None) -> None:
    note(facts, replace(RESULT, outcome=outcome), {ICCIDS[0]: "0" * 16})
    assert [fact["what"] for fact in facts.waiting()] == ([] if what is None else [what])
    assert [fact.get("adm1_ref") for fact in facts.waiting() if what == "adm_refused"] == ["0" * 16] * (
        what == "adm_refused"
    )


def test_a_card_this_station_has_told_of_is_only_checked_the_next_time(facts: Facts) -> None:
    for outcome in (Outcome.WRITTEN, Outcome.AS_WISHED):
        note(facts, replace(RESULT, outcome=outcome), {})
    assert [fact["what"] for fact in facts.waiting()] == ["personalised", "checked"]


def test_without_a_gateway_it_says_so(facts: Facts) -> None:
    facts.send()
    assert facts.statement() == ""
    note(facts, RESULT, {})
    facts.send()
    assert "1 fact was not reported to the gateway: no gateway is named" in facts.statement()


def test_every_outcome_has_a_verdict_and_an_exit_code() -> None:
    codes = {}
    for outcome in Outcome:
        failure = failure_of(replace(RESULT, outcome=outcome))
        codes[outcome.value] = 0 if failure is None else failure.exit_code
    assert set(VERDICTS) == set(Outcome)
    assert codes == {
        "written": 0,
        "as_wished": 0,
        "refused": 1,
        "key_refused": 5,
        "failed": 1,
        "torn": 1,
        "unknown": 1,
        "no_card": 4,
    }
