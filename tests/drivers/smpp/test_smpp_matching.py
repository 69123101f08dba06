"""Ids that differ between response and receipt, and states of messages in parts."""

import itertools

import pytest

from drivers.commands import Why
from drivers.dialects.smpp.delivery import MessageState
from drivers.dialects.smpp.matching import IdForm, candidates, canonical, is_final, worst
from drivers.dialects.smpp.status import NAMES, name_of, why_of

UUID = "0A1B2C3D-0000-4000-8000-00000000000F"


@pytest.mark.parametrize(
    ("given", "receipted"),
    [
        ("7", "7"),
        ("1a2b", "6699"),
        ("1A2B", "0000006699"),
        ("00001a2b", "6699"),
        ("6699", "1a2b"),
        ("0000006699", "00001A2B"),
        ("AbCd-7", "abcd-7"),
        ("0000000007", "7"),
        ("7", "0000000007"),
        (UUID, UUID),
        (UUID, UUID.lower()),
        (UUID.replace("-", ""), UUID.replace("-", "").lower()),
        ("msg_id_not_implemented", "msg_id_not_implemented"),
        ("0", "0000"),
        ("18446744073709551615", "ffffffffffffffff"),
    ],
)
def test_a_receipt_finds_its_message_however_it_writes_the_id(given: str, receipted: str) -> None:
    assert {given, canonical(given)} & set(candidates(receipted))


@pytest.mark.parametrize(
    ("receipted", "expected"),
    [
        ("0010", ("0010", "10", "a", "16")),
        ("1A2B", ("1A2B", "1a2b", "6699")),
        (UUID, (UUID, UUID.lower())),
        ("0000", ("0000", "0")),
        ("G7", ("G7", "g7")),
        ("9" * 30, ("9" * 30,)),
        ("18446744073709551616", ("18446744073709551616",)),
        ("f" * 32, ("f" * 32,)),
        ("٣", ("٣",)),
        ("", ()),
    ],
)
def test_the_raw_id_comes_first_and_what_is_a_guess_comes_last(receipted: str, expected: tuple[str, ...]) -> None:
    assert candidates(receipted) == expected


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (IdForm.AS_IS, ("0010",)),
        (IdForm.RECEIPT_IS_DECIMAL, ("a",)),
        (IdForm.RECEIPT_IS_HEX, ("16",)),
    ],
)
def test_an_id_whose_form_is_known_is_never_taken_for_somebody_elses(form: IdForm, expected: tuple[str, ...]) -> None:
    assert candidates("0010", form) == expected
    assert candidates("no_Number", form)[0] == "no_Number"
    assert candidates("", form) == ()


@pytest.mark.parametrize("form", IdForm)
@pytest.mark.parametrize("message_id", [UUID, "no_Number", "00x7", "é", " 7"])
def test_an_id_that_is_no_number_is_found_under_its_key_in_every_form(message_id: str, form: IdForm) -> None:
    assert canonical(message_id, form) in candidates(message_id, form)


def test_an_id_as_it_is_keeps_case_and_zeros_in_its_key() -> None:
    assert canonical("00aB", IdForm.AS_IS) == "00aB"
    assert canonical("00aB") == "ab"


def test_a_message_is_as_badly_off_as_the_worst_of_its_parts() -> None:
    for one, other in itertools.product(MessageState, repeat=2):
        whole = worst([one, other])
        assert whole in {one, other}
        assert is_final(whole) == (is_final(one) and is_final(other))
        assert (whole is MessageState.DELIVERED) == (one is other is MessageState.DELIVERED)
        assert whole is worst([other, one])


def test_three_parts_and_none() -> None:
    delivered, lost, enroute = MessageState.DELIVERED, MessageState.UNDELIVERABLE, MessageState.ENROUTE
    assert worst([delivered, lost, delivered]) is lost
    assert worst([delivered, lost, enroute]) is enroute
    assert worst([]) is MessageState.UNKNOWN


def test_what_is_final_is_what_nothing_follows() -> None:
    assert {state.name for state in MessageState if not is_final(state)} == {"ENROUTE", "ACCEPTED", "UNKNOWN"}


@pytest.mark.parametrize(
    ("status", "name", "why"),
    [
        (0x00, "ESME_ROK", Why.OTHER),
        (0x01, "ESME_RINVMSGLEN", Why.INVALID),
        (0x05, "ESME_RALYBND", Why.SESSION),
        (0x08, "ESME_RSYSERR", Why.BUSY),
        (0x0B, "ESME_RINVDSTADR", Why.NOT_FOUND),
        (0x0D, "ESME_RBINDFAIL", Why.FORBIDDEN),
        (0x0E, "ESME_RINVPASWD", Why.FORBIDDEN),
        (0x14, "ESME_RMSGQFUL", Why.BUSY),
        (0x58, "ESME_RTHROTTLED", Why.BUSY),
        (0x64, "ESME_RX_T_APPN", Why.BUSY),
        (0x65, "ESME_RX_P_APPN", Why.OTHER),
        (0xC2, "ESME_RINVPARLEN", Why.INVALID),
        (0x400, "a status of the vendor's own (0x400)", Why.OTHER),
        (0x09, "unknown status 0x09", Why.OTHER),
        (0xFFFFFFFF, "unknown status 0xFFFFFFFF", Why.OTHER),
    ],
)
def test_a_status_has_its_name_and_its_meaning(status: int, name: str, why: Why) -> None:
    assert (name_of(status), why_of(status)) == (name, why)


def test_every_status_of_the_standard_has_a_name_of_its_own() -> None:
    assert len(set(NAMES.values())) == len(NAMES) == 48
