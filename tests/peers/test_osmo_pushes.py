"""What a real OsmoHLR tells the serving nodes, and what it keeps to itself: why one element has two doors."""

import pytest

from drivers import commands as c
from drivers.commands import Credentials, Why
from drivers.dialects import osmo_ctrl, osmo_vty
from drivers.subscription import ALL_RATS, Iccid, Imsi, Msisdn, NetworkAccess, PacketBar, Subscription, changes
from tests.peers import gsup
from tests.peers.doors import element, sessions
from tests.peers.osmo_hlr import OsmoHlr

A = Imsi("901700000014701")
NUMBER, OTHER = Msisdn("+491700000001"), Msisdn("+491700000002")
ICCID, MILENAGE = Iccid("8933010000000000017"), Credentials("0" * 31 + "1", "0" * 31 + "2")
SHUT, OPEN = NetworkAccess.NONE, NetworkAccess.BOTH


def _kinds(node: gsup.Node) -> list[int]:
    return [message.kind for message in node.pushed(A)]


async def test_shutting_a_line_is_heard_by_both_nodes_and_refused_to_both(hlr: OsmoHlr) -> None:
    async with element(hlr) as osmo, gsup.Node(hlr.host, "VLR-1") as vlr, gsup.Node(hlr.host, "SGSN-1") as sgsn:
        assert await vlr.location_update(A, gsup.CS) == gsup.IMSI_UNKNOWN
        for command in (c.CreateSubscriber(A, None), c.AssignMsisdn(A, NUMBER)):
            assert isinstance(await osmo.send(command), c.Done)
        assert await osmo.send(c.PutKeys(A, ICCID), MILENAGE) == c.Done("", "OK")
        assert await vlr.location_update(A, gsup.CS) is None
        assert await sgsn.location_update(A, gsup.PS) is None
        assert await osmo.send(c.Provide(A, SHUT)) == c.Done("")
        for node in (vlr, sgsn):
            assert await node.told(A, gsup.DELETE_DATA) == gsup.Message(gsup.DELETE_DATA, A)
        assert await vlr.location_update(A, gsup.CS) == gsup.PLMN_NOT_ALLOWED
        assert await sgsn.location_update(A, gsup.PS) == gsup.GPRS_NOT_ALLOWED
        assert await osmo.send(c.Provide(A, OPEN)) == c.Done("")
        assert await vlr.location_update(A, gsup.CS) is None
        assert await osmo.read(A) == Subscription(A, NUMBER)


async def test_a_changed_number_is_heard_through_the_element(hlr: OsmoHlr) -> None:
    async with element(hlr) as osmo, gsup.Node(hlr.host, "VLR-1") as vlr:
        for command in (c.CreateSubscriber(A, None), c.AssignMsisdn(A, NUMBER)):
            await osmo.send(command)
        await vlr.location_update(A, gsup.CS)
        assert isinstance(await osmo.send(c.ChangeMsisdn(A, OTHER)), c.Done)
        assert (await vlr.told(A, gsup.INSERT_DATA)).msisdn == OTHER.removeprefix("+")


@pytest.mark.parametrize(
    ("door", "command", "heard"),
    [
        (0, c.AssignMsisdn(A, OTHER), []),
        (0, c.ReleaseMsisdn(A, NUMBER), []),
        (0, c.RemoveSubscriber(A), []),
        (1, c.RemoveSubscriber(A), []),
        (1, c.ReleaseMsisdn(A, NUMBER), [gsup.INSERT_DATA]),
        (1, c.ChangeMsisdn(A, OTHER), [gsup.INSERT_DATA]),
        (1, c.ChangeMsisdn(A, NUMBER), [gsup.INSERT_DATA]),
        (1, c.Provide(A, NetworkAccess.CS_ONLY), [gsup.DELETE_DATA]),
        (1, c.Provide(A, NetworkAccess.PS_ONLY), [gsup.DELETE_DATA]),
        (1, c.Provide(A, SHUT), [gsup.DELETE_DATA, gsup.DELETE_DATA]),
        (1, c.Provide(A, OPEN), []),
    ],
    ids=lambda value: repr(value) if isinstance(value, int | list) else type(value).__name__,
)
async def test_what_each_interface_tells_a_node_of_each_change(
    hlr: OsmoHlr, door: int, command: c.Command, heard: list[int]
) -> None:
    async with sessions(hlr) as both, gsup.Node(hlr.host, "VLR-1") as vlr:
        for made in (c.CreateSubscriber(A, None), c.AssignMsisdn(A, NUMBER)):
            await both[0].send(made)
        await vlr.location_update(A, gsup.CS)
        assert isinstance(await both[door].send(command), c.Done)
        await vlr.heard_all()
        assert _kinds(vlr) == heard
        promised = (osmo_ctrl, osmo_vty)[door].CAPABILITIES.heard(command)
        assert bool(heard) or not promised or command == c.Provide(A, OPEN), "it promises what nobody hears"


async def test_a_released_number_is_told_as_if_it_were_still_there(hlr: OsmoHlr) -> None:
    async with sessions(hlr) as (ctrl, terminal), gsup.Node(hlr.host, "VLR-1") as vlr:
        for command in (c.CreateSubscriber(A, None), c.AssignMsisdn(A, NUMBER)):
            await ctrl.send(command)
        await vlr.location_update(A, gsup.CS)
        await terminal.send(c.ReleaseMsisdn(A, NUMBER))
        assert (await vlr.told(A, gsup.INSERT_DATA)).msisdn == NUMBER.removeprefix("+")
        assert await ctrl.send(c.ReadSubscriber(A)) == c.Held(Subscription(A, None))


async def test_a_locked_hlr_tells_nobody_and_lets_nobody_in(hlr: OsmoHlr) -> None:
    async with sessions(hlr) as (ctrl, terminal), gsup.Node(hlr.host, "VLR-1") as vlr:
        await ctrl.send(c.CreateSubscriber(A, None))
        assert await vlr.location_update(A, gsup.CS) is None
        with hlr.locked():
            refused = await terminal.send(c.Provide(A, SHUT))
            assert isinstance(refused, c.Refused)
            assert refused.why is Why.BUSY
            await vlr.heard_all()
            assert _kinds(vlr) == []
            assert await vlr.location_update(A, gsup.CS) == gsup.NETWORK_FAILURE
        assert await vlr.location_update(A, gsup.CS) is None


@pytest.mark.parametrize(
    ("wanted", "access"),
    [
        (Subscription(A, NUMBER, apns=frozenset({"internet"})), OPEN),
        (Subscription(A, NUMBER), NetworkAccess.CS_ONLY),
        (Subscription(A, NUMBER, apns=frozenset({"internet"}), packet=PacketBar.ALL), NetworkAccess.CS_ONLY),
        (Subscription(A, NUMBER, apns=frozenset({"internet"}), locked=True), SHUT),
        (Subscription(A, NUMBER, apns=frozenset({"internet"}), access=NetworkAccess.PS_ONLY), NetworkAccess.PS_ONLY),
    ],
)
async def test_what_it_says_it_would_hold_is_what_it_holds(
    hlr: OsmoHlr, wanted: Subscription, access: NetworkAccess
) -> None:
    async with element(hlr) as osmo:
        fit = osmo.fit(wanted)
        assert (fit.held.access, fit.held.rats, fit.missing) == (access, ALL_RATS, ())
        for command in (c.CreateSubscriber(A, None), c.AssignMsisdn(A, NUMBER)):
            await osmo.send(command)
        for facet in changes(Subscription(A, NUMBER), fit.held):
            await osmo.send(c.Provide(A, facet))
        assert await osmo.read(A) == fit.held
