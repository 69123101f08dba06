"""``linegate card readers``: every reader, what is in it, and which model that seems to be; no key is presented."""

from __future__ import annotations

from rich.console import RenderableType

from gateway.cli.card.desk import Desk, at_desk
from gateway.cli.card.options import Given
from gateway.cli.card.places import opened, reader_names
from gateway.cli.gateway_client import Json
from gateway.cli.printing import cell, rows, show, state, table
from sim_readers.errors import CardError, NoCard
from sim_readers.models.recognition import UnknownCard, recognise
from sim_readers.reader import Reader
from sim_readers.session import CardSession

_LOOK_S = 0.5


def show_readers(given: Given, *, as_json: bool) -> None:
    """Look at every reader and print. Raises NothingThere when there is none."""
    with at_desk(given) as desk:
        found = [_look(desk, name) for name in reader_names(given.readers, everything=True)]
        show({"items": found}, as_json=as_json, drawn=lambda: _draw(found))


def _look(desk: Desk, name: str) -> Json:
    told: Json = {
        "reader": name,
        "kind": name.partition(":")[0],
        "card": False,
        "atr": None,
        "model": None,
        "title": None,
        "why": None,
    }
    try:
        with opened(name) as reader:
            told["reader"] = reader.name
            reader.wait_for_card(_LOOK_S)
            _look_at_card(desk, reader, told)
    except NoCard as none:
        told["why"] = str(none)
    except (CardError, UnknownCard) as why:
        told["why"] = str(why)
    return told


def _look_at_card(desk: Desk, reader: Reader, told: Json) -> None:
    connection = desk.wrap(reader.connect(), reader.name)
    try:
        told["card"], told["atr"] = True, connection.atr.hex().upper() or None
        session = CardSession(connection)
        session.find_generation()
        model = recognise(session, desk.models.values()).model
        told["model"], told["title"] = model.name, model.title
    finally:
        connection.close()


def _draw(found: list[Json]) -> RenderableType:
    made = table("", "reader", "card", "ATR", "model", "why not")
    lines = (
        (one["reader"], state("ok") if one["card"] else cell("none"), one["atr"], one["title"], one["why"])
        for one in found
    )
    return rows(made, lines)
