"""Elements made of sessions to scripted peers."""

from collections.abc import Callable

from drivers.dialect import Capabilities, Client
from drivers.dialects import mml_h
from drivers.door import Door
from drivers.element import Element, Manners
from drivers.session import Session
from tests.drivers.peer import LOGIN, QUICK, Peer


def mml() -> Client:
    return mml_h.client({})


def door(*peers: Peer, can: Capabilities = mml_h.CAPABILITIES, client: Callable[[], Client] = mml) -> Door:
    """One session for each peer."""
    return Door(can, [Session("hlr-1", peer.connect, client, LOGIN, QUICK) for peer in peers], repr)


def one_door(peer: Peer, manners: Manners, client: Callable[[], Client] = mml, name: str = "hlr-1") -> Element:
    one = door(peer, client=client)
    return Element(name, [one], lambda wanted: mml_h.fit(wanted, one.capabilities), manners)
