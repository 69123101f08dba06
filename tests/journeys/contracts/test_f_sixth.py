"""A sixth contract, of an operator that does not exist: one file (and, if it has one, its element), and no code."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.contract.calendar import Calendar, Span, Unit
from gateway.settings import read_settings
from tests.gateway.cards import ORANGE, Card, card, vendor_file
from tests.journeys.programs import CHECKOUT, LINEGATE, Program

SHIPPED = CHECKOUT / "config"
CONTRACT = Path(__file__).with_name("example-mobile.toml")
TOKEN = "fake-token-of-the-sixth"
PLMN, NUMBER = "20820", "+32470000001"
_PATIENCE_S = 30.0
_ENDED = {"completed", "failed", "partial", "cancelled", "rejected"}
_ELEMENT = """
[elements.example]
role = "hlr"
dialect = "cai"
transport = "tcp"
host = "127.0.0.1"
port = 7799
user = "linegate"
password_env = "LINEGATE_EXAMPLE_PASSWORD"
sessions = 4
window = 1
connect_timeout_s = 5
answer_timeout_s = 3
keep_alive_s = 30
"""
_SIMULATED = """
[elements.example]
dialect = "cai"
transport = "tcp"
port = 0
user = "linegate"
home_plmns = ["20820"]
"""
Json = dict[str, Any]


@dataclass(frozen=True)
class Counter:
    """Somebody at the counter, with both REST pages before them."""

    gateway: httpx.Client
    network: httpx.Client
    served_by: str

    def stock(self, *cards: Card) -> None:
        text = vendor_file(cards)
        answer = self.gateway.post("/v1/sims/import", content=text, headers={"Content-Type": "text/plain"})
        assert (answer.status_code, answer.json()["problems"]) == (200, []), answer.text

    def post(self, action: str, msisdn: str, start: str | None = None, **details: Any) -> httpx.Response:  # noqa: ANN401 - as posted
        asked = {"action": action, "line": {"msisdn": msisdn}, "details": details}
        more = {} if start is None else {"requested_start": start}
        return self.gateway.post("/v1/orders", json=asked | more)

    def order(self, action: str, msisdn: str, start: str | None = None, **details: Any) -> Json:  # noqa: ANN401 - as posted
        placed = self.post(action, msisdn, start, **details)
        assert placed.status_code == 202, placed.text
        return self.ended(placed.json()["href"])

    def ended(self, href: str) -> Json:
        until = time.monotonic() + _PATIENCE_S
        while (order := self.gateway.get(href).json())["state"] not in _ENDED and time.monotonic() < until:
            time.sleep(0.02)
        assert order["state"] == "completed", order
        return dict(order)

    def line(self, msisdn: str) -> Json:
        return dict(self.gateway.get(f"/v1/lines/{msisdn}").json())

    def probe(self, imsi: str, at: str = "home") -> Json:
        return dict(self.network.get(f"/network/{imsi}", params={"at": at}).json())

    def refused(self, action: str, msisdn: str, **details: Any) -> str:  # noqa: ANN401 - as posted
        answer = self.post(action, msisdn, **details)
        assert answer.status_code in (409, 422), answer.text
        return str(answer.json()["detail"])


@pytest.fixture(scope="module", params=["one file, an element that is there", "one file, an element of its own"])
def counter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("sixth")
    own = request.param == "one file, an element of its own"
    told = with_an_element(folder) if own else with_one_file(folder)
    arguments = [LINEGATE, "up", "--port", "0", "--sim-port", "0", "--data", str(folder / "data"), *told]
    program = Program(arguments, {"LINEGATE_TOKEN": TOKEN}, folder / "logs" / "up")
    _, url, _, sim = program.ready().split()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with (
        httpx.Client(base_url=url, headers=headers, timeout=20, trust_env=False) as gateway,
        httpx.Client(base_url=sim, timeout=20, trust_env=False) as network,
    ):
        yield Counter(gateway, network, "example" if own else "orange")
    assert program.end() == 0


def with_one_file(folder: Path) -> Sequence[str]:
    """The shipped contracts and one more: its lines live in an HLR that is there already."""
    contracts = folder / "contracts"
    shutil.copytree(SHIPPED / "contracts", contracts)
    shutil.copy(CONTRACT, contracts)
    return ("--contracts", str(contracts))


def with_an_element(folder: Path) -> Sequence[str]:
    """The shipped configuration, one contract more and the HLR of its host, which speaks another dialect."""
    config = folder / "config"
    shutil.copytree(SHIPPED, config)
    text = CONTRACT.read_text(encoding="utf-8").replace('element = "orange"', 'element = "example"')
    (config / "contracts" / CONTRACT.name).write_text(text, encoding="utf-8")
    for file, more in (("elements.toml", _ELEMENT), ("scenarios/default.toml", _SIMULATED)):
        path = config / file
        path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    return ("--config", str(config))


def activated(counter: Counter, number: int, **more: Any) -> tuple[str, str]:  # noqa: ANN401 - as posted
    """Put a line of the sixth contract into service; return its number and its IMSI."""
    one, msisdn = card(number, PLMN), f"+3247{number:07d}"
    counter.stock(one)
    wish: Json = {"contract": "example-mobile", "iccid": one.iccid, "plan": "solo"} | more
    done = counter.order("activate", msisdn, **wish)
    assert {step["element"] for step in done["steps"]} == {counter.served_by}
    return msisdn, one.imsi


def test_a_sixth_contract_needs_one_file_and_no_code(counter: Counter) -> None:
    """example § 1-5 | activated, barred, abroad, suspended, back, ended, as its own file says"""
    msisdn, imsi = activated(counter, 1)
    line = counter.line(msisdn)
    assert (line["contract"], line["host"], line["options"]) == ("example-mobile", "example", ["abroad_calls", "surf"])
    home = counter.probe(imsi)
    assert home["voice_out"] == {"national": True, "international": True, "premium": True, "fleet": True}
    assert (home["rats"], home["diverted_to"], home["data"]["allowed"]) == (["2g", "3g", "4g"], "1969", True)
    assert counter.probe(imsi, "abroad")["attach"] == "refused:roaming"

    counter.order("change_bars", msisdn, add=["no_premium", "fleet_only"])
    assert counter.probe(imsi)["voice_out"] == {
        "national": False,
        "international": False,
        "premium": False,
        "fleet": True,
    }
    counter.order("change_bars", msisdn, remove=["fleet_only"])
    assert counter.probe(imsi)["voice_out"] == {
        "national": True,
        "international": True,
        "premium": False,
        "fleet": True,
    }

    counter.order("change_options", msisdn, start="now", add=["traveller", "discreet"])
    abroad = counter.probe(imsi, "abroad")
    assert (abroad["attach"], abroad["voice_in"], abroad["caller_id"]) == ("accepted", False, "hidden")
    counter.order("change_options", msisdn, start="now", add=["ring_abroad"], remove=["discreet"])
    abroad = counter.probe(imsi, "abroad")
    assert (abroad["voice_in"], abroad["caller_id"]) == (True, "shown")

    counter.order("bar_outgoing", msisdn, reason="unpaid")
    barred = counter.probe(imsi)
    assert (barred["voice_out"]["national"], barred["sms_out"]) == (False, False)
    assert (barred["voice_in"], barred["sms_in"], barred["data"]["allowed"]) == (True, True, True)
    counter.order("suspend", msisdn, reason="unpaid")
    assert (counter.probe(imsi)["attach"], counter.probe(imsi)["emergency"]) == ("refused:suspended", True)
    counter.order("reactivate", msisdn)
    back = counter.probe(imsi)
    assert back["voice_out"] == {"national": True, "international": True, "premium": False, "fleet": True}

    counter.order("terminate", msisdn, start="now")
    assert counter.probe(imsi)["attach"] == "refused:unknown"
    assert counter.line(msisdn)["state"] == "terminated"


def test_its_delays_are_counted_on_its_own_calendar(counter: Counter) -> None:
    """example § 6 | 260 working days of Belgium, unless the operator says now"""
    msisdn, imsi = activated(counter, 2)
    placed = counter.post("change_options", msisdn, add=["traveller"])
    assert placed.status_code == 202, placed.text
    order = counter.gateway.get(placed.json()["href"]).json()
    asked_at, begins = (datetime.fromisoformat(order[name]) for name in ("accepted_at", "requested_start"))
    belgian = Calendar("Europe/Brussels", "BE").after(asked_at, Span(260, Unit.WORKING_DAYS))
    assert order["state"] == "pending"
    assert abs(begins - belgian) < timedelta(minutes=1)
    assert counter.probe(imsi, "abroad")["attach"] == "refused:roaming"
    assert counter.gateway.post(f"{placed.json()['href']}/resume").status_code in (200, 202)
    counter.ended(placed.json()["href"])
    assert counter.probe(imsi, "abroad")["attach"] == "accepted"


def test_its_plans_and_limits_are_its_own(counter: Counter) -> None:
    """example § 3, 8 | a plan without voice that ends options; one change a billing period; slow after 3 GB"""
    msisdn, imsi = activated(counter, 3, options=["autumn_offer"])
    assert counter.probe(imsi)["rats"] == ["2g", "3g", "4g", "5g"]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    used = {"id": "u-1", "msisdn": msisdn, "counter": "data", "amount": 3, "unit": "GB", "at": now}
    assert counter.gateway.post("/v1/usage", json=[used]).status_code == 200
    until = time.monotonic() + _PATIENCE_S
    while counter.probe(imsi)["data"]["cap_kbit_s"] is None and time.monotonic() < until:
        time.sleep(0.02)
    assert counter.probe(imsi)["data"] == {"allowed": True, "cap_kbit_s": 64}
    counter.order("change_plan", msisdn, plan="machine")
    changed = counter.probe(imsi)
    assert (changed["voice_out"]["national"], changed["voice_in"], changed["sms_in"]) == (False, False, True)
    assert changed["rats"] == ["2g", "3g", "4g"]
    assert "billing period" in counter.refused("change_plan", msisdn, plan="solo")


def test_what_other_contracts_sell_it_does_not(counter: Counter) -> None:
    """example § 2-5 | a refusal names the contract and what it has"""
    msisdn, _ = activated(counter, 4)
    assert "example-mobile has no option roaming; it has: abroad_calls" in counter.refused(
        "change_options", msisdn, add=["roaming"]
    )
    assert "example-mobile has no plan forfait_m" in counter.refused("change_plan", msisdn, plan="forfait_m")
    assert "example-mobile has no bar no_data" in counter.refused("change_bars", msisdn, add=["no_data"])
    assert "one of these reasons: customer, lost, stolen, unpaid" in counter.refused("suspend", msisdn, reason="fraud")
    assert "+324" in counter.refused(
        "activate", "+33612345678", contract="example-mobile", iccid=card(5, PLMN).iccid, plan="solo"
    )


def test_the_other_contracts_are_as_they_were(counter: Counter) -> None:
    """example § 1 | Technicophone's line on the element beside it"""
    one = card(6, ORANGE)
    counter.stock(one)
    wish: Json = {"contract": "technicophone", "iccid": one.iccid, "plan": "unlimited", "options": ["roaming"]}
    counter.order("activate", "+33612345678", **wish)
    assert counter.probe(one.imsi, "abroad")["attach"] == "accepted"
    assert counter.line("+33612345678")["contract"] == "technicophone"


def test_its_holidays_are_those_of_its_country(tmp_path: Path) -> None:
    """example § 1 | 21 July is a holiday in Belgium, 14 July none"""
    _, contracts = with_one_file(tmp_path)
    calendar = read_settings(SHIPPED, tmp_path, Path(contracts)).contracts["example-mobile"].timing.calendar
    assert not calendar.is_working_day(date(2026, 7, 21))
    assert calendar.is_working_day(date(2026, 7, 14))
