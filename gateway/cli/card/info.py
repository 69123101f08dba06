"""``linegate card info``: which card this is, its counters, and every file we know; no try is spent on counters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from rich.console import Group, RenderableType

from gateway.cli.card.desk import Desk, at_desk
from gateway.cli.card.options import Given, Origins
from gateway.cli.card.showing import hexadecimal, short
from gateway.cli.gateway_client import Json
from gateway.cli.printing import facts, rows, show, table
from sim_readers.ef import Ef, Structure, known_files
from sim_readers.errors import Refused, WrongValue
from sim_readers.guard import Guard
from sim_readers.job.plan import decoded, read_iccid
from sim_readers.job.unlocking import Unlocking
from sim_readers.job.wish import Job, paths_on
from sim_readers.keyref import PIN1, PIN2, PUK1, PUK2, ask
from sim_readers.models.recognition import Recognised, recognise
from sim_readers.path import FilePath
from sim_readers.session import CardSession
from sim_readers.status import LOCKED


@dataclass(frozen=True, slots=True)
class _Content:
    """One file or record. ``why`` it could not be read, if it could not."""

    name: str
    path: FilePath
    record: int | None
    raw: bytes = b""
    why: str | None = None

    def to_json(self) -> Json:
        value = None if self.why else decoded(self.path, self.raw)
        return {
            "file": self.name,
            "path": str(self.path),
            "record": self.record,
            "hex": None if self.why else hexadecimal(self.path, self.raw),
            "value": value,
            "why": self.why,
        }


def show_info(given: Given, origins: Origins | None, *, as_json: bool) -> None:
    """Read the card and print. With ``origins`` PIN1 is presented where the card asks for it. Raises Failure."""
    with at_desk(given) as desk, desk.session() as session:
        told = _read(desk, session, origins)
        show(told, as_json=as_json, drawn=lambda: _draw(told))


def _read(desk: Desk, session: CardSession, origins: Origins | None) -> Json:
    recognised = recognise(session, desk.models.values())
    guard = Guard(desk.station.ledger())
    iccid = read_iccid(Unlocking(session, guard))
    data = None if origins is None or iccid is None else desk.cards(origins, without_adm=True)(iccid)
    counters = _counters(session, recognised)
    contents = [one.to_json() for one in _contents(Unlocking(session, guard, data), recognised)]
    return {
        "iccid": iccid,
        "imsi": next((one["value"] for one in contents if one["file"] == "EF.IMSI" and one["value"]), None),
        "model": recognised.model.name,
        "title": recognised.model.title,
        "evidence": recognised.evidence,
        "doubts": list(recognised.doubts),
        "atr": session.connection.atr.hex().upper() or None,
        "counters": counters,
        "files": _for_a_job(contents),
        "contents": contents,
    }


def _counters(session: CardSession, recognised: Recognised) -> Json:
    keys = (PIN1, PUK1, PIN2, PUK2, recognised.model.adm1)
    asked = {key.name: ask(session, key) for key in keys}
    return {name: {"tries": counter.tries, "satisfied": counter.satisfied} for name, counter in asked.items()}


def _contents(unlocking: Unlocking, recognised: Recognised) -> Iterator[_Content]:
    for name, file in known_files().items():
        for path in paths_on(file, recognised.model):
            if unlocking.session.exists(path):
                yield from _file(unlocking, name, file, path)


def _file(unlocking: Unlocking, name: str, file: type[Ef[Any]], path: FilePath) -> Iterator[_Content]:
    if file.structure is Structure.TRANSPARENT:
        yield _content(unlocking, name, path, None)
        return
    for record in range(1, (unlocking.session.info(path).records or 0) + 1):
        yield _content(unlocking, name, path, record)


def _content(unlocking: Unlocking, name: str, path: FilePath, record: int | None) -> _Content:
    try:
        return _Content(name, path, record, unlocking.read(path, record))
    except (Refused, WrongValue) as why:
        locked = unlocking.data is None and isinstance(why, Refused) and why.status in LOCKED
        return _Content(name, path, record, why="the card asks for PIN1: say --pin" if locked else str(why))


def _for_a_job(contents: list[Json]) -> Json:
    """What a job's [files] takes: of each file the first record that says something, but nothing of the card's own."""
    found: Json = {}
    for one in contents:
        if one["value"] is not None and one["record"] in (None, 1) and one["file"] not in found:
            try:
                Job(spec="1", name="info", files={one["file"]: one["value"]})
            except ValidationError:
                continue
            found[one["file"]] = one["value"]
    return found


def _draw(told: Json) -> RenderableType:
    head = facts(told, "iccid", "imsi", "title", "evidence", "doubts", "atr")
    counters = rows(
        table("tries left", "key", "tries", "asked for"),
        (
            (
                name,
                "not told" if counter["tries"] is None else counter["tries"],
                "no" if counter["satisfied"] else "yes",
            )
            for name, counter in told["counters"].items()
        ),
    )
    files = rows(
        table("files", "file", "path", "record", "bytes", "decoded"),
        (
            (one["file"], one["path"], one["record"], one["hex"], one["why"] or short(one["value"]))
            for one in told["contents"]
        ),
    )
    return Group(head, counters, files)
