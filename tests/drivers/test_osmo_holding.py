"""What an OsmoHLR has a place for, and what of a wish it must be told it has none for."""

from dataclasses import replace

import pytest

from drivers.dialect import Capabilities
from drivers.dialects import osmo_ctrl, osmo_vty
from drivers.subscription import (
    ALL_RATS,
    Imsi,
    IncomingBar,
    Msisdn,
    NetworkAccess,
    OutgoingBar,
    PacketBar,
    Rat,
    RoamingBar,
    ServiceBar,
    Subscription,
)

IMSI, NUMBER = Imsi("901700000014701"), Msisdn("+491700000001")
DATA = frozenset({"internet"})
BOTH_DOORS = osmo_ctrl.CAPABILITIES.and_(osmo_vty.CAPABILITIES)
BOTH, CS, PS, NONE = NetworkAccess.BOTH, NetworkAccess.CS_ONLY, NetworkAccess.PS_ONLY, NetworkAccess.NONE
BARRED = Subscription(
    IMSI,
    NUMBER,
    outgoing=OutgoingBar.ALL,
    incoming=IncomingBar.WHEN_ROAMING,
    roaming=RoamingBar.OUTSIDE_HPLMN,
    packet=PacketBar.WHEN_ROAMING,
    home_bars=frozenset({2, 1}),
    premium_barred=True,
    rats=frozenset({Rat.GERAN, Rat.UTRAN, Rat.EUTRAN}),
    apns=DATA,
    cap_kbit_s=512,
    service_bars=frozenset({ServiceBar.SPEECH_OUT, ServiceBar.OUTSIDE_GROUP}),
    caller_id_hidden=True,
    diverted_to="577",
)
ALWAYS_MISSING = (
    "cannot bar roaming (wanted outside_hplmn)",
    "cannot bar international calls by ODB-HPLMN type (wanted 1,2)",
    "cannot bar premium numbers",
    "cannot bar single services (wanted outside_group, speech_out)",
    "cannot hide the caller's number",
    "cannot divert calls (wanted to 577)",
    "cannot cap the bit rate (wanted 512 kbit/s)",
    "cannot restrict radio access: it serves exactly 2g and 3g, wanted 2g,3g,4g",
)


@pytest.mark.parametrize("asked", NetworkAccess)
@pytest.mark.parametrize("apns", [frozenset(), DATA], ids=["no data", "data"])
@pytest.mark.parametrize("packet", PacketBar)
@pytest.mark.parametrize("locked", [False, True], ids=["open", "locked"])
def test_a_domain_is_open_only_where_everything_wanted_has_it_open(
    asked: NetworkAccess, apns: frozenset[str], packet: PacketBar, *, locked: bool
) -> None:
    wanted = Subscription(IMSI, NUMBER, access=asked, apns=apns, packet=packet, locked=locked)
    held = osmo_vty.fit(wanted, osmo_vty.CAPABILITIES).held
    assert (held.access in (BOTH, CS)) == (asked in (BOTH, CS) and not locked)
    assert (held.access in (BOTH, PS)) == (
        asked in (BOTH, PS) and not locked and bool(apns) and packet is not PacketBar.ALL
    )
    assert held == Subscription(IMSI, NUMBER, access=held.access)


def test_everything_it_has_no_place_for_is_named() -> None:
    assert osmo_vty.fit(BARRED, BOTH_DOORS).missing == (
        "cannot bar outgoing calls only (wanted all)",
        "cannot bar incoming calls only (wanted when_roaming)",
        "cannot bar packet services when roaming only",
        *ALWAYS_MISSING,
    )


def test_a_lock_covers_the_bars_below_it_but_not_what_is_missing_when_it_is_lifted() -> None:
    locked = osmo_ctrl.fit(replace(BARRED, locked=True), BOTH_DOORS)
    assert locked.held.access is NONE
    assert locked.missing == ALWAYS_MISSING


@pytest.mark.parametrize("rats", [ALL_RATS, frozenset({Rat.GERAN, Rat.UTRAN})], ids=["nothing said", "2g and 3g"])
def test_what_it_can_hold_lacks_nothing(rats: frozenset[Rat]) -> None:
    fit = osmo_vty.fit(Subscription(IMSI, None, rats=rats, apns=DATA), BOTH_DOORS)
    assert (fit.held, fit.missing) == (Subscription(IMSI, None), ())


def test_no_radio_access_at_all_is_named_too() -> None:
    (missing,) = osmo_vty.fit(Subscription(IMSI, None, rats=frozenset()), BOTH_DOORS).missing
    assert missing.endswith("wanted none")


@pytest.mark.parametrize(
    "can", [osmo_ctrl.CAPABILITIES, BOTH_DOORS.without(["NetworkAccess"])], ids=["ctrl alone", "taken away"]
)
def test_without_the_terminal_no_domain_is_promised_shut(can: Capabilities) -> None:
    fit = osmo_ctrl.fit(Subscription(IMSI, NUMBER, apns=DATA, locked=True), can)
    assert fit.held == Subscription(IMSI, NUMBER)
    assert fit.missing == ("cannot set network access to none: that takes the VTY, beside CTRL as a second door",)
    assert osmo_ctrl.fit(Subscription(IMSI, NUMBER, apns=DATA), can).missing == ()
