"""What is posted, previewed, repeated and overtaken, as a foreign message centre reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.smpp.centres import PASSWORD, ForeignSmsc, node_smsc
from tests.peers.smpp.foreign_site import ForeignSite
from tests.peers.smpp.gateway import FIRST, Door, Gateway, gateway_at
from tests.peers.smpp.scripted import wait_until

_LONG_GSM = "Été à 5 € [80 %] ~ {illimité} | " * 12
_LONG_UCS2 = "Ça coûte 5 € l'été 🎉 reçu 👨‍👩‍👧‍👦. " * 6
_TEXTS = {"default alphabet": (_LONG_GSM, 0), "emoji": (_LONG_UCS2, 8), "short": ("Vous avez 5 € là", 0)}


@pytest.fixture
def smsc(tmp_path: Path) -> Iterator[ForeignSmsc]:
    with node_smsc(tmp_path) as centre:
        yield centre


@pytest.fixture
def gateway(tmp_path: Path, smsc: ForeignSmsc) -> Iterator[Gateway]:
    with gateway_at(tmp_path, Door(smsc.port)) as running:
        yield running


def test_texts_are_read_back_as_they_were_previewed_and_posted(smsc: ForeignSmsc, gateway: Gateway) -> None:
    for number, (text, coding) in enumerate(_TEXTS.values()):
        to = FIRST + number
        body = {"to": f"+{to}", "text": text}
        preview = gateway.web.post("/v1/messages", params={"dry_run": "true"}, json=body).json()
        assert len(gateway.messages()) == number, "a preview writes nothing"
        posted = gateway.post(text, to)
        gateway.wait_for("delivered", number + 1)
        parts = sorted((m for m in smsc.messages if m["to"] == str(to)), key=lambda m: m["udh"])
        assert "".join(part["text"] for part in parts) == text
        assert {part["data_coding"] for part in parts} == {coding}
        assert len(parts) == preview["segments"] == posted["segments"] == len(gateway.message(posted["id"])["parts"])
    said = gateway.said()
    assert not any(words in said for words in (PASSWORD, "illimité", "coûte", "Vous avez"))


def test_a_key_is_answered_again_and_sent_once(smsc: ForeignSmsc, gateway: Gateway) -> None:
    body = {"to": f"+{FIRST}", "text": "once"}
    headers = {"Idempotency-Key": "visit-42"}
    first, again = (gateway.web.post("/v1/messages", json=body, headers=headers) for _ in range(2))
    other = gateway.web.post("/v1/messages", json=body | {"text": "other"}, headers=headers)
    gateway.wait_for("delivered", 1)
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [message["text"] for message in smsc.messages] == ["once"]


def test_of_a_series_only_the_last_arrives_at_a_centre_that_was_away(foreign_smsc: ForeignSite) -> None:
    site = foreign_smsc
    alert = {"counter": "credit", "period": "2026-11"}
    with site.web() as web:
        msisdn, _ = site.in_service(web)
        site.smsc.kill()
        crossed = [site.use(web, msisdn, gigabytes, f"record-{gigabytes}") for gigabytes in (41, 10)]
        for percent in (80, 100):
            body = {"to": msisdn, "text": f"{percent} % of your credit", "alert": alert | {"percent": percent}}
            assert web.post("/v1/messages", json=body).status_code == 202
        site.smsc.start_again()
        wait_until(lambda: len(site.smsc.messages) >= 3, "confirmation and alerts have arrived")
        wait_until(lambda: not _waiting(web.get("/v1/messages").json()["items"]), "nothing is on its way")
        found = web.get("/v1/messages", params={"kind": "alert"}).json()["items"]
    assert [[each["percent"] for each in told] for told in crossed] == [[80], [100]]
    assert sorted(message["state"] for message in found) == ["delivered", "delivered", "withdrawn", "withdrawn"]
    arrived = [message["text"] for message in site.smsc.messages]
    withdrawn = {message["text"] for message in found if message["state"] == "withdrawn"}
    assert "80 % of your credit" in withdrawn
    assert not withdrawn & set(arrived)
    assert arrived.count("100 % of your credit") == 1


def _waiting(messages: list[dict[str, str]]) -> list[str]:
    return [message["state"] for message in messages if message["state"] in ("queued", "sending", "sent")]
