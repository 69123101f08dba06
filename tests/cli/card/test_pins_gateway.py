"""PINs and PUKs beside a real gateway: told by its vault, kept in its trail, and what is found is known there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.cli.card.delivered import CONFIG, Delivery, told_by, typed
from tests.cli.card.gateways import NUMBER, TOKEN, Gateway, gateway_up
from tests.cli.conftest import Ended, Linegate, Start

Run = Callable[..., Ended]
Started = Callable[..., Gateway]


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery.into(tmp_path)


@pytest.fixture
def started(start: Start, delivery: Delivery, monkeypatch: pytest.MonkeyPatch, linegate: Linegate) -> Iterator[Started]:
    """Start a gateway with the vendor's file in stock."""
    del linegate  # it has cleared the environment, which is filled here
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(gateway_up(start, monkeypatch, delivery.file, *options))


@pytest.fixture
def run(linegate: Linegate, delivery: Delivery, tmp_path: Path) -> Run:
    def card(*arguments: str, lines: tuple[str, ...] = ()) -> Ended:
        with typed(*lines):
            ended = linegate("card", "pin", *arguments, "--station", str(tmp_path / "station"))
        seen = ended.out + ended.err + told_by((tmp_path / "station").rglob("*"))
        assert not [secret for secret in (*delivery.secrets, TOKEN) if secret in seen]
        return ended

    return card


def test_a_blocked_pin_is_unblocked_with_the_puk_of_the_vault(run: Run, started: Started, delivery: Delivery) -> None:
    gateway, reader, iccid = started(), delivery.put(), delivery.cards[0].iccid
    for tries in (3, 2, 1):
        wrong = ("verify", "--reader", reader, "--typed-pin-fd", "0", "--accept-tries", str(tries))
        assert run(*wrong, lines=(f"999{tries}",)).code == 5
    assert gateway.state(iccid) == "pin_blocked"
    unblock = ("unblock", "--reader", reader, "--why", "customer at counter 3", "--json")
    ended = run(*unblock, "--new-pin-fd", "0", lines=("4321",))
    assert (ended.code, ended.err, ended.document["reported"]["waiting"]) == (0, "", 0)
    assert gateway.state(iccid) == "personalised"
    trail = gateway.trail(iccid)
    assert trail["puk.disclosed"]["why"] == "customer at counter 3"
    assert trail["puk.disclosed"]["requested_by"]["channel"] == "card"
    assert {"card.pin_blocked", "card.pin_unblocked"} <= trail.keys()
    assert "keys.disclosed" not in trail
    again = run("unblock", "--reader", reader, "--why", "back to the kept one", "--vault-pin")
    assert (again.code, run("verify", "--reader", reader, "--why", "see").code) == (0, 0)
    assert gateway.trail(iccid)["keys.disclosed"]["with_adm"] is False


def test_ten_wrong_puks_kill_a_card_and_nobody_gets_it_any_more(
    run: Run, started: Started, delivery: Delivery, linegate: Linegate
) -> None:
    gateway, reader, iccid = started(), delivery.put(2), delivery.cards[1].iccid
    unblock = ("unblock", "--reader", reader, "--typed-puk-fd", "0", "--new-pin-fd", "0", "--json")
    for tries in range(10, 0, -1):
        ended = run(*unblock, "--accept-tries", str(tries), lines=(f"999900{tries:02}", "1234", iccid[-4:]))
        assert (ended.code, ended.document["tries"]) == (5, tries - 1)
    assert "the card is dead" in ended.err
    assert gateway.state(iccid) == "dead"
    assert {"card.puk_refused", "card.dead"} <= gateway.trail(iccid).keys()
    dead = run("unblock", "--reader", reader, "--why", "one more try", "--vault-pin")
    assert (dead.code, "reported dead" in dead.err) == (1, True)
    show = linegate("card", "puk", "show", iccid, "--why", "one more try")
    assert (show.code, "reported dead" in show.err, show.out) == (1, True, "")
    gateway.activate(delivery.cards[0].iccid)
    swap = swap_to(gateway, iccid)
    assert (swap.status_code, "dead" in swap.text) == (409, True)
    assert run("status", "--reader", reader, "--json").document["pins"][0]["state"] == "dead"


def swap_to(gateway: Gateway, iccid: str) -> httpx.Response:
    swap = {"action": "swap_sim", "line": {"msisdn": NUMBER}, "details": {"new_iccid": iccid, "reason": "lost"}}
    return gateway.http.post("/v1/orders", json=swap)


def test_a_puk_is_told_once_to_whoever_says_why(started: Started, delivery: Delivery, linegate: Linegate) -> None:
    gateway, one = started(), delivery.cards[2]
    shown = linegate("card", "puk", "show", one.iccid, "--why", "her phone asks for it", "--approved-by", "Zoe")
    assert (shown.code, shown.err, one.puk1 in shown.out, one.puk2 in shown.out) == (0, "", True, True)
    assert not [secret for secret in (one.adm1, one.ki, one.opc) if secret in shown.out]
    as_json = linegate("card", "puk", "show", one.iccid, "--why", "again", "--json")
    assert as_json.document == {"iccid": one.iccid, "puk1": one.puk1, "puk2": one.puk2}
    told = gateway.trail(one.iccid)["puk.disclosed"]
    assert (told["why"], "approved_by" in told) == ("again", False)
    history = linegate("card", "puk", "history", one.iccid)
    assert all(word in history.out for word in ("puk.disclosed", "her phone asks for it", "Zoe", "again"))
    assert one.puk1 not in history.out
    unknown = linegate("card", "puk", "show", "8933010000000000016", "--why", "see")
    assert (unknown.code, "not in stock" in unknown.err) == (1, True)
    assert linegate("card", "puk", "show", one.iccid).code == 2


def test_where_two_must_agree_one_is_told_so(
    run: Run, started: Started, delivery: Delivery, linegate: Linegate, tmp_path: Path
) -> None:
    shutil.copytree(CONFIG, tmp_path / "config")
    settings = tmp_path / "config" / "linegate.toml"
    settings.write_text(settings.read_text().replace("second_person = false", "second_person = true"))
    started("--config", str(tmp_path / "config"))
    iccid, reader = delivery.cards[0].iccid, delivery.put()
    alone = linegate("card", "puk", "show", iccid, "--why", "see")
    assert (alone.code, "--approved-by" in alone.err, "token" in alone.err) == (1, True, False)
    assert linegate("card", "puk", "show", iccid, "--why", "see", "--approved-by", "Zoe").code == 0
    unblock = ("unblock", "--reader", reader, "--why", "counter 3", "--vault-pin")
    assert (run(*unblock).code, run(*unblock, "--approved-by", "Zoe").code) == (1, 0)
