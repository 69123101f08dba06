"""``linegate message`` from a terminal: bodies as REST takes them, ends told to scripts, wrong use in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import Linegate
from tests.cli.scripted import Scripted, serving

NUMBER = "+33699000001"
ID = "0" * 31 + "1"
QUEUED = {"id": ID, "to": NUMBER, "state": "queued", "created_at": "2026-11-22T12:00:00+00:00", "href": "/v1/…"}
RECEIPT = {"state": "DELIVRD", "at": "2026-11-22T12:00:09+00:00"}
SENT = {
    **QUEUED,
    "state": "sent",
    "sent_at": "2026-11-22T12:00:01+00:00",
    "receipt": RECEIPT,
    "parts": [{"n": 1, "smsc_id": "A1B2"}],
}
PARKED = {**QUEUED, "state": "parked", "detail": "no answer within 5 s"}


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, linegate: Linegate) -> Iterator[Scripted]:
    del linegate  # first: it clears the environment
    scripted = Scripted()
    with serving(scripted) as url:
        monkeypatch.setenv("LINEGATE_URL", url)
        yield scripted


def test_a_text_is_posted_as_it_was_typed(linegate: Linegate, gateway: Scripted) -> None:
    gateway.on("POST /v1/messages", QUEUED, status=202)
    told = linegate("message", "send", NUMBER, "Bonjour", "--customer", "shop", "--validity-s", "60", "--json")
    assert (told.code, told.document) == (0, QUEUED)
    ((what, body),) = gateway.asked
    assert (what, body.pop("requested_by")["channel"]) == ("POST /v1/messages", "cli")
    assert body == {"to": NUMBER, "text": "Bonjour", "customer": "shop", "validity_s": 60}


def test_a_template_is_posted_with_its_values(linegate: Linegate, gateway: Scripted) -> None:
    gateway.on("POST /v1/messages", QUEUED, status=202)
    values = ("--value", "when=9 h 30", "--value", "sum=1=2")
    told = linegate("message", "send", NUMBER, "--template", "visit", *values, "--language", "en")
    assert (told.code, ID in told.out) == (0, True)
    body = gateway.asked[0][1]
    del body["requested_by"]
    assert body == {
        "to": NUMBER,
        "template": "visit",
        "values": {"when": "9 h 30", "sum": "1=2"},
        "language": "en",
    }


def test_waited_for_it_is_sent(linegate: Linegate, gateway: Scripted) -> None:
    gateway.on("POST /v1/messages", QUEUED, status=202)
    gateway.on(f"GET /v1/messages/{ID}", QUEUED, SENT)
    told = linegate("message", "send", NUMBER, "Bonjour", "--wait")
    assert (told.code, "A1B2" in told.out, "DELIVRD 2026-11-22" in told.out) == (0, True, True)


@pytest.mark.parametrize(
    ("end", "timeout", "word"), [(PARKED, "10", "is parked: no answer within 5 s"), (QUEUED, "0", "is still queued")]
)
def test_waited_for_in_vain_is_exit_1(
    linegate: Linegate, gateway: Scripted, end: dict[str, object], timeout: str, word: str
) -> None:
    gateway.on("POST /v1/messages", QUEUED, status=202)
    gateway.on(f"GET /v1/messages/{ID}", end)
    told = linegate("message", "send", NUMBER, "Bonjour", "--wait", "--timeout", timeout)
    assert (told.code, word in told.err) == (1, True)


def test_a_preview_sends_nothing_and_tells_what_it_costs(linegate: Linegate, gateway: Scripted) -> None:
    cost = {"text": "Recu", "encoding": "gsm7", "segments": 1, "left": 156, "replaced": {"ç": "c"}, "forcing": []}
    gateway.on("POST /v1/messages?dry_run=true", cost)
    told = linegate("message", "preview", NUMBER, "Reçu")
    assert (told.code, "ç → c" in told.out, "gsm7" in told.out) == (0, True, True)
    assert [what for what, _ in gateway.asked] == ["POST /v1/messages?dry_run=true"]


def test_a_list_is_filtered_and_goes_on(linegate: Linegate, gateway: Scripted) -> None:
    path = "GET /v1/messages?to=%2B33699000001&state=parked&limit=50"
    gateway.on(path, {"items": [PARKED], "next": "17"})
    told = linegate("message", "list", "--to", NUMBER, "--state", "parked")
    assert (told.code, "no answer within 5 s" in told.out, "--cursor 17" in told.out) == (0, True, True)


@pytest.mark.parametrize("verb", ["resend", "drop", "cancel"])
def test_a_message_is_moved_by_its_id(linegate: Linegate, gateway: Scripted, verb: str) -> None:
    gateway.on(f"POST /v1/messages/{ID}/{verb}", PARKED)
    told = linegate("message", verb, ID, "--json")
    assert (told.code, told.document["state"], gateway.asked[0][1]) == (0, "parked", None)


def test_what_the_gateway_refuses_is_exit_1_with_its_words(linegate: Linegate, gateway: Scripted) -> None:
    gateway.on(f"POST /v1/messages/{ID}/resend", {"detail": "it is delivered"}, status=409)
    told = linegate("message", "resend", ID)
    assert (told.code, "it is delivered" in told.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "say a text or name a --template"),
        (("Bonjour", "--template", "visit"), "one of them"),
        (("Bonjour", "--value", "a=b"), "--value is for templates"),
        (("--template", "visit", "--value", "when"), "must be a name and what to say"),
        (("Bonjour", "--validity-s", "0"), "--validity-s"),
    ],
)
def test_wrong_use_is_told_and_asks_nobody(
    linegate: Linegate, gateway: Scripted, arguments: tuple[str, ...], word: str
) -> None:
    told = linegate("message", "send", NUMBER, *arguments)
    assert (told.code, word in told.err, gateway.asked) == (2, True, [])
