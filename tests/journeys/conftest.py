"""A gateway and a simulated network for each test that plays orders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.site import Site


@pytest.fixture
def scenario() -> str:
    """Which simulated network; a test may parametrize it."""
    return "default"


@pytest.fixture
def site(tmp_path: Path, scenario: str) -> Iterator[Site]:
    opened = Site(tmp_path, scenario=scenario)
    yield opened
    opened.end()
