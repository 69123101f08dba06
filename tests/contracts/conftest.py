import pytest

import drivers.dialects
from tests.contracts.trial import Trial


@pytest.fixture(scope="session", params=drivers.dialects.names())
def trial(request: pytest.FixtureRequest) -> Trial:
    name: str = request.param
    return Trial(name, drivers.dialects.load(name))
