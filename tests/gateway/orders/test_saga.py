"""An order without misfortune: what is sent, what the element holds at the end, and what is told of it."""

from tests.gateway.cards import card
from tests.gateway.rig import Rig

NUMBER = "+33612345678"


async def test_an_activation_ends_with_the_network_holding_what_was_agreed(rig: Rig) -> None:
    order = await rig.activate(card(1), NUMBER)
    assert await rig.end_of(order) == ("completed", None)
    assert rig.sim.held(card(1).imsi) == await rig.wished(NUMBER)
    assert rig.sim.hlrs["orange"].store.has_keys(card(1).imsi)
