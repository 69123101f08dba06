"""The whole gateway at a message centre that is not ours, in each of its manners: nothing is lost or doubled unsaid."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.peers.smpp.centres import (
    BURSTS,
    DECIMAL_RECEIPTS,
    DROPS,
    EARLY,
    LATE_DECIMAL_RECEIPTS,
    LONG_DATES,
    NO_NUL,
    PASSWORD,
    PLAIN,
    REFERENCE_ONLY,
    TEXT_ONLY,
    UNBINDS,
    UUID,
    VENDOR,
    Manner,
    node_smsc,
)
from tests.peers.smpp.gateway import FIRST, Door, gateway_at

_MANNERS = {
    "plain": PLAIN,
    "uuid": UUID,
    "receipt before response": EARLY,
    "long dates": LONG_DATES,
    "text only": TEXT_ONLY,
    "no nul": NO_NUL,
    "decimal receipts": DECIMAL_RECEIPTS,
    "late decimal receipts": LATE_DECIMAL_RECEIPTS,
    "reference only": REFERENCE_ONLY,
    "vendor status": VENDOR,
    "throttled in bursts": BURSTS,
    "unbinds": UNBINDS,
}
_COUNT = 300


@pytest.mark.parametrize("manner", _MANNERS.values(), ids=_MANNERS.keys())
def test_each_message_arrives_once_and_has_its_receipt(tmp_path: Path, manner: Manner) -> None:
    texts = [f"Votre colis {n} est là" for n in range(_COUNT)]
    with node_smsc(tmp_path, manner) as centre, gateway_at(tmp_path, Door(centre.port)) as gateway:
        ids = gateway.post_all(texts)
        found = gateway.wait_for("delivered", _COUNT)
        one = gateway.message(ids[0])
        said = gateway.said()
    assert Counter(sent["text"] for sent in centre.messages) == Counter(texts)
    assert {(int(sent["to"]) - FIRST, sent["text"]) for sent in centre.messages} == set(enumerate(texts))
    assert {message["id"] for message in found} == set(ids)
    assert not any(message["possible_duplicate"] for message in found)
    assert one["receipt"]["state"] == "DELIVRD"
    assert [(part["n"], part["receipt_state"]) for part in one["parts"]] == [(1, "DELIVRD")]
    assert [receipt["outcome"] for receipt in one["receipts"]] == ["matched"]
    assert PASSWORD not in said
    assert "Votre colis" not in said


def test_a_centre_known_to_write_ids_in_decimal_is_understood_for_one_phone_too(tmp_path: Path) -> None:
    esme = {"message_ids": '"receipt_is_decimal"'}
    with (
        node_smsc(tmp_path, LATE_DECIMAL_RECEIPTS) as centre,
        gateway_at(tmp_path, Door(centre.port, esme=esme)) as gateway,
    ):
        ids = [gateway.post(str(n))["id"] for n in range(40)]
        gateway.wait_for("delivered", len(ids))
        receipts = [gateway.message(one)["receipts"] for one in ids]
        parts = [gateway.message(one)["parts"] for one in ids]
    assert [len(told) for told in receipts] == [1] * len(ids)
    same = [int(told["smsc_id"]) == int(part["smsc_id"], 16) for (told,), (part,) in zip(receipts, parts, strict=True)]
    assert all(same)


@pytest.mark.parametrize("on_doubt", ["resend", "hold"])
def test_what_a_dropped_line_leaves_in_doubt_is_flagged_or_held(tmp_path: Path, on_doubt: str) -> None:
    texts = [f"message {n}" for n in range(_COUNT)]
    ended = "delivered" if on_doubt == "resend" else "parked"
    with node_smsc(tmp_path, DROPS) as centre, gateway_at(tmp_path, Door(centre.port)) as gateway:
        gateway.post_all(texts, on_doubt=on_doubt)
        found = gateway.wait_for_all({"delivered", ended, "sent"}, _COUNT)
        dropped = len(centre.told("dropped"))
    arrived = Counter(sent["text"] for sent in centre.messages)
    flagged = {message["text"] for message in found if message["possible_duplicate"]}
    assert dropped >= 3
    assert {text for text, times in arrived.items() if times > 1} <= flagged
    assert {m["text"] for m in found if m["state"] in ("delivered", "sent")} <= set(arrived)
    assert flagged
    if on_doubt == "resend":
        assert set(arrived) == set(texts)
    else:
        assert max(arrived.values()) == 1
        assert {message["text"] for message in found if message["state"] == "parked"} == flagged
