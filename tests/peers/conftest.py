from collections.abc import AsyncIterator

import pytest

from tests.peers.osmo_hlr import OsmoHlr, osmo_hlr


@pytest.fixture
async def hlr() -> AsyncIterator[OsmoHlr]:
    async with osmo_hlr() as running:
        yield running
