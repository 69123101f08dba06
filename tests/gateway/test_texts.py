"""Texts: what is shipped fits its segments in every language, and every mistake in a file is named by its key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drivers.dialects.smpp.text import Carriage, Policy, preview, septets
from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.contract.line import Line
from gateway.contract.rules import Rules
from gateway.contract.table import ConfigError
from gateway.orders.messages import Kind, OnDoubt, Priority
from gateway.settings import config_directory, packaged_directory, read_settings
from gateway.texts import Texts, Unfilled, country_name, country_names, read_texts
from gateway.texts.quiet import end_of_quiet
from gateway.texts.template import FILLED_WITH

SHIPPED = packaged_directory() / "alerts" / "technicophone.toml"
LINE = Line(Msisdn("+33612345678"), Imsi("208010000000001"), Iccid("8933010000000000017"), "c", "h", "p")
ALERT = {"used": "40 Go", "limit": "50 Go", "left": "10 Go", "percent": "80", "period_end": "30/11/2026"}


@pytest.fixture(scope="module")
def texts() -> Texts:
    return read_settings(config_directory(None), Path("unused")).texts["technicophone"]


def read(extra: str) -> Texts:
    return read_texts("alerts/c.toml", tomllib.loads(f'spec = "1"\n{extra}'))


def template(**changed: object) -> str:
    """A template's TOML that is right but for what is changed."""
    keys: Mapping[str, object] = {"kind": "alert", "fr": "Bonjour {msisdn}", "en": "Hello {msisdn}"} | changed
    lines = "\n".join(f"{key} = {_toml(value)}" for key, value in keys.items() if value is not None)
    return f"[confirm]\n[templates.t]\n{lines}\n"


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else f"'''{value}'''"


def mistakes(toml: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as wrong:
        read(toml)
    return wrong.value.mistakes


def test_every_threshold_shipped_has_its_texts(rules: Rules, texts: Texts) -> None:
    wanted = {f"{t.template}_{percent}" for t in rules.thresholds.values() for percent in t.percents}
    assert wanted - {name for name, t in texts.templates.items() if t.kind is Kind.ALERT} == set()
    assert texts.languages[0] == rules.language
    named = {*rules.counters, *rules.plans}
    assert [named - texts.names[language].keys() for language in texts.languages] == [set(), set()]


def test_every_text_shipped_is_one_segment_of_gsm_in_each_language(texts: Texts) -> None:
    for each in texts.templates.values():
        for language in texts.languages:
            rendered = each.render(language, FILLED_WITH[each.kind])
            assert septets(rendered.text) is not None, rendered.text
            assert preview(rendered.text, Carriage(), Policy.KEEP).segments == 1, rendered.text


def test_every_confirmation_is_there_in_both_languages(texts: Texts) -> None:
    assert texts.confirm["fr"].keys() == texts.confirm["en"].keys()
    assert "is suspended" in str(texts.confirmation("en", "suspend", LINE))
    assert texts.confirmation("de", "suspend", LINE) == texts.confirmation("fr", "suspend", LINE)
    assert texts.confirmation("fr", "repair", LINE) is None


def test_an_alert_is_urgent_resent_in_doubt_and_short_lived(texts: Texts) -> None:
    rendered = texts.render("fair_use_80", "fr", ALERT)
    assert rendered is not None
    handling = rendered.handling
    assert (rendered.kind, handling.priority, handling.on_doubt) == (Kind.ALERT, Priority.URGENT, OnDoubt.RESEND)
    assert handling.validity_s == 6 * 3600
    assert "40 Go d'internet utilisés sur 50 Go" in rendered.text
    assert "bonjour" not in repr(rendered).lower()
    assert rendered.text not in repr(rendered)


def test_accents_the_gsm_alphabet_lacks_cost_no_second_segment(texts: Texts) -> None:
    rendered = texts.render("roaming_data_100", "fr", ALERT | {"limit": "50 EUR"})
    assert rendered is not None
    assert ("coupé" in rendered.text, "ê" in rendered.text) == (True, False)
    kept = read(template(kind="application", policy="keep", fr="Reçu {msisdn}")).render("t", "fr", {"msisdn": "+331"})
    assert kept is not None
    assert kept.text == "Reçu +331"


def test_an_unknown_language_falls_back_to_the_contracts(texts: Texts) -> None:
    spoken = {language: texts.render("fair_use_100", language, ALERT) for language in ("fr", "en", "de", None)}
    assert [r and r.language for r in spoken.values()] == ["fr", "en", "fr", "fr"]


def test_an_unknown_template_is_none(texts: Texts) -> None:
    assert texts.render("no_such_thing", "fr", {}) is None


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"limit": ""}, {"limit": "is missing: the template has a place for it"}),
        ({"limit": "see https://evil.example"}, {"limit": "must hold no link"}),
        ({"limit": "WWW.evil.example"}, {"limit": "must hold no link"}),
        ({"limit": "50\x1b[31m"}, {"limit": "must be printable text"}),
    ],
)
def test_values_that_do_not_fit_are_named(texts: Texts, values: dict[str, str], problem: dict[str, str]) -> None:
    with pytest.raises(Unfilled) as unfilled:
        texts.render("fair_use_100", "fr", ALERT | values)
    assert unfilled.value.problems.keys() == problem.keys()
    assert str(unfilled.value).startswith(next(f"{k} {v}" for k, v in problem.items()))


def test_a_value_is_never_looked_into_for_places_of_its_own() -> None:
    texts = read(template(fr="{percent} {limit}", en="{percent} {limit}"))
    rendered = texts.render("t", "fr", {"percent": "{limit}", "limit": "9"})
    assert rendered is not None
    assert rendered.text == "{limit} 9"


