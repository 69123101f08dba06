"""Every way there is to a card: each opens a door with the card behind it, and our reader in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager

from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.modem import ModemHabits
from sim_readers.emulator.modem_door import ModemDoor
from sim_readers.emulator.phoenix_door import PhoenixDoor
from sim_readers.emulator.phoenix_pty import PtyPhoenixDoor
from sim_readers.emulator.vpcd_door import VpcdDoor
from sim_readers.reader import Reader, open_reader
from sim_readers.readers import vpcd
from sim_readers.readers.virtual import VirtualReader
from tests.sim_readers.journeys.people import SOON_S
from tests.sim_readers.slots import Slots

Way = Callable[[VirtualCard, Slots], AbstractContextManager[Reader]]


@contextmanager
def in_process(card: VirtualCard, _slots: Slots) -> Iterator[Reader]:
    """Without anything in between."""
    with closing(VirtualReader("here", card)) as reader:
        yield reader


@contextmanager
def _pcsc(card: VirtualCard, slots: Slots) -> Iterator[Reader]:
    slot = slots.insert(card)
    with closing(open_reader(f"pcsc:{slot.reader_name}")) as reader:
        assert reader.wait_for_card(SOON_S)
        yield reader


@contextmanager
def _vpcd(card: VirtualCard, _slots: Slots) -> Iterator[Reader]:
    with closing(vpcd.open_reader(":0")) as reader, VpcdDoor(card, "127.0.0.1", reader.port):
        assert reader.wait_for_card(SOON_S)
        yield reader


@contextmanager
def _rfc2217(card: VirtualCard, _slots: Slots) -> Iterator[Reader]:
    with PhoenixDoor(card) as door, closing(open_reader(f"serial_t0:{door.url}")) as reader:
        yield reader


@contextmanager
def _pty_phoenix(card: VirtualCard, _slots: Slots) -> Iterator[Reader]:
    with PtyPhoenixDoor(card) as door, closing(open_reader(f"serial_t0:{door.path}?reset=none")) as reader:
        yield reader


def _modem(*, pty: bool, fetches_answers: bool) -> Way:
    @contextmanager
    def way(card: VirtualCard, _slots: Slots) -> Iterator[Reader]:
        habits = ModemHabits(fetches_answers=fetches_answers)
        with ModemDoor(card, habits=habits, pty=pty) as door, closing(open_reader(f"at_modem:{door.url}")) as reader:
            yield reader

    return way


READERS: Mapping[str, Way] = {
    "pcsc": _pcsc,
    "vpcd": _vpcd,
    "rfc2217": _rfc2217,
    "pty_phoenix": _pty_phoenix,
}
MODEMS: Mapping[str, Way] = {
    "modem_tcp": _modem(pty=False, fetches_answers=False),
    "modem_pty": _modem(pty=True, fetches_answers=False),
}
FETCHING_MODEMS: Mapping[str, Way] = {
    "fetching_modem_tcp": _modem(pty=False, fetches_answers=True),
    "fetching_modem_pty": _modem(pty=True, fetches_answers=True),
}
