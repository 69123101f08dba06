"""A day of usage for ten thousand lines: what came of it equals a list worked out elsewhere, to the last alert."""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.agreement import AgreedLine, Json
from tests.journeys.cards import Stock
from tests.journeys.player import differences
from tests.journeys.programs import CHECKOUT
from tests.journeys.usage_clock import Clock
from tests.journeys.usage_day import CLIENTS, HALVES, Day, write_day
from tests.journeys.usage_model import AlertName, Model, Told
from tests.journeys.usage_site import UsageSite

LINES = 10_000
MINUTES = 60
SEED = os.environ.get("LINEGATE_TEST_SEED", "anna")
PARIS = ZoneInfo("Europe/Paris")
HOURS = (
    "2026-01-01T00:01:00+01:00",
    "2026-03-01T00:00:00+01:00",
    "2026-03-29T02:59:59+02:00",
    "2026-03-31T23:49:59+02:00",
    "2026-03-31T23:55:00+02:00",
    "2026-10-25T02:30:00+01:00",
    "2026-12-31T23:59:59+01:00",
    "2028-02-29T12:00:00+01:00",
    "2028-03-30T22:15:00Z",
)
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
CONTRACT = tomllib.loads((CHECKOUT / "config/contracts/technicophone.toml").read_text())
TEXTS = tomllib.loads((CHECKOUT / "config/alerts/technicophone.toml").read_text())
REASON = {"fair_use": "fair_use", "roaming_data_cut": "spending_cap", "unlimited_off": "plan_limit"}
IN_SERVICE = TEXTS["confirm"]["fr"]["activate"]
NOT_IN_GSM = str.maketrans("çêâîôû", "ceaiou")  # letters that would cost a second segment lose their accent
ARRIVED = ("sent", "delivered")
pytestmark = pytest.mark.timeout(10 * MINUTES)


