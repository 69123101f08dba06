"""PINs, PUKs and the administrative key of a UICC."""

from __future__ import annotations

from sim_readers.emulator.card import VirtualCard
from tests.sim_readers.emulator.cards import ADM, NEW, PIN, PUK, WRONG, card_of, select, send, usim

VERIFY, VERIFY_ADM = "0020000108", "0020000A08"
NINES = "39" * 8


def pin_bits(card: VirtualCard) -> str:
    """The bits of the enabled keys in the FCP of the MF."""
    fcp = send(card, "00A40004023F00", "00C0000000")
    return fcp[fcp.index("C60C9001") + 8 :][:2]


def test_a_wrong_pin_takes_back_what_the_right_one_gave() -> None:
    card = card_of("uicc")
    usim(card)
    select(card, "6F07")
    assert send(card, VERIFY + PIN, "00B0000001") == "FF9000"

    assert send(card, VERIFY + WRONG) == "63C2"
    assert send(card, "00B0000001") == "6982"


def test_three_wrong_pins_block_and_the_right_one_before_resets() -> None:
    card = card_of("uicc")

    assert send(card, VERIFY + WRONG, VERIFY + WRONG) == "63C1"
    assert send(card, VERIFY + PIN) == "9000"
    assert card.tries(0x01) == 3
    assert [send(card, VERIFY + WRONG) for _ in range(4)] == ["63C2", "63C1", "63C0", "6983"]
    assert send(card, VERIFY + PIN) == send(card, "0020000100") == "6983"
    assert send(card, "0024000110" + PIN + NEW) == "6983"
    assert send(card, "0026000108" + PIN) == "6983"


def test_a_blocked_administrative_key_stays_blocked() -> None:
    card = card_of("sja5")

    assert [send(card, VERIFY_ADM + NINES) for _ in range(3)] == ["63C2", "63C1", "63C0"]
    card.power_off()
    card.power_on()
    assert send(card, VERIFY_ADM + ADM) == "6983"
    assert send(card, "002C000A10" + PUK + NEW) == send(card, "002C000A00") == "6A88"
    assert card.tries(0x0A) == 0


def test_tries_are_counted_before_the_answer_and_outlive_the_power() -> None:
    card = card_of("uicc")
    kept: list[int] = []
    card.keep = lambda changed: kept.append(changed.tries(0x01))

    send(card, VERIFY + WRONG)
    card.power_on()
    send(card, VERIFY + WRONG)

    assert kept == [2, 1]
    assert send(card, "0020000100") == "63C1"


def test_asking_for_the_tries_costs_none() -> None:
    card = card_of("uicc")

    assert [send(card, f"002000{key}00") for key in ("01", "81", "0A")] == ["63C3"] * 3
    assert [send(card, f"002C00{key}00") for key in ("01", "81")] == ["63CA"] * 2
    assert (card.tries(0x01), card.tries(0x01, puk=True), card.tries(0x0A)) == (3, 10, 3)


def test_the_puk_sets_the_pin_enables_and_verifies_it() -> None:
    card = card_of("uicc")
    send(card, "0026000108" + PIN)
    assert pin_bits(card) == "60"

    assert send(card, "002C000110" + PUK + NEW) == "9000"
    assert pin_bits(card) == "E0"
    usim(card)
    select(card, "6F07")
    assert send(card, "00B0000001") == "FF9000"
    assert send(card, VERIFY + PIN) == "63C2"
    assert send(card, VERIFY + NEW) == "9000"


def test_ten_wrong_puks_end_it_for_ever() -> None:
    card = card_of("uicc")
    said = [send(card, "002C000110" + NINES + NEW) for _ in range(10)]

    assert said == [f"63C{left}" for left in range(9, -1, -1)]
    assert send(card, "002C000110" + PUK + NEW) == send(card, "002C000100") == "6983"
    assert send(card, VERIFY + PIN) == "9000"  # the PIN itself was not blocked


def test_a_right_puk_gives_back_all_its_tries() -> None:
    card = card_of("uicc")
    send(card, "002C000110" + NINES + NEW)

    assert send(card, "002C000110" + PUK + NEW) == "9000"
    assert card.tries(0x01, puk=True) == 10


def test_changing_a_pin_takes_the_old_one() -> None:
    card = card_of("uicc")

    assert send(card, "0024000110" + WRONG + NEW) == "63C2"
    assert send(card, "0024000110" + PIN + NEW) == "9000"
    assert send(card, VERIFY + NEW) == "9000"
    assert send(card, "0024000108" + PIN) == "6700"
    assert send(card, "0024000A10" + ADM + ADM) == "6985"


def test_a_new_pin_must_be_one() -> None:
    card = card_of("uicc")

    assert send(card, "0024000110" + PIN + "313233FFFFFFFFFF") == "6A80"
    assert send(card, "0024000110" + PIN + "3132FF34FFFFFFFF") == "6A80"
    assert send(card, "002C000110" + PUK + "FF" * 8) == "6A80"
    assert send(card, VERIFY + PIN) == "9000"


def test_a_disabled_pin_opens_what_it_guarded_over_resets() -> None:
    card = card_of("uicc")
    assert send(card, "0026000108" + WRONG) == "63C2"
    assert send(card, "0026000108" + PIN) == "9000"
    card.power_on()
    usim(card)
    select(card, "6F07")

    assert send(card, "00B0000001") == "FF9000"
    assert pin_bits(card) == "60"
    assert send(card, VERIFY + PIN) == send(card, "0026000108" + PIN) == "6984"
    assert send(card, "0024000110" + PIN + NEW) == "6984"
    assert send(card, "0020000100") == "63C3"  # a query cannot tell it from a PIN that is asked for
    assert send(card, "0028000108" + PIN) == "9000"
    assert pin_bits(card) == "E0"
    assert send(card, "0028000108" + PIN) == "6984"


def test_pin2_cannot_be_disabled() -> None:
    assert send(card_of("uicc"), "0026008108" + PIN) == "6985"


def test_one_image_comes_with_its_pin_disabled() -> None:
    card = card_of("sjs1")

    assert pin_bits(card) == "60"
    assert usim(card) == select(card, "6F07") == "9000"
    assert send(card, "00B0000001") == "FF9000"
