"""PINs at a station without a gateway: counters first, nothing twice, nothing on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.card.delivered import Delivery, told_by, typed
from tests.cli.conftest import Ended, Linegate

Pin = Callable[..., Ended]
PIN1, PIN2 = 0x01, 0x81


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery.into(tmp_path)


@pytest.fixture
def pin(linegate: Linegate, delivery: Delivery, tmp_path: Path) -> Pin:
    """Run ``card pin``, lines typed at descriptor 0; whatever is printed or kept is searched for secrets."""

    def run(*arguments: str, lines: tuple[str, ...] = ()) -> Ended:
        with typed(*lines):
            ended = linegate("card", "pin", *arguments, "--station", str(tmp_path / "station"))
        seen = ended.out + ended.err + told_by((tmp_path / "station").rglob("*"))
        assert not [secret for secret in delivery.secrets if secret in seen]
        assert "Traceback" not in ended.err
        return ended

    return run


def facts(directory: Path) -> list[str]:
    file = directory / "station" / "facts.jsonl"
    return [json.loads(line)["what"] for line in file.read_text().splitlines()] if file.exists() else []


@pytest.mark.parametrize("model", ["sja5", "gsm"])
def test_status_spends_nothing(pin: Pin, delivery: Delivery, model: str) -> None:
    reader = delivery.put(model=model)
    for _ in range(4):
        told = pin("status", "--reader", reader, "--json").document
    assert told["iccid"] == delivery.cards[0].iccid
    assert [(one["state"], one["tries"], one["puk_tries"]) for one in told["pins"]] == [("enabled", 3, 10)] * 2
    assert "enabled" in pin("status", "--reader", reader).out


@pytest.mark.parametrize("model", ["sja5", "gsm"])
def test_a_disabled_pin_is_told_by_its_status_and_not_presented(pin: Pin, delivery: Delivery, model: str) -> None:
    reader, source = delivery.put(model=model), ("--cards", delivery.file)
    assert pin("disable", "--reader", reader, *source).code == 0
    told = pin("status", "--reader", reader, "--json").document["pins"][0]
    assert (told["state"], told["enabled"]) == ("disabled", False)
    verify = pin("verify", "--reader", reader, *source)
    assert (verify.code, "enable it first" in verify.err) == (1, True)
    again = pin("disable", "--reader", reader, *source, "--json")
    assert (again.code, again.document["words"]) == (0, "PIN1 is disabled already")
    assert pin("enable", "--reader", reader, *source).code == 0
    assert pin("status", "--reader", reader, "--json").document["pins"][0]["enabled"] is True


@pytest.mark.parametrize("model", ["sja5", "gsm"])
def test_a_wrong_pin_costs_one_try_and_is_never_sent_again(pin: Pin, delivery: Delivery, model: str) -> None:
    reader = delivery.put(model=model)
    wrong = ("verify", "--reader", reader, "--typed-pin-fd", "0", "--json")
    first = pin(*wrong, lines=("9999",))
    assert (first.code, first.document["verdict"], first.document["tries"]) == (5, "wrong", 2)
    again = pin(*wrong, "--accept-tries", "2", lines=("9999",))
    assert (again.code, again.document["verdict"], "before" in again.err) == (1, "held", True)
    careless = pin(*wrong, lines=("9998",))
    assert (careless.code, "--accept-tries 2" in careless.err) == (1, True)
    assert delivery.look(model=model).tries(PIN1) == 2
    right = pin("verify", "--reader", reader, "--cards", delivery.file, "--accept-tries", "2")
    assert (right.code, delivery.look(model=model).tries(PIN1)) == (0, 3)


@pytest.mark.parametrize(
    ("number", "blocked", "opened"), [(1, "pin_blocked", "pin_unblocked"), (2, "failed", "pin_changed")]
)
def test_three_wrong_pins_block_and_the_puk_helps(
    pin: Pin, delivery: Delivery, tmp_path: Path, *, number: int, blocked: str, opened: str
) -> None:
    reader, which = delivery.put(), ("--pin", str(number))
    for tries in (3, 2, 1):
        ended = pin(
            "verify",
            *which,
            "--reader",
            reader,
            "--typed-pin-fd",
            "0",
            "--accept-tries",
            str(tries),
            lines=(f"999{tries}",),
        )
        assert ended.code == 5
    assert "card pin unblock" in ended.err
    assert facts(tmp_path) == [blocked]
    unblock = ("unblock", *which, "--reader", reader, "--cards", delivery.file, "--new-pin-fd", "0", "--json")
    ended = pin(*unblock, lines=("4321",))
    assert (ended.code, ended.document["verdict"], facts(tmp_path)) == (0, "right", [blocked, opened])
    assert pin("verify", *which, "--reader", reader, "--typed-pin-fd", "0", lines=("4321",)).code == 0


def test_the_pin_that_is_kept_can_be_set_again(pin: Pin, delivery: Delivery) -> None:
    reader = delivery.put()
    kept = ("--cards", delivery.file)
    new = pin("change", "--reader", reader, *kept, "--new-pin-fd", "0", lines=("87654321",))
    assert (new.code, "is changed" in new.out) == (0, True)
    puk = delivery.cards[0].puk1
    set_again = pin("unblock", "--reader", reader, *kept, "--typed-puk-fd", "0", "--vault-pin", lines=(puk,))
    assert (set_again.code, "is unblocked" in set_again.out) == (0, True)
    assert pin("verify", "--reader", reader, *kept).code == 0


@pytest.mark.parametrize("model", ["sja5", "gsm"])
def test_a_puk_below_five_tries_wants_the_cards_number(pin: Pin, delivery: Delivery, model: str) -> None:
    reader = delivery.put(model=model)
    unblock = ("unblock", "--reader", reader, "--typed-puk-fd", "0", "--new-pin-fd", "0")
    for tries in range(10, 4, -1):
        ended = pin(*unblock, "--accept-tries", str(tries), lines=(f"9999999{tries % 10}", "1234"))
        assert ended.code == 5, ended.err
    last = delivery.cards[0].iccid[-4:]
    for answer, code in (("0000", 1), ("", 1), (last, 5)):
        ended = pin(*unblock, "--accept-tries", "4", lines=("99990004", "1234", answer))
        assert (ended.code, "dead for ever" in ended.err) == (code, True)
    assert delivery.look(model=model).tries(PIN1, puk=True) == 3


def test_a_card_whose_puk2_is_used_up_is_not_called_dead(pin: Pin, delivery: Delivery) -> None:
    unblock = ("unblock", "--pin", "2", "--reader", delivery.put(), "--typed-puk-fd", "0", "--new-pin-fd", "0")
    last = delivery.cards[0].iccid[-4:]
    said = ""
    for tries in range(10, 0, -1):
        ended = pin(*unblock, "--accept-tries", str(tries), lines=(f"999900{tries:02}", "1234", last))
        assert ended.code == 5, ended.err
        said = ended.err
    assert ("PIN2 of the card" in said, "PIN2 can never be used again" in said) == (True, True)
    assert "the card is dead" not in said


@pytest.mark.parametrize(
    ("arguments", "lines", "told"),
    [
        (("verify", "--typed-pin"), (), "--typed-pin-fd"),
        (("verify", "--typed-pin-fd", "0"), ("12",), "4 to 8 digits"),
        (("verify", "--typed-pin-fd", "0", "--typed-pin"), ("1234",), "say one of them"),
        (("verify", "--typed-pin-fd", "250"), (), "cannot be read"),
        (("unblock", "--typed-puk-fd", "0"), ("1234567",), "8 digits"),
        (("unblock", "--typed-puk-fd", "0"), ("12345678",), "--new-pin-fd"),
        (("unblock",), (), "--why"),
        (("verify", "--pin", "3"), (), "--pin"),
    ],
)
def test_what_cannot_be_a_code_touches_no_card(
    pin: Pin, delivery: Delivery, arguments: tuple[str, ...], lines: tuple[str, ...], told: str
) -> None:
    ended = pin(*arguments, "--reader", delivery.put(), lines=lines)
    assert (ended.code, told in ended.err) == (2, True)
    assert not any(line in ended.err for line in lines)
    assert (delivery.look().tries(PIN1), delivery.look().tries(PIN1, puk=True)) == (3, 10)
