"""How patiently an element is asked again, by what came of the last time."""

import pytest

from drivers.commands import Why
from drivers.errors import Busy, DriverError, Garbled, InDoubt, Unreachable
from drivers.flow import Paused
from drivers.retry import Pauses, RetryRules

BUSY, AWAY, DOUBT = Pauses(1, 2), Pauses(3, 4), Pauses(5, 6)
RULES = RetryRules(busy=BUSY, unreachable=AWAY, in_doubt=DOUBT, refused={Why.OTHER: 3})


@pytest.mark.parametrize(
    ("trouble", "pauses"),
    [
        (Busy("busy"), BUSY),
        (Unreachable("away"), AWAY),
        (Paused("paused", None), AWAY),
        (InDoubt("silence"), DOUBT),
        (Garbled("noise"), DOUBT),
    ],
)
def test_each_class_of_outcome_has_its_own_pauses(trouble: DriverError, pauses: Pauses) -> None:
    assert RULES.pauses(trouble) is pauses


def test_nothing_refused_is_asked_again_unless_configured() -> None:
    assert dict(RetryRules().refused) == {}
    assert RetryRules().pauses(Busy("busy")) == Pauses(0.1, 5.0)
