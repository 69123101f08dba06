"""What an element that lacks some facets would hold of a wish, and how it names what it lacks."""

from dataclasses import replace

import pytest

from drivers.dialect import Module, wording
from drivers.dialects import cai, mml_h
from drivers.subscription import (
    ApnAccess,
    CallerId,
    Diversion,
    Facet,
    HomeBar,
    Imsi,
    Msisdn,
    OutgoingBar,
    ServiceBar,
    ServiceBars,
    SpeedCap,
    Subscription,
)

FRESH = Subscription(Imsi("208990000000001"), Msisdn("+33612345678"))
SERVED = replace(
    FRESH,
    service_bars=frozenset({ServiceBar.SPEECH_OUT, ServiceBar.OUTSIDE_GROUP}),
    caller_id_hidden=True,
    diverted_to="577",
)


@pytest.mark.parametrize(
    ("facet", "words"),
    [
        (OutgoingBar.ALL, "OutgoingBar (all)"),
        (SpeedCap(512), "SpeedCap (cap_kbit_s: 512)"),
        (SpeedCap(None), "SpeedCap (cap_kbit_s: none)"),
        (HomeBar(frozenset({2, 1})), "HomeBar (types: 1+2)"),
        (ServiceBars(SERVED.service_bars), "ServiceBars (bars: outside_group+speech_out)"),
        (ServiceBars(frozenset()), "ServiceBars (bars: none)"),
        (CallerId(hidden=True), "CallerId (hidden: yes)"),
        (Diversion("577"), "Diversion (to: 577)"),
        (ApnAccess("internet", provided=False), "ApnAccess (apn: internet, provided: no)"),
    ],
)
def test_a_facet_is_named_in_words_a_human_reads(facet: Facet, words: str) -> None:
    assert wording(facet) == words


@pytest.mark.parametrize("module", [mml_h, cai], ids=["mml_h", "cai"])
def test_services_are_held_where_the_element_may_be_told_them_and_named_where_not(module: Module) -> None:
    assert module.fit(SERVED, module.CAPABILITIES).held == SERVED
    less = module.fit(SERVED, module.CAPABILITIES.without(["ServiceBars", "CallerId", "Diversion"]))
    assert less.held == FRESH
    assert less.missing == (
        "cannot hold ServiceBars (bars: outside_group+speech_out)",
        "cannot hold CallerId (hidden: yes)",
        "cannot hold Diversion (to: 577)",
    )
