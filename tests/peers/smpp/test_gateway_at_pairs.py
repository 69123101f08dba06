"""A transmitter and a receiver in place of one transceiver, and a gateway that is told to stop in mid-traffic."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.peers.smpp.centres import PASSWORD, UUID, node_smsc
from tests.peers.smpp.gateway import FIRST, Door, gateway_at
from tests.peers.smpp.scripted import wait_until
from tests.peers.smpp.sim import Sim

_PAIR = {"binding": '"transmitter_and_receiver"'}
_COUNT = 100


def test_receipts_of_node_smpp_come_by_the_receiver(tmp_path: Path) -> None:
    with node_smsc(tmp_path) as centre, gateway_at(tmp_path, Door(centre.port, esme=_PAIR)) as gateway:
        texts = [f"message {n}" for n in range(_COUNT)]
        wait_until(lambda: len(centre.told("bound")) == 2, "both are bound")
        gateway.post_all(texts)
        gateway.wait_for("delivered", _COUNT)
        assert gateway.program.end() == 0
        wait_until(lambda: len(centre.told("unbind")) == 2, "both have said goodbye")
    assert sorted(event["how"] for event in centre.told("bound")) == ["bind_receiver", "bind_transmitter"]
    assert Counter(message["text"] for message in centre.messages) == Counter(texts)


def test_receipts_of_the_simulator_come_by_the_receiver(tmp_path: Path, sim: Sim) -> None:
    with gateway_at(tmp_path, Door(sim.port, esme=_PAIR)) as gateway:
        texts = [f"message {n}" for n in range(_COUNT)]
        gateway.post_all(texts)
        gateway.wait_for("delivered", _COUNT)
        said = gateway.said()
    assert [[item["text"] for item in sim.inbox(FIRST + n)] for n in range(_COUNT)] == [[text] for text in texts]
    simulated = "".join(log.read_text() for log in (tmp_path / "logs").glob("sim*"))
    assert not any(secret in said + simulated for secret in (PASSWORD, "message 1"))


def test_a_stop_in_mid_traffic_leaves_nothing_in_doubt(tmp_path: Path) -> None:
    with node_smsc(tmp_path, UUID) as centre, gateway_at(tmp_path, Door(centre.port, per_s=50)) as gateway:
        texts = [f"message {n}" for n in range(150)]
        gateway.post_all(texts)
        assert len(gateway.messages()) == len(texts)
        assert gateway.program.end() == 0
        wait_until(lambda: len(centre.told("unbind")) == 1, "it has said goodbye")
        before = len(centre.messages)
        gateway.start()
        found = gateway.wait_for("delivered", len(texts))
    assert before < len(texts), "it was stopped in the middle of it"
    assert not any(message["possible_duplicate"] for message in found)
    assert Counter(message["text"] for message in centre.messages) == Counter(texts)
