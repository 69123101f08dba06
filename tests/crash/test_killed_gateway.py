"""``kill -9`` of the gateway, again and again while orders come in, on either database; then the reckoning."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.crash_site import CrashSite
from tests.crash.killing import DATABASES, KILLS, killed_again_and_again, load_for, site_on
from tests.crash.storm import SUMS, Aftermath, endure
from tests.journeys.cards import Stock
from tests.journeys.site import NEVER_WRITTEN

SEED = os.environ.get("LINEGATE_TEST_SEED", "bella")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED} LINEGATE_KILLS={KILLS}"
_LOAD = load_for(KILLS, SEED)


@pytest.fixture(scope="module", params=DATABASES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashSite]:
    with site_on(request.param, tmp_path_factory.mktemp("killed")) as opened:
        yield opened


@pytest.fixture(scope="module")
def aftermath(site: CrashSite) -> Aftermath:
    after = asyncio.run(endure(site, _LOAD, killed_again_and_again(site, _LOAD, KILLS)))
    for program in (site.gateway, site.sim):
        program.kill()  # files as the dying leave them: write-ahead logs too
    return after


def test_orders_met_their_deaths(aftermath: Aftermath, site: CrashSite) -> None:
    lives = list((site.directory / "logs").glob("*-gateway.err"))
    assert len(lives) == KILLS + 1
    assert aftermath.acknowledged > _LOAD.total * 0.7, REPLAY


@pytest.mark.parametrize("sum_", SUMS)
def test_the_reckoning(aftermath: Aftermath, sum_: str) -> None:
    assert aftermath.wrong[sum_] == [], REPLAY


def test_no_secret_was_written_anywhere(aftermath: Aftermath, site: CrashSite) -> None:
    assert aftermath.acknowledged > 0
    files = [path for path in site.directory.rglob("*") if path.is_file()]
    assert {"linegate.toml", "orange.sqlite"} <= {path.name for path in files}
    secrets, numbers = secrets_of(site.stock)
    assert [leak for path in files for leak in leaks_in(path, secrets, numbers)] == [], REPLAY


def secrets_of(stock: Stock) -> tuple[list[bytes], set[bytes]]:
    """Return what may stand nowhere, in every spelling, and numbers that may not stand alone."""
    ways = [text for card in stock.drawn for text in (card.ki, card.opc, card.adm1)]
    secrets = [text.encode() for text in (*NEVER_WRITTEN, *ways, *(way.lower() for way in ways))]
    return secrets + [bytes.fromhex(way) for way in ways], {puk.encode() for card in stock.drawn for puk in card.puks}


def leaks_in(path: Path, secrets: list[bytes], numbers: set[bytes]) -> list[str]:
    """Tell which of them a file holds."""
    content = path.read_bytes()
    alone = set(re.findall(rb"(?<![0-9A-Za-z])[0-9]{8}(?![0-9A-Za-z])", content))
    return [f"{path.name}: {leak!r}" for leak in (*(s for s in secrets if s in content), *(alone & numbers))]
