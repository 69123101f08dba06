"""Tells the gateway of cards while others are in work: no reader waits for it, and it may be away for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.cli.card.facts import Facts

_PAUSE_S = 10.0


@contextmanager
def courier(facts: Facts) -> Iterator[threading.Event]:
    """Give the bell to ring when there is something to tell; all that can be told is told before this ends."""
    bell, over = threading.Event(), threading.Event()

    def run() -> None:
        while bell.wait() and not over.is_set():
            bell.clear()
            facts.send()
            if facts.waiting():
                over.wait(_PAUSE_S)

    thread = threading.Thread(target=run, name="courier")
    thread.start()
    try:
        yield bell
    finally:
        over.set()
        bell.set()
        thread.join()
        facts.send()
