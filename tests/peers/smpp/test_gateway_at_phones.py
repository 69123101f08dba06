"""Phones that ask, travel and use up their plan: what a foreign message centre and the simulated network see of it."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.peers.smpp.foreign_site import ForeignSite
from tests.peers.smpp.scripted import wait_until

_SHORT_CODE = "20555"


def test_a_question_delivered_twice_is_answered_once(foreign_smsc: ForeignSite) -> None:
    site = foreign_smsc
    with site.web() as web:
        msisdn, _ = site.in_service(web)
        site.smsc.from_phone(msisdn, _SHORT_CODE, "IM", times=2)
        wait_until(lambda: len(site.smsc.told("heard")) == 2, "both are acknowledged")
        site.smsc.from_phone("+33699999999", _SHORT_CODE, "IM")
        wait_until(lambda: len(site.smsc.told("heard")) == 3, "the stranger is acknowledged")
        wait_until(lambda: len(site.smsc.told("receipt_taken")) == 2, "the answer has arrived")
        answers = web.get("/v1/messages", params={"kind": "answer"}).json()["items"]
    assert {event["status"] for event in site.smsc.told("heard")} == {0}
    assert [answer["state"] for answer in answers] == ["delivered"]
    assert [message["to"] for message in site.smsc.messages] == [msisdn.removeprefix("+")] * 2
    assert site.smsc.messages[1]["text"] == answers[0]["text"]
    assert "50 Go" in answers[0]["text"]


def test_who_crosses_a_border_is_welcomed_once(foreign_smsc: ForeignSite) -> None:
    site = foreign_smsc
    with site.web() as web:
        msisdn, imsi = site.in_service(web, "roaming")
        seen = {"id": "seen-1", "imsi": imsi, "country": "DE", "at": datetime.now(UTC).isoformat()}
        counts = [web.post("/v1/attaches", json=attach).json()["welcomed"] for attach in (seen, seen)]
        counts.append(web.post("/v1/attaches", json=seen | {"id": "seen-2"}).json()["welcomed"])
        wait_until(lambda: len(site.smsc.told("receipt_taken")) == 2, "the welcome has arrived")
        welcomes = web.get("/v1/messages", params={"to": msisdn, "kind": "welcome"}).json()["items"]
    assert counts == [1, 0, 0]
    assert [welcome["state"] for welcome in welcomes] == ["delivered"]
    assert "112" in site.smsc.messages[-1]["text"]
    assert len(site.smsc.messages) == 2


def test_use_is_told_at_80_percent_and_acted_upon_at_100(foreign_smsc: ForeignSite) -> None:
    site = foreign_smsc
    with site.web() as web:
        msisdn, imsi = site.in_service(web, "roaming")
        (near,) = site.use(web, msisdn, 40, "record-1")
        wait_until(lambda: len(site.smsc.told("receipt_taken")) == 2, "the alert has arrived")
        assert site.probe(imsi, "home")["data"] == {"allowed": True, "cap_kbit_s": None}
        assert site.probe(imsi, "abroad")["data"]["allowed"]
        (reached,) = site.use(web, msisdn, 10, "record-2")
        assert site.use(web, msisdn, 1, "record-3") == []
        wait_until(lambda: len(site.smsc.told("receipt_taken")) == 3, "the other alert has arrived")
        order = f"/v1/orders/{reached['order_id']}"
        wait_until(lambda: web.get(order).json()["state"] == "completed", "the line is capped")
        alerts = [web.get(f"/v1/messages/{each['message_id']}").json() for each in (near, reached)]
    assert site.probe(imsi, "home")["data"] == {"allowed": True, "cap_kbit_s": 128}
    assert not site.probe(imsi, "abroad")["data"]["allowed"]
    assert [(alert["state"], len(alert["receipts"])) for alert in alerts] == [("delivered", 1)] * 2
    assert [message["text"] for message in site.smsc.messages[1:]] == [alert["text"] for alert in alerts]
    assert len(site.smsc.messages) == 3