@dataclass
class Played:
    """The site after the day, what it answered, and what it should have."""

    site: UsageSite
    day: Day
    model: Model
    answers: list[list[Json]]
    due: list[list[Told]]
    morning: frozenset[AlertName]

    @property
    def watched(self) -> list[AgreedLine]:
        """Every line that goes a course, and some of the quiet ones."""
        quiet = [line for line in self.day.lines if line.msisdn not in self.day.courses]
        return [line for line in self.day.lines if line.msisdn in self.day.courses] + quiet[:: len(quiet) // 300]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("usage-day")
    site = UsageSite(folder, scenario="tcp")
    try:
        clock = Clock(datetime.now(UTC), PARIS)
        day = write_day(SEED, site.stock, LINES, clock)
        assert site.open_lines(day, folder)["states"] == {"completed": LINES}
        site.settle()
        model = Model(CONTRACT, {line.msisdn: line.plan for line in day.lines}, clock)
        agree(site, day, model)
        answers = site.play(day)
        yield Played(site, day, model, answers, *expect(day, model))
    finally:
        site.end()


def agree(site: UsageSite, day: Day, model: Model) -> None:
    """Put what was agreed with customers."""
    with site.web() as web:
        for msisdn, course in day.courses.items():
            if course.agreed:
                answer = web.put(f"/v1/lines/{msisdn}/alerting", json=course.agreed)
                assert answer.status_code == 200, answer.text
                model.agree(msisdn, course.agreed)


def expect(day: Day, model: Model) -> tuple[list[list[Told]], frozenset[AlertName]]:
    """Take the day into the model, client by client; return what is due, and the alerts of its first half."""
    due: list[list[Told]] = [[] for _ in range(CLIENTS)]
    morning: list[frozenset[AlertName]] = []
    for half in range(HALVES):
        for client, posts in enumerate(day.posts[half]):
            due[client] += [model.take(post.body, ndjson=post.ndjson) for post in posts]
        morning.append(frozenset(model.alerts))
    return due, morning[0]


def named(message: Json) -> AlertName:
    """Read from the list of messages which alert it is."""
    _, series, period, percent = message["alert"].split("|")
    return message["to"], series.partition("/")[0], period, int(percent)


@pytest.mark.parametrize("now", HOURS)
def test_at_any_hour_of_the_year_the_model_finds_what_was_said_by_hand(now: str) -> None:
    clock = Clock(datetime.fromisoformat(now), PARIS)
    day = write_day(f"{SEED}-{now}", Stock(), 1000, clock)
    model = Model(CONTRACT, {line.msisdn: line.plan for line in day.lines}, clock)
    for msisdn, course in day.courses.items():
        model.agree(msisdn, course.agreed)
    expect(day, model)
    assert amiss(day, model) == [], REPLAY


def test_the_model_finds_what_was_said_by_hand(played: Played) -> None:
    assert amiss(played.day, played.model) == [], REPLAY


def amiss(day: Day, model: Model) -> list[str]:
    """Compare what the model has found with what the courses say must be told and done."""
    told: dict[str, list[str]] = defaultdict(list)
    kept: dict[str, list[str]] = defaultdict(list)
    for (msisdn, threshold, _, percent), alert in model.alerts.items():
        (told if alert.goes_out else kept)[msisdn].append(f"{threshold} {percent}")
    wrong = [f"{msisdn}, a quiet line" for msisdn in {*told, *kept, *model.effects} - set(day.courses)]
    for msisdn, course in day.courses.items():
        done = [effect for effect, _ in model.effects.get(msisdn, ())]
        found = (told[msisdn], kept[msisdn], done)
        said = (course.told, course.kept, course.done)
        if [sorted(f) for f in found] != [sorted(filter(None, text.split(", "))) for text in said]:
            wrong.append(f"{course}: {found}")
    return wrong


def test_every_batch_is_answered_as_the_model_says(played: Played) -> None:
    counted: Counter[str] = Counter()
    for answers, dues in zip(played.answers, played.due, strict=True):
        for answer, due in zip(answers, dues, strict=True):
            counts = (due.accepted, due.duplicates, due.late, len(due.problems))
            assert tuple(answer[name] for name in ("accepted", "duplicates", "late", "rejected")) == counts, REPLAY
            place = "line" if any("line" in problem for problem in answer["problems"]) else "index"
            problems = [(p[place], p["id"], p["type"].removeprefix("/problems/")) for p in answer["problems"]]
            assert problems == sorted(due.problems, key=lambda problem: problem[0]), REPLAY
            names = ("msisdn", "threshold", "period", "percent", "used", "limit", "outcome", "action")
            assert sorted(tuple(c[n] for n in names) for c in answer["crossings"]) == sorted(due.crossings), REPLAY
            counted.update(slug for _, _, slug in due.problems)
            counted.update(outcome for *_, outcome, _ in due.crossings)
            counted.update(dict(zip(("accepted", "duplicates", "late"), counts, strict=False)))
    assert counted["accepted"] > 60_000
    assert min(counted[name] for name in ("duplicates", "late", "unreadable", "id-reused", "too-late", "past")) > 50


def test_alerts_equal_the_list_none_twice_none_for_past_periods(played: Played) -> None:
    messages = played.site.pages("/v1/messages", kind="alert")
    assert Counter(named(m) for m in messages) == Counter(played.model.alerts.keys()), REPLAY
    states = {named(m): m["state"] for m in messages}
    wrong = [(name, state) for name, state in states.items() if not is_right(played, name, states)]
    assert wrong == [], REPLAY
    assert Counter(states.values())["undeliverable"] > 50


def is_right(played: Played, name: AlertName, states: dict[AlertName, str]) -> bool:
    """Tell whether an alert is where it should be: at the phone, kept, or overtaken by that for 100 % just after it."""
    if not played.model.alerts[name].goes_out:
        return states[name] == "undeliverable"
    if states[name] == "withdrawn":
        full = (*name[:3], 100)
        return states.get(full) in ARRIVED and (name in played.morning) is (full in played.morning)
    return states[name] in ARRIVED


def test_phones_show_what_is_due_and_80_never_after_100(played: Played) -> None:
    messages = played.site.pages("/v1/messages", kind="alert")
    gone = {(m["to"], m["text"]): named(m) for m in messages if m["state"] in ARRIVED}
    others = {(m["to"], m["text"]) for m in played.site.pages("/v1/messages", kind="welcome")}
    assert gone
    shown: Counter[AlertName] = Counter()
    last: dict[tuple[str, str, str], int] = defaultdict(int)
    for sms in played.site.inbox():
        if sms["text"] == IN_SERVICE.format(msisdn=sms["to"]) or (sms["to"], sms["text"]) in others:
            continue
        name = gone[sms["to"], sms["text"]]
        assert last[name[:3]] < name[3], f"{name} came after {last[name[:3]]} %"
        last[name[:3]] = name[3]
        shown[name] += 1
        pattern = wording(played, name)
        assert re.fullmatch(pattern, sms["text"]), (sms["text"], pattern)
    assert shown == Counter(gone.values()), REPLAY


def wording(played: Played, name: AlertName) -> str:
    """Say what an alert must read like: the text of its template, with the limit and the last day of the period."""
    msisdn, threshold, period, percent = name
    rule, agreed = CONTRACT["thresholds"][threshold], played.day.courses[msisdn].agreed
    base, action = f"{rule['template']}_{percent}", played.model.alerts[name].action
    template = TEXTS["templates"].get(f"{base}_{action}", TEXTS["templates"][base])
    language = agreed.get("language", "fr")
    limit = agreed.get("thresholds", {}).get(threshold, {}).get("limit", rule["limit"]).split()[0]
    values = {"limit": rf"{limit}(?: [A-Za-z]+)?", "counter": TEXTS["names"][language][rule["counter"]]}
    if language == "fr":
        values["period_end"] = played.model.clock.last_day(period)
    parts = re.split(r"{([a-z_]+)}", template[language].translate(NOT_IN_GSM))
    return "".join(values.get(part, ".+") if n % 2 else re.escape(part) for n, part in enumerate(parts))


def test_what_was_ordered_is_in_force_once_and_ends_with_the_period(played: Played) -> None:
    clock, effects = played.model.clock, played.model.effects
    due = Counter({msisdn: len(laid) for msisdn, laid in effects.items() if laid})
    assert due.total() > 200
    laid, lifted = (played.site.pages("/v1/orders", action=action) for action in ("limit_use", "lift_limit"))
    assert Counter(order["line"]["msisdn"] for order in laid) == due, REPLAY
    assert {order["state"] for order in laid} == {"completed"}
    assert Counter(order["line"]["msisdn"] for order in lifted) == due, REPLAY
    assert {(order["state"], datetime.fromisoformat(order["requested_start"])) for order in lifted} == {
        ("pending", clock.ends)
    }
    assert played.site.pages("/v1/orders", action="bar_outgoing") == []
    with played.site.web() as web:
        for line in played.watched:
            page = web.get(f"/v1/lines/{line.msisdn}").json()
            held = sorted((r["kind"], r["reason"], r["reference"]) for r in page["restrictions"])
            wanted = sorted((effect, REASON[effect], reference) for effect, reference in effects.get(line.msisdn, ()))
            assert (page["state"], page["plan"], held) == ("active", line.plan, wanted), REPLAY


def test_the_network_gives_phones_what_their_use_has_left_them(played: Played) -> None:
    lines = played.watched
    seen = {at: played.site.probe([line.imsi for line in lines], at) for at in ("home", "abroad")}
    wrong, capped = [], 0
    for line in lines:
        expected = phone(line, {effect for effect, _ in played.model.effects.get(line.msisdn, ())})
        capped += expected["home"]["data.cap_kbit_s"] is not None
        got = {at: seen[at][line.imsi] for at in seen}
        wrong += [f"{line.msisdn} {line.plan}: {what}" for what in differences(expected, got)]
    assert wrong == [], REPLAY
    assert capped > 50


def phone(line: AgreedLine, effects: set[str]) -> Json:
    """Say what a phone gets: as the contract's page has it for an active line, but for the limits it is under."""
    expected = line.expected()
    home, abroad = expected["home"], expected["abroad"]
    throttled = "fair_use" in effects and line.plan == "unlimited"
    cap = CONTRACT["plans"]["unlimited"]["fair_use_cap_kbit_s"]
    home["data.cap_kbit_s"] = cap if throttled and home["data.allowed"] else None
    if abroad["attach"] == "accepted":
        abroad["data.allowed"] = abroad["data.allowed"] and not effects & {"fair_use", "roaming_data_cut"}
        abroad["data.cap_kbit_s"] = None
    return {"home": home, "abroad": abroad}


def test_every_counter_stands_where_the_model_has_it(played: Played) -> None:
    clock = played.model.clock
    with played.site.web() as web:
        for line in played.watched:
            for period in (clock.period, clock.past):
                page = web.get(f"/v1/lines/{line.msisdn}/usage", params={"period": period}).json()
                for counter in page["counters"]:
                    used = played.model.used.get((line.msisdn, counter["counter"], period), 0)
                    shown = counter["used"]
                    assert (round(float(shown) * 10**6) if counter["unit"] == "EUR" else shown) == used, (page, REPLAY)
                assert len(page["counters"]) == len(CONTRACT["counters"])
