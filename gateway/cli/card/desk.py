"""What every card command works with: the station, card models, the masked trace, the gateway if there is one.

``with at_desk(given) as desk:`` is the first line of a command; whatever goes wrong inside has an exit code.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from gateway.cli.card.disclosure import Reason
from gateway.cli.card.facts import Facts
from gateway.cli.card.options import Given, Origins
from gateway.cli.card.places import one_name, opened
from gateway.cli.card.sources import FileCards, VaultCards, read_all
from gateway.cli.card.station import Station, open_station
from gateway.cli.card.tracing import Wrap, traced
from gateway.cli.card.troubles import explained
from gateway.cli.failure import NothingThere
from gateway.cli.gateway_client import Address, GatewayClient
from gateway.settings import config_directory
from sim_readers.models.profile import CardModel, read_models
from sim_readers.reader import Reader
from sim_readers.session import CardSession


@dataclass(frozen=True, slots=True)
class Desk:
    """One command at work. ``close`` what it opened by leaving ``at_desk``."""

    given: Given
    station: Station
    models: Mapping[str, CardModel]
    wrap: Wrap
    facts: Facts
    _stack: ExitStack

    def cards(self, origins: Origins, *, without_adm: bool = False) -> FileCards | VaultCards:
        """Find out where cards' data come from. Raises WrongUse."""
        if origins.cards:
            return read_all(origins.cards)
        client = self._stack.enter_context(GatewayClient(Address.from_environment()))
        reason = Reason(origins.why, origins.approved_by)
        return VaultCards(client, self.station.name, reason, without_adm=without_adm)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Open the one reader that is meant, with a card in it. Raises NothingThere, WrongUse, NoReader."""
        with opened(one_name(self.given.readers)) as reader:
            if not reader.wait_for_card(self.given.wait_s):
                raise NothingThere(f"no card in {reader.name}: insert one, or see `linegate card doctor`")
            yield reader

    @contextmanager
    def session(self) -> Iterator[CardSession]:
        """Power the card in the one reader that is meant. Raises NoCard, CardGone besides."""
        with self.reader() as reader:
            connection = self.wrap(reader.connect(), reader.name)
            try:
                session = CardSession(connection)
                session.find_generation()
                yield session
            finally:
                connection.close()


@contextmanager
def at_desk(given: Given) -> Iterator[Desk]:
    """Go to work. Raises Failure alone."""
    with explained(), ExitStack() as stack:
        station = open_station(given.station)
        models = read_models(config_directory(given.config) / "card_profiles")
        wrap = stack.enter_context(traced(station, given.gsmtap))
        yield Desk(given, station, models, wrap, Facts(station, gateway_meant()), stack)


def gateway_meant() -> Address | None:
    """The gateway the environment names; ``None``: this station works offline."""
    named = os.environ.get("LINEGATE_URL") or os.environ.get("LINEGATE_TOKEN")
    return Address.from_environment() if named else None
