"""The whole gateway at our own message centre, its knobs turned one by one: every phone shows each text once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.smpp.centres import PASSWORD
from tests.peers.smpp.gateway import FIRST, Door, Gateway, gateway_at
from tests.peers.smpp.sim import Sim, simulator

_COUNT = 60
_KNOBS: dict[str, dict[str, object]] = {
    "fragmented, out of order": {"tcp": "bytes", "out_of_order": 4},
    "reference only, empty ids": {"message_id": "empty", "receipt_form": "reference_only"},
    "one id for all": {"message_id": "constant"},
    "zero-padded, decimal receipts": {
        "message_id": "zero_padded",
        "receipt_id": "decimal",
        "receipt_form": "text_only",
    },
    "before the response, no nul": {"receipt_timing": "before_resp", "receipt_form": "no_nul"},
    "twice, literal dates": {"receipt_timing": "duplicate", "receipt_form": "literal_dates"},
    "late": {"receipt_timing": "delayed", "receipt_delay_s": 0.5, "receipt_form": "alphabetic_error"},
    "unknown TLVs, throttled": {"unknown_tlvs": True, "throttle_every": 40},
    "vendor status, coalesced": {"vendor_status_every": 20, "tcp": "coalesced"},
    "unbinds": {"unbind_after": 25},
}
#: those that are not off when nobody has turned them
_USUAL: dict[str, object] = {
    "tcp": "plain",
    "message_id": "hex",
    "receipt_id": None,
    "receipt_form": "tlv_and_text",
    "receipt_timing": "at_once",
    "receipt_delay_s": 0,
    "unknown_tlvs": False,
}


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Sim]:
    with simulator(tmp_path) as running:
        yield running


@pytest.fixture
def gateway(tmp_path: Path, sim: Sim) -> Iterator[Gateway]:
    with gateway_at(tmp_path, Door(sim.port)) as running:
        yield running


def test_each_message_is_shown_once_whatever_the_centre_does(tmp_path: Path, sim: Sim, gateway: Gateway) -> None:
    usual: dict[str, object] = {}
    for done, (name, knobs) in enumerate(_KNOBS.items(), start=1):
        sim.turn(**{knob: value for knob, value in usual.items() if knob not in knobs}, **knobs)
        usual |= {knob: _USUAL.get(knob) for knob in knobs}
        gateway.post_all([f"{name} {n}" for n in range(_COUNT)])
        found = gateway.wait_for("delivered", done * _COUNT)
        assert not any(message["possible_duplicate"] for message in found), name
    for n in range(_COUNT):
        assert [item["text"] for item in sim.inbox(FIRST + n)] == [f"{name} {n}" for name in _KNOBS]
    logs = "".join(log.read_text() for log in (tmp_path / "logs").iterdir())
    assert not any(secret in logs for secret in (PASSWORD, "fragmented, out of"))


@pytest.mark.parametrize("knobs", [{"drop_resp_every": 20}, {"kill_after": 25}], ids=["no answer", "killed"])
def test_what_the_centre_never_answers_is_flagged_and_none_is_lost(
    sim: Sim, gateway: Gateway, knobs: dict[str, object]
) -> None:
    sim.turn(**knobs)
    texts = [f"message {n}" for n in range(_COUNT)]
    gateway.post_all(texts, on_doubt="resend")
    found = gateway.wait_for("delivered", _COUNT)
    flagged = {message["text"] for message in found if message["possible_duplicate"]}
    shown = [[item["text"] for item in sim.inbox(FIRST + n)] for n in range(_COUNT)]
    assert [set(texts_shown) for texts_shown in shown] == [{text} for text in texts]
    assert {texts_shown[0] for texts_shown in shown if len(texts_shown) > 1} <= flagged
    assert flagged
