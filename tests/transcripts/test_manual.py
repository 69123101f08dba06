"""The manual shows the dialogues as they are replayed."""

from __future__ import annotations

from tests.transcripts.manual import HERE, PAGE, page


def test_the_manual_shows_what_is_replayed() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert shown == page(), "run `make manual`"
    assert shown.count("```text") == len(list(HERE.glob("*.txt")))
