"""Receipts as they are met in the wild, and what else an SMSC tells."""

import pytest

from drivers.dialects.smpp.delivery import Available, FromPhone, MessageState, Receipt
from drivers.dialects.smpp.receipt import state_of
from drivers.subscription import Msisdn
from tests.drivers.smpp.wire import ALERT, DATA, data, message, tlv, told

PHONE = Msisdn("+33612345678")
USUAL = "id:7 sub:001 dlvrd:001 submit date:2511220101 done date:2511220102 stat:DELIVRD err:000 text:hello"
ENROUTE, DELIVERED, EXPIRED, DELETED = (MessageState[n] for n in ("ENROUTE", "DELIVERED", "EXPIRED", "DELETED"))
UNDELIVERABLE, ACCEPTED = MessageState.UNDELIVERABLE, MessageState.ACCEPTED
UNKNOWN, REJECTED = MessageState.UNKNOWN, MessageState.REJECTED
ID, STATE, ERROR, REFERENCE, PAYLOAD = 0x001E, 0x0427, 0x0423, 0x0204, 0x0424


def _receipt(message_id: str, state: MessageState, error: str = "", done_at: str = "") -> Receipt:
    return Receipt(message_id, state, PHONE, None, error, done_at)


WILD = {
    "as in appendix B": (USUAL, _receipt("7", DELIVERED, "000", "2511220102")),
    "twelve digits": (USUAL.replace("0102 ", "010259 "), _receipt("7", DELIVERED, "000", "251122010259")),
    "fourteen digits": (
        USUAL.replace("2511220102", "20251122010259"),
        _receipt("7", DELIVERED, "000", "20251122010259"),
    ),
    "letters for digits": (
        "id:00000001 sub:000 dlvrd:000 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000 text:",
        _receipt("00000001", DELIVERED, "000", "YYMMDDhhmm"),
    ),
    "date and time apart": (
        "id:7 done date:2025-11-22 01:02:59 stat:EXPIRED",
        _receipt("7", EXPIRED, "", "2025-11-22 01:02:59"),
    ),
    "upper case": (USUAL.upper(), _receipt("7", DELIVERED, "000", "2511220102")),
    "another order": (
        "stat:UNDELIV err:011 done date:2511220102 id:AbC-7",
        _receipt("AbC-7", UNDELIVERABLE, "011", "2511220102"),
    ),
    "more fields": (
        "mcc:208 id:7 uuid:9 ref_id:8 price:0.01 stat:REJECTD err:EC_ABSENT msgid:6",
        _receipt("7", REJECTED, "EC_ABSENT"),
    ),
    "a blank behind each colon": ("id: 7 sub: 001 stat: DELIVRD err: 000 text: x", _receipt("7", DELIVERED, "000")),
    "empty fields": ("id: sub:001 dlvrd: submit date: done date: stat:DELIVRD err: text:", _receipt("", DELIVERED)),
    "no id": ("sub:001 stat:EXPIRED err:027", _receipt("", EXPIRED, "027")),
    "no state": ("id:7 sub:001 err:027", None),
    "commas": ("id:7,sub:001,stat:DELIVRD,err:000,text:x", _receipt("7", DELIVERED, "000")),
    "lines": ("id:7\r\nstat:ACCEPTD\r\nerr:000\r\n", _receipt("7", ACCEPTED, "000")),
    "a NUL at the end": ("id:7 stat:DELIVRD\0", _receipt("7", DELIVERED)),
    "an underscored id": ("id:msg_id@7 stat:DELIVRD", _receipt("msg_id@7", DELIVERED)),
    "a UUID": (
        "id:0a1b2c3d-0000-4000-8000-00000000000f stat:DELIVRD",
        _receipt("0a1b2c3d-0000-4000-8000-00000000000f", DELIVERED),
    ),
    "an id in the text": ("id:7 stat:UNDELIV text:id:8 stat:DELIVRD err:009", _receipt("7", UNDELIVERABLE)),
    "text and nothing before it": ("text:id:8 stat:DELIVRD", None),
    "text in another case": ("ID:7 STAT:UNDELIV Text:id:8 stat:DELIVRD", _receipt("7", UNDELIVERABLE)),
    "a word of the vendor's own": ("id:7 stat:BLACKLISTED", _receipt("7", UNKNOWN)),
    "status in full": ("id:7 status:DELIVERED error:0", _receipt("7", DELIVERED, "0")),
    "fields twice": ("id:7 id:8 stat:DELIVRD stat:UNDELIV", _receipt("7", DELIVERED)),
}
MARKED_ONLY = {"empty fields", "no id"}
NOT_AT_ALL = {name for name, (_, expected) in WILD.items() if expected is None}


