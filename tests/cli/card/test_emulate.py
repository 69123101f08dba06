"""Emulated cards behind every front, found by the name that is printed; they end cleanly and keep what they should."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.card.delivered import Delivery, typed
from tests.cli.card.slot import free_port
from tests.cli.conftest import Ended, Linegate, Process, Start

INVENTED = "8933019000000990013"


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery.into(tmp_path)


Pin = Callable[..., Ended]


@pytest.fixture
def pin(linegate: Linegate, tmp_path: Path) -> Pin:
    def run(*arguments: str) -> Ended:
        return linegate("card", "pin", *arguments, "--station", str(tmp_path / "station"))

    return run


def ready(process: Process) -> Any:  # noqa: ANN401 - any JSON
    """Read up to the line that says that it is usable."""
    assert process.stdout is not None
    while line := process.stdout.readline():
        event = json.loads(line)
        if event["event"] == "ready":
            return event
    pytest.fail("it ended before it was ready")


@pytest.mark.parametrize("front", [("--rfc2217", "0"), ("--pty",), ("--modem", "0"), ("--modem-pty",)])
def test_a_card_is_found_by_the_name_that_is_printed(start: Start, pin: Pin, front: tuple[str, ...]) -> None:
    process = start(("card", "emulate", *front, "--json"))
    (reader,) = ready(process)["fronts"]
    told = pin("status", "--reader", reader, "--json")
    assert (told.code, told.document["iccid"]) == (0, INVENTED)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(20) == 0


@pytest.mark.parametrize("model", ["sja5", "sja2", "sjs1", "uicc", "gsm"])
def test_a_kept_card_is_the_same_after_a_restart(linegate: Linegate, pin: Pin, tmp_path: Path, model: str) -> None:
    state = tmp_path / "kept.json"
    again = ("card", "emulate", "--state", str(state), "--model", model, "--personalised")
    reader = linegate(*again).out.removeprefix("ready ").strip()
    assert state.stat().st_mode & 0o777 == 0o600
    with typed("9999"):
        assert pin("verify", "--pin", "2", "--reader", reader, "--typed-pin-fd", "0").code == 5
    assert linegate(*again).out.removeprefix("ready ").strip() == reader
    assert pin("status", "--reader", reader, "--json").document["pins"][1]["tries"] == 2
    other = linegate("card", "emulate", "--state", str(state), "--model", "gsm" if model != "gsm" else "sja5")
    assert (other.code, "holds a card of type" in other.err) == (2, True)


def test_a_slot_has_the_card_of_the_file_and_says_at_the_end_what_it_holds(
    start: Start, delivery: Delivery, tmp_path: Path
) -> None:
    port, one = free_port(), delivery.cards[1]
    station = ("--station", str(tmp_path / "station"))
    verify = ("card", "pin", "verify", "--reader", f"vpcd::{port}", "--wait", "30", "--typed-pin-fd", "0", *station)
    reader = start(verify, stdin=subprocess.PIPE)
    cards = ("--cards", delivery.file, "--iccid", one.iccid, "--personalised", "--delay-ms", "5")
    slot = ("--vpcd", f"127.0.0.1:{port}", "--results", "results", "--json", "--until-stdin-ends")
    assert reader.stdin is not None
    reader.stdin.write("9999\n")
    reader.stdin.close()
    process = until_somebody_listens(start, ("card", "emulate", *cards, *slot))
    assert reader.wait(30) == 5
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(20) == 0
    (told,) = (json.loads(line) for line in (tmp_path / "results").read_text().splitlines())
    assert (told["iccid"], told["imsi"], told["tries"]["PIN1"]) == (one.iccid, one.imsi, 2)
    assert set(told["own_keys"].values()) == {True}
    assert not [secret for secret in delivery.secrets if secret.lower() in (tmp_path / "results").read_text().lower()]


def until_somebody_listens(start: Start, arguments: tuple[str, ...]) -> Process:
    """Start it again until its reader is there; without one it must end with 4."""
    for _ in range(20):
        process = start(arguments, stdin=subprocess.PIPE)
        assert process.stdout is not None
        if process.stdout.readline():
            return process
        assert process.wait(20) == 4
    pytest.fail("the reader never listened")


def test_without_a_front_it_says_how(linegate: Linegate) -> None:
    ended = linegate("card", "emulate")
    assert (ended.code, all(word in ended.err for word in ("--vpcd", "--rfc2217", "--modem-pty"))) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--model", "sja9", "--pty"), "sja5"),
        (("--pty", "--modem", "0"), "one kind"),
        (("--tray", "x.out", "--pty"), "--vpcd"),
        (("--tray", "x.out", "--vpcd", "127.0.0.1:1", "--state", "x"), "--tray has the cards"),
        (("--iccid", INVENTED, "--pty"), "--cards"),
        (("--cards", "absent.out", "--pty"), "absent.out"),
        (("--vpcd", "nowhere"), "no slot"),
        (("--state", "x", "--vpcd", "127.0.0.1:1", "--vpcd", "127.0.0.1:2"), "one slot"),
    ],
)
def test_what_does_not_go_together_is_told(linegate: Linegate, arguments: tuple[str, ...], told: str) -> None:
    ended = linegate("card", "emulate", *arguments)
    assert (ended.code, told in ended.err) == (2, True)


def test_a_slot_nobody_has_is_exit_4(linegate: Linegate) -> None:
    ended = linegate("card", "emulate", "--vpcd", f"127.0.0.1:{free_port()}")
    assert (ended.code, "vpcd" in ended.err) == (4, True)
