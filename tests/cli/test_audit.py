"""``linegate audit`` from a terminal: what differs is told and is exit 4, repaired is exit 0, wrong use is told."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.cli.conftest import Ended, Linegate, Start
from tests.cli.test_journey import ACTIVATION, DEMO, IMSI, NUMBER, TOKEN, Up, ended, ready


@pytest.fixture
def place(start: Start) -> Up:
    arguments = ("up", "--port", "0", "--sim-port", "0", "--data", "data")
    return ready(start(arguments, {"LINEGATE_TOKEN": TOKEN}))


def test_from_a_line_somebody_touched_to_a_clean_audit(start: Start, place: Up) -> None:
    environment = {"LINEGATE_URL": place.url, "LINEGATE_TOKEN": TOKEN}

    def linegate(*arguments: str) -> Ended:
        return ended(start(arguments, environment))

    def document(*arguments: str, code: int) -> Any:  # noqa: ANN401 - any JSON
        end = linegate(*arguments, "--json")
        assert end.code == code, end
        return end.document

    assert linegate("import", str(DEMO / "sims.out")).code == 0
    new = ("order", "new", "activate", "--msisdn", NUMBER, "--details", json.dumps(ACTIVATION), "--wait")
    assert linegate(*new).code == 0
    clean = document("audit", "--line", NUMBER, code=0)
    assert (clean["state"], clean["counts"]["equal"], clean["findings"]) == ("completed", 1, [])

    hand = httpx.post(f"{place.sim}/elements/orange/subscribers/{IMSI}", json={"lock": True})
    assert hand.status_code == 200
    drawn = linegate("audit")
    assert (drawn.code, "locked: no / yes" in drawn.out, IMSI in drawn.out) == (4, True, True)
    assert "1 subscriber differs" in drawn.err
    found = document("audit", "--element", "orange", code=4)
    assert (found["requested_by"]["channel"], found["findings"][0]["differences"]) == (
        "cli",
        [{"field": "locked", "wanted": False, "held": True}],
    )

    started = document("audit", "--line", NUMBER, "--policy", "repair", "--no-follow", code=0)
    repaired = document("audit", "show", started["id"], "--follow", code=0)
    assert repaired["outcomes"]["repairing"] == 1
    order = repaired["findings"][0]["order_id"]
    assert order in linegate("audit", "show", started["id"]).out
    assert document("audit", "list", "--limit", "2", code=0)["items"][0]["id"] == started["id"]
    assert started["id"] in linegate("audit", "list").out
    late = linegate("audit", "cancel", started["id"])
    assert (late.code, "completed" in late.err) == (1, True)
    assert document("audit", "--keys", code=0)["counts"]["equal"] == 1
    imported = document("import-element", "orange", "--contract", "technicophone", "--suspended-as", "unpaid", code=0)
    assert (imported["policy"], imported["hints"]["suspended_as"]) == ("adopt", "unpaid")
    for arguments, word in (
        (("audit", "--element", "telex"), "orange"),
        (("audit", "--line", "+33699000009"), "+33699000009"),
        (("audit", "--line", NUMBER, "--element", "orange"), "element"),
        (("audit", "--policy", "shout"), "policy"),
        (("audit", "--plan", "metered"), "plan"),
        (("audit", "show", "0" * 32), "audit"),
    ):
        refused = linegate(*arguments)
        assert (refused.code, word in refused.err, "Traceback" in refused.err) == (1, True, False), arguments


@pytest.mark.parametrize("command", [("audit",), ("audit", "show"), ("audit", "list"), ("import-element",)])
def test_help_tells_the_exit_code_of_drift(linegate: Linegate, command: tuple[str, ...]) -> None:
    told = linegate(*command, "--help")
    assert told.code == 0
    assert "4 something differs" in " ".join(told.out.split())


def test_an_import_without_a_contract_is_wrong_use(linegate: Linegate) -> None:
    told = linegate("import-element", "orange")
    assert (told.code, "--contract" in told.err) == (2, True)
