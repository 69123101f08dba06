"""The whole gateway, as it is run, with a message centre that is not ours."""

from __future__ import annotations

from tests.peers.smpp.foreign_site import ForeignSite
from tests.peers.smpp.scripted import wait_until


def test_the_confirmation_of_an_order_is_sent_and_its_receipt_taken(foreign_smsc: ForeignSite) -> None:
    msisdn = foreign_smsc.stock.number()
    with foreign_smsc.web() as web:
        order = foreign_smsc.activate(web, msisdn)
        wait_until(lambda: web.get(order["href"]).json()["state"] == "completed", "the order is completed")
    wait_until(lambda: len(foreign_smsc.smsc.told("receipt_taken")) == 1, "the receipt is acknowledged")
    (message,) = foreign_smsc.smsc.messages
    (receipt,) = foreign_smsc.smsc.told("receipt_taken")
    assert (message["to"], message["registered_delivery"]) == (msisdn.removeprefix("+"), 1)
    assert message["text"]
    assert (receipt["id"], receipt["status"]) == (message["id"], 0)
