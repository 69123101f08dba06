"""What reaches the terminal is text, whatever was in it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from gateway.cli import order_tables
from gateway.cli.printing import cell, flat
from gateway.cli.sims_import import chunks

HOSTILE = "\x1b[2J\x1b]0;owned\x07[bold]x[/]\r\u202e"


def drawn(what: RenderableType) -> str:
    out = io.StringIO()
    Console(file=out, width=200, highlight=False, markup=False).print(what)
    return out.getvalue()


def test_no_text_gives_orders_to_the_terminal() -> None:
    order = {"id": "1", "state": "failed", "action": HOSTILE, "error": {"title": HOSTILE, "detail": HOSTILE}}
    for text in (drawn(cell(HOSTILE)), drawn(order_tables.order(order)), drawn(order_tables.orders([order]))):
        assert not set(text) & {"\x1b", "\x07", "\r", "\u202e"}
        assert "[bold]x[/]" in text


def test_a_list_has_no_empty_columns() -> None:
    assert "effective" not in drawn(order_tables.orders([{"id": "1", "state": "acknowledged"}]))


def test_a_plan_shows_commands_undo_and_what_differs() -> None:
    plan = {
        "before": {"rats": ["2g"], "locked": False},
        "after": {"rats": ["2g", "4g"], "locked": False},
        "plan": [{"element": "orange", "command": "MOD ARD;", "undo": ["MOD OLD;"]}],
    }
    text = drawn(order_tables.plan(plan))
    for told in ("orange", "MOD ARD;", "MOD OLD;", "2g, 4g"):
        assert told in text
    assert "locked" not in text


def test_a_plan_without_steps_says_so() -> None:
    assert "nothing would differ" in drawn(order_tables.plan({"before": None, "after": None, "plan": []}))


def test_nested_tables_become_dotted_names() -> None:
    assert flat({"a": {"b": 1, "c": {"d": 2}}, "e": 3}) == {"a.b": 1, "a.c.d": 2, "e": 3}


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 200_000])
def test_a_file_is_cut_without_loss(size: int) -> None:
    sent: list[int] = []
    content = bytes(n % 251 for n in range(size))
    assert b"".join(chunks(content, sent.append)) == content
    assert sum(sent) == size
