"""``linegate card label``: labels for cards, as PDF or ZPL, into a file or to a label printer; never a key."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from gateway.cli.card.desk import gateway_meant
from gateway.cli.card.label_pdf import write_pdf
from gateway.cli.card.label_zpl import Density, write_zpl
from gateway.cli.card.labels import A4_3X8, LabelDoesNotFit, Paper, SimLabel, roll
from gateway.cli.card.private_files import refuse_overwriting, write_private
from gateway.cli.card.sources import read_cards
from gateway.cli.card.station import open_station
from gateway.cli.card.troubles import explained
from gateway.cli.failure import Failure, WrongUse
from gateway.cli.gateway_client import GatewayClient, Json
from gateway.cli.printing import facts, show
from sim_readers.job.wish import read_job

_SIZE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?)x([0-9]{1,3}(?:\.[0-9]+)?)")
_PRINTER_S: Final = 10.0
_RAW_PORT: Final = 9100
_DENSITIES: Final = {203: Density.DPI_203, 300: Density.DPI_300, 600: Density.DPI_600}


@dataclass(frozen=True, slots=True)
class Labels:
    """What is to be printed. ``size`` is ``62x29`` in millimetres, or ``a4``: 24 labels on a sheet, ``skip`` free."""

    iccids: tuple[str, ...] = ()
    cards: Path | None = None
    job: Path | None = None
    station: Path | None = None
    zpl: bool = False
    size: str = "62x29"
    skip: int = 0
    dpi: int = 203
    msisdn: bool = False
    batch: str = ""
    output: Path | None = None
    printer: str | None = None
    force: bool = False


def print_labels(asked: Labels, *, as_json: bool) -> None:
    """Write the file, or send it to the printer. Raises Failure."""
    if (asked.output is None) == (asked.printer is None):
        raise WrongUse("say where to: -o FILE, or --printer HOST:PORT")
    if asked.printer is not None and not asked.zpl:
        raise WrongUse("a label printer takes ZPL: say --format zpl")
    if asked.output is not None:
        refuse_overwriting(asked.output, force=asked.force)
    with explained():
        labels = list(_labels(asked))
    content = _drawn(asked, labels)
    if asked.output is not None:
        write_private(asked.output, content, force=asked.force)
    elif asked.printer is not None:
        _send(asked.printer, content)
    told: Json = {"labels": len(labels), "to": str(asked.output or asked.printer), "bytes": len(content)}
    show(told, as_json=as_json, drawn=lambda: facts(told, *told))


def _labels(asked: Labels) -> Iterator[SimLabel]:
    """Collect what labels say. Raises Failure."""
    imsis = _imsis(asked)
    if not imsis:
        raise WrongUse("there is no card to label: name ICCIDs, --cards FILE or --job FILE")
    address = gateway_meant()
    if asked.msisdn and address is None:
        raise WrongUse("--msisdn asks the gateway: set LINEGATE_URL and LINEGATE_TOKEN")
    asks = asked.msisdn or (address is not None and not all(imsis.values()))
    if not asks or address is None:
        yield from (_label(iccid, imsi, "", asked.batch) for iccid, imsi in imsis.items())
        return
    with GatewayClient(address) as client:
        for iccid, imsi in imsis.items():
            told = _asked(client, iccid)
            number = told.get("msisdn") or "" if asked.msisdn else ""
            yield _label(iccid, imsi or told["imsi"], number, asked.batch or told.get("batch") or "")


def _imsis(asked: Labels) -> dict[str, str]:
    """The cards that are meant, and the IMSI of each if it is known here. Raises WrongUse, ProfileError."""
    named = dict.fromkeys(asked.iccids, "")
    if asked.job is not None:
        job = read_job(asked.job)
        done = open_station(asked.station).journal().done(job.name)
        listed = {} if job.cards is None else read_cards(asked.job.parent / job.cards).cards
        named |= {iccid: listed[iccid].imsi if iccid in listed else "" for iccid in sorted(done)}
    if asked.cards is not None:
        every = read_cards(asked.cards).cards
        wanted = named or every
        named = {iccid: every[iccid].imsi if iccid in every else "" for iccid in wanted}
    return named


def _asked(client: GatewayClient, iccid: str) -> Json:
    return client.get(f"/v1/sims/{quote(iccid, safe='')}")


def _label(iccid: str, imsi: str, msisdn: str, batch: str) -> SimLabel:
    try:
        return SimLabel(iccid, imsi, msisdn, batch)
    except ValueError as wrong:
        raise WrongUse(f"{iccid}: {wrong}") from None


def _drawn(asked: Labels, labels: Sequence[SimLabel]) -> bytes:
    """Draw them. Raises WrongUse when they do not fit."""
    paper = _paper(asked.size)
    try:
        if not asked.zpl:
            return write_pdf(labels, paper, asked.skip)
        if paper is A4_3X8:
            raise WrongUse("ZPL is for rolls: say the label's size, like --size 62x29")
        return write_zpl(labels, paper.width_mm, paper.height_mm, _DENSITIES[asked.dpi]).encode()
    except (LabelDoesNotFit, ValueError) as wrong:
        raise WrongUse(str(wrong)) from None


def _paper(size: str) -> Paper:
    if size.lower() == "a4":
        return A4_3X8
    found = _SIZE.fullmatch(size)
    if found is None:
        raise WrongUse(f"--size {size!r} is none: write width x height in millimetres, like 62x29, or a4")
    return roll(float(found[1]), float(found[2]))


def _send(printer: str, content: bytes) -> None:
    host, _, port = printer.rpartition(":") if ":" in printer else (printer, "", str(_RAW_PORT))
    if not (host and port.isdecimal() and 0 < int(port) <= 0xFFFF):  # noqa: PLR2004 - the last port
        raise WrongUse(f"--printer {printer!r} is no address: write it as 192.0.2.7:{_RAW_PORT}")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_PRINTER_S) as line:
            line.sendall(content)
    except OSError as wrong:
        raise Failure(
            f"the printer at {printer} does not take it ({wrong.strerror or wrong}): see that it is on"
        ) from wrong