@pytest.mark.parametrize("name", sorted(WILD.keys() - NOT_AT_ALL))
def test_a_receipts_text_is_read_however_it_is_written(name: str) -> None:
    text, expected = WILD[name]
    assert told(message(text.encode(), esm_class=4)) == expected


def test_a_marked_receipt_without_state_is_of_unknown_state() -> None:
    assert told(message(b"id:7 sub:001 err:027", esm_class=4)) == _receipt("7", UNKNOWN, "027")


@pytest.mark.parametrize("name", sorted(WILD.keys() - MARKED_ONLY - NOT_AT_ALL))
def test_a_receipt_that_is_not_marked_as_one_is_known_by_its_id_and_state(name: str) -> None:
    text, expected = WILD[name]
    assert told(message(text.encode())) == expected


@pytest.mark.parametrize("name", sorted(MARKED_ONLY | NOT_AT_ALL))
def test_less_than_an_id_and_a_state_is_a_message_from_a_phone(name: str) -> None:
    assert isinstance(told(message(WILD[name][0].encode())), FromPhone)


@pytest.mark.parametrize("esm_class", [0x04, 0x07, 0x24, 0xC4 & ~0x40])
def test_the_other_bits_of_esm_class_make_no_difference(esm_class: int) -> None:
    assert told(message(USUAL.encode(), esm_class=esm_class)) == WILD["as in appendix B"][1]


@pytest.mark.parametrize(
    "body",
    [
        message(USUAL.encode("utf-16-be")[:254], esm_class=4, data_coding=8),
        message(USUAL.encode(), esm_class=4, data_coding=8),
        message(USUAL.encode(), esm_class=4, data_coding=3),
        message(b"", tlv(PAYLOAD, USUAL.encode()), esm_class=4),
        message(b"", tlv(PAYLOAD, USUAL.encode("utf-16-be")), esm_class=4, data_coding=8),
        message(b"\5\0\3\1\1\1" + USUAL.encode(), esm_class=0x44),
    ],
    ids=["ucs2", "ascii called ucs2", "latin-1", "payload", "payload in ucs2", "behind a header"],
)
def test_a_receipts_text_is_read_wherever_it_stands(body: bytes) -> None:
    assert told(body) == WILD["as in appendix B"][1]


def test_a_receipt_in_data_sm_is_read() -> None:
    body = data(tlv(ID, b"7\0"), tlv(STATE, b"\3"), esm_class=4)
    assert told(body, DATA) == _receipt("7", EXPIRED)
    assert told(data(tlv(PAYLOAD, USUAL.encode()), esm_class=4), DATA) == WILD["as in appendix B"][1]


def test_optional_parameters_count_more_than_the_text_which_fills_the_gaps() -> None:
    tlvs = (tlv(ID, b"0x7F"), tlv(STATE, b"\5"), tlv(ERROR, b"\3\0\x0b"), tlv(REFERENCE, b"\xbe\xef"))
    expected = Receipt("0x7F", UNDELIVERABLE, PHONE, 0xBEEF, "GSM 11", "2511220102")
    assert told(message(USUAL.encode(), *tlvs, esm_class=4)) == expected
    gaps = (tlv(ID, b""), tlv(STATE, b"\x63"), tlv(ERROR, b"\3\0\0"))
    assert told(message(USUAL.encode(), *gaps, esm_class=4)) == WILD["as in appendix B"][1]


def test_a_reference_alone_tells_the_message() -> None:
    tells = message(b"", tlv(REFERENCE, b"\0\7"), esm_class=4)
    assert told(tells) == Receipt("", UNKNOWN, PHONE, 7)


def test_optional_parameters_make_a_receipt_that_is_not_marked_as_one() -> None:
    assert told(message(b"", tlv(ID, b"7"), tlv(STATE, b"\2"))) == _receipt("7", DELIVERED)
    assert isinstance(told(message(b"", tlv(STATE, b"\2"))), FromPhone)


