"""Two foreign message centres: one after the other or both at once, one of them killed and back again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.peers.smpp.centres import UUID, node_smsc
from tests.peers.smpp.gateway import FIRST, Door, Message, gateway_at
from tests.peers.smpp.scripted import wait_until

_COUNT = 300


def _nothing_lost_or_doubled(texts: list[str], found: list[Message], arrived: Counter[str]) -> None:
    flagged = {message["text"] for message in found if message["possible_duplicate"]}
    assert set(arrived) == set(texts)
    assert {text for text, times in arrived.items() if times > 1} <= flagged


def test_the_second_takes_over_and_gives_back(tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with node_smsc(tmp_path, UUID) as first, node_smsc(tmp_path / "second", UUID) as second:
        doors = (Door(first.port, "near", esme={"rank": "1"}), Door(second.port, "far", esme={"rank": "2"}))
        with gateway_at(tmp_path, *doors) as gateway:
            texts = [f"message {n}" for n in range(_COUNT)]
            gateway.post("before", on_doubt="resend")
            gateway.wait_for("delivered", 1)
            assert (len(first.messages), len(second.messages)) == (1, 0)
            gateway.post_all(texts[:150], on_doubt="resend")
            first.kill()
            gateway.post_all(texts[150:], on_doubt="resend")
            wait_until(lambda: len(first.messages) + len(second.messages) > _COUNT, "all have arrived")
            lost = {message["text"] for message in first.messages}  # what a killed centre owes receipts for
            wait_until(lambda: {m["text"] for m in gateway.messages() if m["state"] != "delivered"} <= lost, "receipts")
            found = gateway.wait_for_all({"delivered", "sent"}, _COUNT + 1)
            first.start_again()
            wait_until(lambda: len(first.told("bound")) == 2, "it is bound again")
            gateway.post("after")
            wait_until(lambda: first.messages[-1]["text"] == "after", "the first has it")
    arrived = Counter(message["text"] for message in (*first.messages, *second.messages))
    _nothing_lost_or_doubled([*texts, "before", "after"], found, arrived)
    unheard = {message["text"] for message in found if message["state"] == "sent"}
    assert unheard <= lost, "only a centre that was killed owes receipts"
    assert len(second.messages) >= 100


def test_two_of_one_rank_share_by_weight_and_stand_in_for_each_other(tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with node_smsc(tmp_path, UUID) as three, node_smsc(tmp_path / "second", UUID) as one:
        doors = (Door(three.port, "three", esme={"weight": "3"}), Door(one.port, "one", esme={"weight": "1"}))
        with gateway_at(tmp_path, *doors) as gateway:
            wait_until(lambda: len(three.told("bound")) + len(one.told("bound")) == 2, "both are bound")
            texts = [f"message {n}" for n in range(_COUNT)]
            for n, text in enumerate(texts[:200]):
                gateway.post(text, FIRST + n)
            gateway.wait_for("delivered", 200)
            shares = len(three.messages), len(one.messages)
            three.kill()
            gateway.post_all(texts[200:], on_doubt="resend")
            found = gateway.wait_for("delivered", _COUNT)
        arrived = Counter(message["text"] for message in (*three.messages, *one.messages))
    assert 130 <= shares[0] <= 170, shares
    assert sum(shares) == 200
    _nothing_lost_or_doubled(texts, found, arrived)
