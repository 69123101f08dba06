"""Codes typed at a real terminal: twice, unseen, and compared before a card hears of them."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import sys
import time
from pathlib import Path

import pytest

from tests.cli.card.delivered import Delivery

PATIENCE_S = 60.0


def at_terminal(arguments: tuple[str, ...], dialogue: list[tuple[str, str]], directory: Path) -> tuple[int, str]:
    """Run a command at a terminal of its own: after each prompt, type; return exit code and all that was shown."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINEGATE_")}
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execve(sys.executable, (sys.executable, "-m", "gateway.cli", "card", *arguments), environment)
    shown = ""
    waiting = list(dialogue)
    until = time.monotonic() + PATIENCE_S
    with contextlib.suppress(OSError):  # the terminal is gone when the command ends
        while time.monotonic() < until:
            if select.select([terminal], [], [], 0.1)[0]:
                shown += os.read(terminal, 4096).decode("utf-8", "replace")
            if waiting and shown.rstrip().endswith(waiting[0][0]):
                time.sleep(0.05)  # the prompt is seen before echo is off
                os.write(terminal, f"{waiting.pop(0)[1]}\n".encode())
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery.into(tmp_path)


def unblock(delivery: Delivery, reader: str) -> tuple[str, ...]:
    return ("pin", "unblock", "--typed-puk", "--reader", reader, "--station", str(delivery.directory / "station"))


def test_a_puk_and_a_new_pin_are_typed_twice_and_not_seen(delivery: Delivery, tmp_path: Path) -> None:
    reader, puk = delivery.put(), delivery.cards[0].puk1
    dialogue = [("PUK1:", puk), ("PUK1, once more:", puk), ("new PIN1:", "4321"), ("new PIN1, once more:", "4321")]
    code, shown = at_terminal(unblock(delivery, reader), dialogue, tmp_path)
    assert (code, "is unblocked" in shown) == (0, True), shown
    assert puk not in shown
    assert "4321" not in shown
    assert delivery.look().inside.keys.by_name["pin1"].value.reveal()[:4] == b"4321"


def test_two_that_differ_are_not_sent(delivery: Delivery, tmp_path: Path) -> None:
    reader = delivery.put()
    code, shown = at_terminal(
        unblock(delivery, reader), [("PUK1:", "11111111"), ("PUK1, once more:", "11111112")], tmp_path
    )
    assert (code, "not the same" in shown) == (2, True), shown
    assert delivery.look().tries(0x01, puk=True) == 10
