"""A gateway whose ports are seen to."""

from __future__ import annotations

import pytest

from tests.gateway.portability.lives import Lives
from tests.gateway.rig import Rig


@pytest.fixture
async def lives(rig: Rig) -> Lives:
    found = Lives(rig)
    await found.tend()  # the clearing house is there from the first word on
    return found
