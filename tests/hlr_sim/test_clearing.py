"""The clearing house: what it does with files, what it refuses, and what the others do by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers import commands as c
from drivers.commands import AlreadySo, Command, Done, PortState, Refused
from drivers.subscription import Msisdn
from hlr_sim.clearing import ClearingHouse, rio
from hlr_sim.clearing.donors import Says, Script
from hlr_sim.clearing.files import File
from hlr_sim.clearing.house import MOST_LISTED
from tests.hlr_sim.porting import NUMBER, OTHER_NUMBER, Calendar, rio_of, wish

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+"
WISH = wish()
WRONG_RIO = "02P123456AAA"


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def house(tmp_path: Path, calendar: Calendar) -> Iterator[ClearingHouse]:
    made = ClearingHouse(tmp_path / "npc.sqlite", calendar)
    yield made
    made.close()


def _file(house: ClearingHouse, reference: str = "P-1") -> c.PortFile:
    held = house.answer(c.ReadPort(reference))
    assert isinstance(held, c.PortHeld)
    return held.file


def _code(house: ClearingHouse, command: Command) -> str:
    reply = house.answer(command)
    return reply.code if isinstance(reply, Refused) else type(reply).__name__


def _out(house: ClearingHouse, msisdn: Msisdn = NUMBER) -> str:
    asked = c.RequestPort("", msisdn, rio_of(msisdn), "TelFr", "2026-11-25")
    opened = house.ask_out(asked, "LG")
    assert isinstance(opened, File)
    return opened.told.reference


@pytest.mark.parametrize(
    ("keyless", "msisdn", "national"),
    [
        ("02P123456", "+33612345678", "0612345678"),
        ("01E+A0+Z9", "+262692123456", "0692123456"),
        ("FRP999999", "+687123456", "0000123456"),
    ],
)
def test_a_control_key_is_the_sum_of_places_weighted_by_powers_of_1_2_and_4(
    keyless: str, msisdn: str, national: str
) -> None:
    said = (keyless + national)[::-1]
    sums = [sum(ALPHABET.index(one) * by**n for n, one in enumerate(said)) for by in (1, 2, 4)]
    assert rio.key(keyless, msisdn) == "".join(ALPHABET[total % 37] for total in sums)
    assert rio.fits(keyless + rio.key(keyless, msisdn), msisdn)


def test_a_number_or_a_rio_copied_wrongly_does_not_fit() -> None:
    right = rio_of(NUMBER)
    assert not rio.fits(right, OTHER_NUMBER)
    assert not rio.fits(right.replace("6", "5", 1), NUMBER)
    assert not rio.fits(right.lower(), NUMBER)


def test_a_port_towards_us_goes_from_request_to_done(house: ClearingHouse, calendar: Calendar) -> None:
    assert house.answer(WISH) == Done()
    asked = _file(house)
    assert (asked.state, asked.donor, asked.recipient, asked.on) == (PortState.ACCEPTED, "02", "LG", "2026-11-25")
    assert _code(house, c.ConfirmPort("P-1")) == "WRONG_STATE"
    calendar.passes(days=2, hours=12)
    assert (_file(house).state, _file(house).released_at) == (PortState.RELEASED, "2026-11-25T00:00:00.000+00:00")
    assert house.answer(c.ConfirmPort("P-1")) == Done()
    assert (_file(house).state, _file(house).confirmed_at) == (PortState.DONE, "2026-11-25T00:00:00.000+00:00")


def test_repeating_anything_is_harmless(house: ClearingHouse) -> None:
    for command in (WISH, c.MovePort("P-1", "2026-11-26"), c.CancelPort("P-1")):
        assert house.answer(command) == Done()
        seq = _file(house).seq
        assert house.answer(command) == AlreadySo()
        assert _file(house).seq == seq
    assert house.answer(WISH) == AlreadySo()  # moved and cancelled since, and still the same request
    out = _out(house)
    for said in (c.AnswerPort(out, accepted=True, reason=""), c.ReleasePort(out)):
        assert [house.answer(said), house.answer(said)] == [Done(), AlreadySo()]


def test_a_reference_means_one_request(house: ClearingHouse) -> None:
    house.answer(WISH)
    assert _code(house, wish(msisdn=OTHER_NUMBER)) == "REFERENCE_TAKEN"
    assert _code(house, wish(on="2026-11-26")) == "REFERENCE_TAKEN"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (wish(rio="02P"), "RIO_WRONG"),
        (wish(rio="02X123456ABC"), "RIO_WRONG"),
        (wish(reference="a b"), "INCOMPLETE"),
        (wish(reference=""), "INCOMPLETE"),
        (wish(msisdn=Msisdn("0612345678"), rio=WRONG_RIO), "INCOMPLETE"),
        (wish(on="tomorrow"), "INCOMPLETE"),
        (wish(on="2026-11-25T08:00:00"), "INCOMPLETE"),
        (wish(on="2026-11-20"), "TOO_LATE"),
        (c.RequestPort("P-1", NUMBER, rio_of(NUMBER), "", "2026-11-25"), "INCOMPLETE"),
    ],
)
def test_a_request_that_cannot_be_opens_no_file(house: ClearingHouse, asked: c.RequestPort, code: str) -> None:
    assert _code(house, asked) == code
    assert house.answer(c.ListPorts(0)) == c.PortsListed(())


def test_a_number_is_on_its_way_once(house: ClearingHouse) -> None:
    house.answer(WISH)
    assert _code(house, wish("P-2")) == "ALREADY_PORTING"
    house.answer(c.CancelPort("P-1"))
    assert house.answer(wish("P-2")) == Done()


def test_the_donor_refuses_a_rio_whose_key_does_not_fit(house: ClearingHouse) -> None:
    assert house.answer(wish(rio=WRONG_RIO)) == Done()
    assert (_file(house).state, _file(house).reason) == (PortState.REFUSED, "RIO_WRONG")
    assert _code(house, c.CancelPort("P-1")) == "WRONG_STATE"


@pytest.mark.parametrize(
    ("script", "state", "reason"),
    [
        (Script(NUMBER, Says.REFUSE, "NUMBER_INACTIVE"), PortState.REFUSED, "NUMBER_INACTIVE"),
        (Script(NUMBER, Says.ACCEPT), PortState.ACCEPTED, ""),
        (Script(NUMBER, rio=WRONG_RIO), PortState.ACCEPTED, ""),
        (Script(NUMBER, Says.ACCEPT, rio="02P654321AAA"), PortState.REFUSED, "RIO_WRONG"),
        (Script(OTHER_NUMBER, Says.ACCEPT), PortState.REFUSED, "RIO_WRONG"),
    ],
)
def test_a_scripted_donor_answers_by_its_script(
    house: ClearingHouse, script: Script, state: PortState, reason: str
) -> None:
    house.donors.put(script)
    house.answer(wish(rio=WRONG_RIO))
    assert (_file(house).state, _file(house).reason) == (state, reason)


def test_a_donor_takes_its_time_and_may_be_told_to_hurry(house: ClearingHouse, calendar: Calendar) -> None:
    house.donors.put(Script(NUMBER, after_s=60))
    house.answer(WISH)
    assert _file(house).state is PortState.REQUESTED
    calendar.passes(seconds=59)
    assert _file(house).state is PortState.REQUESTED
    house.donors.put(Script(NUMBER, after_s=10))
    assert _file(house).state is PortState.ACCEPTED


def test_a_port_is_moved_until_the_donor_has_let_go(house: ClearingHouse, calendar: Calendar) -> None:
    house.answer(WISH)
    assert _code(house, c.MovePort("P-1", "2026-11-01")) == "TOO_LATE"
    assert _code(house, c.MovePort("P-1", "never")) == "INCOMPLETE"
    house.answer(c.MovePort("P-1", "2026-11-23T00:00:00+11:00"))
    calendar.passes(hours=1, minutes=1)
    assert _file(house).state is PortState.RELEASED
    assert _code(house, c.MovePort("P-1", "2026-11-30")) == "TOO_LATE"
    assert _code(house, c.CancelPort("P-1")) == "TOO_LATE"


def test_the_donor_lets_go_early_when_told(house: ClearingHouse) -> None:
    house.answer(WISH)
    held = house.find("P-1")
    assert held is not None
    gone = house.let_go(held)
    assert gone is not None
    assert (gone.told.state, gone.told.released_at) == (PortState.RELEASED, "2026-11-22T12:00:00.000+00:00")
    assert house.let_go(gone) is None


def test_a_port_away_from_us_is_answered_released_and_confirmed(house: ClearingHouse) -> None:
    reference = _out(house)
    told = _file(house, reference)
    assert (told.state, told.donor, told.recipient) == (PortState.REQUESTED, "LG", "TelFr")
    assert _code(house, c.ReleasePort(reference)) == "WRONG_STATE"
    assert house.answer(c.AnswerPort(reference, accepted=True, reason="")) == Done()
    assert _code(house, c.AnswerPort(reference, accepted=False, reason="RIO_WRONG")) == "WRONG_STATE"
    assert house.answer(c.ReleasePort(reference)) == Done()
    done = _file(house, reference)
    assert (done.state, done.released_at, done.confirmed_at) == (
        PortState.DONE,
        "2026-11-22T12:00:00.000+00:00",
        "2026-11-22T12:00:00.000+00:00",
    )


def test_we_refuse_a_port_away_with_a_code(house: ClearingHouse) -> None:
    reference = _out(house)
    assert _code(house, c.AnswerPort(reference, accepted=False, reason="no idea")) == "INCOMPLETE"
    assert house.answer(c.AnswerPort(reference, accepted=False, reason="INCAPACITY")) == Done()
    assert (_file(house, reference).state, _file(house, reference).reason) == (PortState.REFUSED, "INCAPACITY")
    assert house.answer(c.AnswerPort(reference, accepted=False, reason="INCAPACITY")) == AlreadySo()
    assert _code(house, c.AnswerPort(reference, accepted=False, reason="RIO_WRONG")) == "WRONG_STATE"
    assert _out(house) != reference


def test_nobody_speaks_for_the_other_party(house: ClearingHouse) -> None:
    house.answer(WISH)
    out = _out(house, OTHER_NUMBER)
    for command in (c.ReleasePort("P-1"), c.AnswerPort("P-1", accepted=True, reason="")):
        assert _code(house, command) == "NOT_ALLOWED"
    for said in (c.MovePort(out, "2026-11-26"), c.CancelPort(out), c.ConfirmPort(out)):
        assert _code(house, said) == "NOT_ALLOWED"


def test_what_it_has_never_heard_of_it_does_not_know(house: ClearingHouse) -> None:
    for command in (c.ReadPort("P-9"), c.CancelPort("P-9"), c.ReleasePort("P-9")):
        assert _code(house, command) == "UNKNOWN_REFERENCE"
    assert _code(house, c.UnblockImei(c.Imei("490154203237518"))) == "NOT_UNDERSTOOD"


def test_changes_are_listed_in_their_order_and_in_pieces(house: ClearingHouse) -> None:
    for n in range(MOST_LISTED + 3):
        house.answer(wish(f"P-{n}", Msisdn(f"+336000000{n:02d}")))
    house.answer(c.CancelPort("P-0"))
    seen: list[c.PortFile] = []
    while isinstance(told := house.answer(c.ListPorts(seen[-1].seq if seen else 0)), c.PortsListed) and told.files:
        assert len(told.files) <= MOST_LISTED
        seen += told.files
    assert [file.reference for file in seen] == [*(f"P-{n}" for n in range(1, MOST_LISTED + 3)), "P-0"]
    assert [file.seq for file in seen] == sorted({file.seq for file in seen})


def test_files_and_scripts_outlive_the_process(house: ClearingHouse, calendar: Calendar, tmp_path: Path) -> None:
    house.donors.put(Script(NUMBER, Says.REFUSE, "INCAPACITY", after_s=60))
    house.answer(WISH)
    away = _out(house, OTHER_NUMBER)
    again = ClearingHouse(tmp_path / "npc.sqlite", calendar)  # beside the one that never said goodbye
    try:
        calendar.passes(seconds=60)
        assert (_file(again).state, _file(again).reason) == (PortState.REFUSED, "INCAPACITY")
        assert again.answer(WISH) == AlreadySo()
        assert _file(again, away).state is PortState.REQUESTED
        assert _file(again).seq == 3
    finally:
        again.close()
