import pytest

import drivers.dialects
from tests.contracts.trial import Trial, commands_of


@pytest.fixture(scope="session", params=drivers.dialects.names())
def trial(request: pytest.FixtureRequest) -> Trial:
    name: str = request.param
    module = drivers.dialects.load(name)
    return Trial(name, module, commands_of(module))
