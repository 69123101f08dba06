"""Our own end at a real OsmoHLR: one session for each of its interfaces, and both as one element."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.commands import Login
from drivers.dialects import osmo_ctrl, osmo_vty
from drivers.door import Door
from drivers.element import Element
from drivers.session import Limits, Session
from drivers.stream import connect_tcp
from tests.peers.osmo_hlr import OsmoHlr

LIMITS = Limits(window=20, connect_timeout_s=5, answer_timeout_s=5, reconnect_min_s=0.01, reconnect_max_s=0.1)


def ctrl(hlr: OsmoHlr, limits: Limits = LIMITS) -> Session:
    """The control interface."""
    return Session("ctrl", lambda: connect_tcp(hlr.host, hlr.ctrl_port), lambda: osmo_ctrl.client({}), None, limits)


def vty(hlr: OsmoHlr, password: str = "", limits: Limits = LIMITS) -> Session:
    """The operator terminal."""
    login = Login("", password)
    return Session("vty", lambda: connect_tcp(hlr.host, hlr.vty_port), lambda: osmo_vty.client({}), login, limits)


@asynccontextmanager
async def sessions(hlr: OsmoHlr, limits: Limits = LIMITS) -> AsyncIterator[tuple[Session, Session]]:
    """CTRL and VTY, closed at the end."""
    both = ctrl(hlr, limits), vty(hlr, limits=limits)
    try:
        yield both
    finally:
        for session in both:
            await session.close()


@asynccontextmanager
async def element(hlr: OsmoHlr) -> AsyncIterator[Element]:
    """Both interfaces as one element: CTRL first, what is pushed over the VTY."""
    doors = [
        Door(osmo_ctrl.CAPABILITIES, [ctrl(hlr)], repr),
        Door(osmo_vty.CAPABILITIES, [vty(hlr)], repr),
    ]
    both = Element("osmo", doors, osmo_ctrl.fit)
    try:
        yield both
    finally:
        await both.close()