@pytest.mark.parametrize(
    ("changed", "key", "told"),
    [
        ({"kind": "spam"}, "kind", "must be one of: alert, welcome, answer, application"),
        ({"en": None}, "en", "is missing"),
        ({"fr": "{imsi}"}, "fr", "{imsi} is nothing that is filled in here; there are: msisdn"),
        ({"fr": "50 % {limit"}, "fr", "only go around the name of a value"),
        ({"fr": "voir www.exemple.fr"}, "fr", "no link"),
        ({"fr": "HTTPS://exemple.fr"}, "fr", "no link"),
        (
            {"fr": "x" * 150 + "{msisdn}"},
            "fr",
            "needs 2 segments (gsm7) with the longest values, and may have 1 segment",
        ),
        ({"fr": "Привет {msisdn}"}, "fr", "cannot be written in the GSM alphabet"),
        ({"fr": "ç" * 71, "policy": "keep"}, "fr", "needs 2 segments (ucs2)"),
        ({"segments": 0}, "segments", "must be at least 1"),
        ({"policy": "drop"}, "policy", "must be one of: transliterate, keep"),
        ({"priority": "high"}, "priority", "must be one of: urgent, normal, bulk"),
        ({"on_doubt": "hold"}, "on_doubt", "an alert must arrive"),
        ({"quiet": True}, "quiet", "only an application's message waits"),
        ({"validity_h": 400}, "validity_h", "must be at most 336"),
        ({"sms": 1}, "sms", "unknown key"),
    ],
)
def test_a_mistake_in_a_template_is_named_by_file_and_key(changed: dict[str, Any], key: str, told: str) -> None:
    (mistake,) = mistakes(template(**changed))
    assert mistake.startswith(f"alerts/c.toml: templates.t.{key}: "), mistake
    assert told in mistake


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('[confirm.fr]\nsuspend = "a"\n[confirm.en]\n', "confirm.en: is missing what other languages have: suspend"),
        ('[confirm.fr]\nfly = "a"\n[confirm.en]\nfly = "b"\n', "confirm.fr.fly: is no action"),
        ('[confirm]\n[roaming]\nhome = ["XX"]\n', "roaming.home: XX: no ISO 3166-1 alpha-2 code"),
        ('[confirm]\n[roaming]\nhome = []\notherwise = "t"\n', "roaming.otherwise: 't' must name a template of kind"),
        ('[confirm]\n[queries]\n[queries.words]\nt = ["IM"]\n', "queries.words.t: 't' must name a template of kind"),
        (template(kind="answer") + '[queries.words]\nt = ["IM", "im"]\n', "queries.words.t: 'im' asks for t already"),
        (template(kind="answer") + '[queries.words]\nt = ["i m"]\n', "queries.words.t: 'i m' must be one word"),
        ("languages = []\n[confirm]\n", "languages: name at least one"),
    ],
)
def test_a_mistake_elsewhere_is_named_too(toml: str, told: str) -> None:
    assert any(told in mistake for mistake in mistakes(toml)), mistakes(toml)


def test_an_application_fills_in_what_its_contract_names() -> None:
    texts = read(
        template(kind="application", fr="Rendez-vous {when}", en="See you {when}") + '[values]\nwhen = "9 h 30"'
    )
    rendered = texts.render("t", "en", {"when": "10 h", "shop": "left out"})
    assert rendered is not None
    assert (rendered.text, rendered.handling.on_doubt) == ("See you 10 h", OnDoubt.HOLD)


def test_questions_are_found_by_their_first_word(texts: Texts) -> None:
    asked = {text: texts.questions.answer_to(text) for text in ("IM", " solde ?", "Conso!", "im demain", "hello", "")}
    assert list(asked.values()) == ["balance"] * 4 + ["query_unknown"] * 2


@pytest.mark.parametrize(
    ("now", "wait_until"),
    [
        ("2026-11-22T20:29:59+00:00", None),  # 21:29:59 in Paris
        ("2026-11-22T20:30:00+00:00", "2026-11-23T07:00:00+00:00"),
        ("2026-11-23T06:59:59+00:00", "2026-11-23T07:00:00+00:00"),
        ("2026-11-23T07:00:00+00:00", None),
        ("2026-03-28T23:00:00+00:00", "2026-03-29T06:00:00+00:00"),  # the clocks go forward that night
    ],
)
def test_promotion_waits_for_the_morning(now: str, wait_until: str | None) -> None:
    moment = datetime.fromisoformat(now)
    expected = None if wait_until is None else datetime.fromisoformat(wait_until)
    assert end_of_quiet(moment, "Europe/Paris") == expected
    promotion = read(template(kind="application", quiet=True)).render("t", "fr", {"msisdn": "+331"})
    alert = read(template()).render("t", "fr", {"msisdn": "+331"})
    assert promotion is not None
    assert alert is not None
    assert (promotion.not_before(moment, "Europe/Paris"), alert.not_before(moment, "Europe/Paris")) == (expected, None)


def test_quiet_hours_are_those_of_the_contracts_own_zone() -> None:
    now = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)  # 22:00 in Nouméa, noon in Paris
    assert (end_of_quiet(now, "Pacific/Noumea"), end_of_quiet(now, "Europe/Paris")) == (
        datetime(2026, 11, 22, 21, 0, tzinfo=UTC),
        None,
    )


def test_countries_are_named_in_both_languages() -> None:
    assert (country_name("DE", "fr"), country_name("DE", "en"), country_name("DE", "it")) == (
        "Allemagne",
        "Germany",
        "Germany",
    )
    assert country_name("QQ", "fr") == "QQ"
    assert len(country_names()) == 250
    assert all(len(code) == 2 and names.keys() == {"fr", "en"} for code, names in country_names().items())