@pytest.mark.parametrize(
    ("octet", "state"),
    [*enumerate((ENROUTE, *MessageState, DELETED, UNKNOWN))],
)
def test_every_number_of_a_state_is_read(octet: int, state: MessageState) -> None:
    assert told(message(b"", tlv(ID, b"7"), tlv(STATE, bytes([octet])), esm_class=4)) == _receipt("7", state)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        *((state.value, state) for state in MessageState),
        ("DELIVERED", DELIVERED),
        ("delivered", DELIVERED),
        ("DELIV", DELIVERED),
        ("DELET", DELETED),
        ("UNDELI", UNDELIVERABLE),
        ("UNDELIVERED", UNDELIVERABLE),
        ("FAILED", UNDELIVERABLE),
        ("SKIPPED", DELETED),
        ("EXPIRE", EXPIRED),
        ("REJECTED", REJECTED),
        ("DELIVERY_FAILED", None),
        ("DEL", None),
        ("", None),
        ("NACK", None),
    ],
)
def test_a_word_for_a_state_may_be_cut_short_but_is_never_taken_for_another(
    word: str, state: MessageState | None
) -> None:
    assert state_of(word) == state


@pytest.mark.parametrize(("stat", "state"), [("DELIVRD", ENROUTE), ("UNDELIV", ENROUTE), ("ACCEPTD", ACCEPTED)])
def test_an_intermediate_notification_is_never_final(stat: str, state: MessageState) -> None:
    assert told(message(f"id:7 stat:{stat}".encode(), esm_class=0x20)) == _receipt("7", state)


def test_an_intermediate_notification_without_state_is_on_its_way() -> None:
    assert told(message(b"id:7", esm_class=0x20)) == _receipt("7", ENROUTE)


@pytest.mark.parametrize("esm_class", [0x08, 0x10, 0x18])
def test_an_acknowledgement_by_the_phones_user_is_no_receipt_and_no_message(esm_class: int) -> None:
    assert told(message(USUAL.encode(), esm_class=esm_class)) is None


@pytest.mark.parametrize("text", [b"", b"your message has arrived", b"text:id:7 stat:DELIVRD"])
def test_a_receipt_that_tells_nothing_is_none(text: bytes) -> None:
    assert told(message(text, esm_class=4)) is None


@pytest.mark.parametrize(
    ("source", "about"),
    [
        (b"\1\00133612345678\0", PHONE),
        (b"\1\1+33612345678\0", PHONE),
        (b"\1\x010033612345678\0", PHONE),
        (b"\0\00133612345678\0", PHONE),
        (b"\0\0000612345678\0", None),
        (b"\2\0010612345678\0", None),
        (b"\5\0Linegate\0", None),
        (b"\0\0\0", None),
    ],
)
def test_a_receipt_is_about_a_number_or_about_nobody(source: bytes, about: Msisdn | None) -> None:
    read = told(message(USUAL.encode(), esm_class=4, source=source))
    assert isinstance(read, Receipt)
    assert read.about == about


@pytest.mark.parametrize("source", [b"\5\0Linegate\0", b"\2\0010612345678\0", b"\0\0\0"])
def test_words_of_a_receipt_from_who_knows_where_are_a_message_like_any_other(source: bytes) -> None:
    """Somebody could tell by them what became of another subscriber's message."""
    read = told(message(USUAL.encode(), source=source))
    assert isinstance(read, FromPhone)
    assert isinstance(told(message(USUAL.encode(), tlv(ID, b"7"), tlv(STATE, b"\2"), source=source)), Receipt)
    assert told(message(USUAL.encode())) == WILD["as in appendix B"][1]


def test_a_message_from_a_phone_is_read_with_the_short_code_it_was_sent_to() -> None:
    read = told(message(b"STOP \x65\x1b\x65"))
    assert (read, isinstance(read, FromPhone) and read.text) == (FromPhone(PHONE, "3666", "STOP e€"), "STOP e€")
    assert told(message("çà".encode("utf-16-be"), data_coding=8)) == FromPhone(PHONE, "3666", "çà")
    assert told(message(b"hi", destination=b"\1\x01336\0")) == FromPhone(PHONE, "+336", "hi")


@pytest.mark.parametrize(
    "body",
    [
        message(b"\5\0\3\7\3\2hi", esm_class=0x40),
        message(b"\6\x08\4\0\7\3\2hi", esm_class=0x40),
        message(b"hi", tlv(0x020C, b"\0\7"), tlv(0x020E, b"\3"), tlv(0x020F, b"\2")),
    ],
)
def test_a_part_of_a_long_message_has_its_place(body: bytes) -> None:
    assert told(body) == FromPhone(PHONE, "3666", "hi", 7, 2, 3)


@pytest.mark.parametrize(("tlvs", "there"), [(b"", True), (tlv(0x0422, b"\0"), True), (tlv(0x0422, b"\2"), False)])
def test_an_alert_tells_of_a_phone_that_is_there_again(tlvs: bytes, *, there: bool) -> None:
    body = b"\1\00133612345678\0\0\0003666\0" + tlvs
    assert told(body, ALERT) == (Available(PHONE) if there else None)
