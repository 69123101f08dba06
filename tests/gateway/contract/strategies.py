"""Lines under Technicophone's rules, and what they may become."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from drivers.subscription import Msisdn
from gateway.contract.line import Life, Line, Restriction
from gateway.settings import config_directory, read_settings
from tests.gateway.cards import card

RULES = read_settings(config_directory(None), Path("unused")).contracts["technicophone"]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

options = st.frozensets(st.sampled_from(sorted(RULES.options)))
msisdns = st.integers(10_000_000, 99_999_999).map(lambda n: Msisdn(f"+336{n}"))
cards = st.integers(1, 50).map(card)
restrictions = st.lists(
    st.one_of(
        *(
            st.builds(
                Restriction,
                st.just(kind),
                st.sampled_from(sorted(RULES.restrictions[kind].reasons)),
                st.datetimes(datetime(2026, 1, 1), datetime(2026, 2, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001 - made aware here
                st.none() | st.text("ABC-123", min_size=1, max_size=8),
            )
            for kind in RULES.restrictions
        )
    ),
    max_size=5,
    unique_by=lambda held: (held.kind, held.reason),
).map(tuple)


@st.composite
def lines(draw: st.DrawFn, life: Life = Life.ACTIVE) -> Line:
    """Any line the contract allows."""
    sim = draw(cards)
    return Line(
        msisdn=draw(msisdns),
        imsi=sim.imsi,
        iccid=sim.iccid,
        contract=RULES.name,
        host="orange",
        plan=draw(st.sampled_from(sorted(RULES.plans))),
        options=draw(options),
        restrictions=draw(restrictions),
        life=life,
    )
