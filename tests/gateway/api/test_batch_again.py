"""The same file once more: at the same moment, with other columns, or with what no JSON is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.gateway.api.conftest import Shop, order
from tests.gateway.api.test_batches import BATCHES, CSV, NDJSON, lines, results, until
from tests.gateway.cards import Card
from tests.gateway.conftest import NUMBER

KEY, FIRST_PART = {"Idempotency-Key": "k"}, {"Upload-Complete": "?0"}
ROWS = lines(*(order("suspend", NUMBER, reason="unpaid") for _ in range(3)))


class Slow:
    """A body that begins, and goes on when told."""

    def __init__(self) -> None:
        self.begun, self.goes_on = asyncio.Event(), asyncio.Event()

    async def body(self) -> AsyncIterator[bytes]:
        self.begun.set()
        await self.goes_on.wait()
        yield ROWS


@pytest.mark.parametrize(
    ("more", "told", "offset"),
    [
        ({}, (409, "/problems/upload-offset-mismatch"), str(len(ROWS))),
        ({"params": {"start": "manual"}}, (422, "/problems/idempotency-key-reused"), None),
    ],
)
async def test_of_two_posts_at_the_same_moment_the_later_is_told_how_it_stands(
    shop: Shop, line: Card, more: dict[str, Any], told: tuple[int, str], offset: str | None
) -> None:
    slow, headers = Slow(), NDJSON | KEY
    later = asyncio.create_task(shop.post(BATCHES, content=slow.body(), headers=headers, **more))
    await slow.begun.wait()
    first = await shop.post(BATCHES, content=ROWS, headers=headers | FIRST_PART)
    slow.goes_on.set()
    answer = await later
    assert (answer.status_code, answer.json()["type"]) == told
    assert answer.headers.get("upload-offset") == offset
    assert answer.headers.get("location") == (None if offset is None else first.json()["href"])
    assert len(await shop.rig.all_rows("batches")) == 1
    del line


@pytest.mark.parametrize("rows", ["", f"suspend,{NUMBER},unpaid\n"])
@pytest.mark.parametrize("whole", [True, False])
async def test_columns_are_part_of_the_file_a_key_stands_for(shop: Shop, line: Card, rows: str, whole: bool) -> None:  # noqa: FBT001 - a parameter of the test
    header, other = "action,msisdn,details.reason\n", "action,msisdn,note          \n"
    more = {} if whole and rows else FIRST_PART
    first = await shop.post(BATCHES, content=header + rows, headers=CSV | KEY | more)
    assert first.status_code == 202, first.text
    again = await shop.post(BATCHES, content=f"{other}{rows}suspend,{NUMBER},unpaid\n", headers=CSV | KEY)
    assert (again.status_code, again.json()["type"]) == (422, "/problems/idempotency-key-reused")
    (batch,) = await shop.rig.all_rows("batches")
    assert (batch["header"], batch["total"]) == (header.rstrip(), int(bool(rows)))
    del line


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
async def test_a_number_that_is_none_is_a_problem_of_its_row_and_of_nothing_else(shop: Shop, number: str) -> None:
    row = f'{{"action": "suspend", "line": {{"msisdn": {number}}}, "details": {{"reason": "unpaid"}}}}\n'
    href = (await shop.post(BATCHES, content=row, headers=NDJSON)).json()["href"]
    assert (await until(shop, href, "failed"))["problems"] == {"not-readable": 1}
    page = await shop.get(f"{href}/rows")
    assert page.status_code == 200
    (told,) = await results(shop, href)
    assert told == json.loads(page.text, parse_constant=pytest.fail)["items"][0]
