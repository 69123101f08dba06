"""``linegate card import``: vendors' files of any profile, and pySim's card lists, into the gateway's stock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Group, RenderableType

from gateway.cli.card.sources import is_csv
from gateway.cli.failure import Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import cell, rows, show, table
from gateway.contract.table import ConfigError
from gateway.settings import config_directory
from gateway.stock import vendor
from gateway.stock.vendor import VendorSim
from gateway.stock.vendor_cards import vendor_sim
from gateway.stock.vendor_out import BatchHeader, CannotWrite, write_output
from gateway.stock.vendor_profile import VendorProfile, read_profiles
from sim_readers.pysim import csv_rows

_MOST_DRAWN = 200
_CSV_HEADER = BatchHeader("", "", "", "")


@dataclass(slots=True)
class _File:
    """One file as it was read. ``announced``: how many cards it says it has."""

    name: str
    digest: str
    header: BatchHeader
    sims: Sequence[VendorSim]
    problems: list[Json]
    announced: int | None = None
    whole: bool = True
    answers: list[Json] = field(default_factory=list)

    def count(self, what: str) -> int:
        """Add up one count of the gateway's answers."""
        return sum(answer[what] for answer in self.answers)

    def to_json(self) -> Json:
        """Write the report."""
        counts = {what: self.count(what) for what in ("imported", "already_there")}
        return {
            "file": self.name,
            "sha256": self.digest,
            "announced": self.announced,
            "read": len(self.sims),
            **counts,
            "refused": self.count("refused"),
            "problems": self.problems,
        }


def import_cards(files: Sequence[Path], profile: str | None, config: Path | None, *, as_json: bool) -> None:
    """Read, send, and print a report of each. Raises WrongUse, NotReached; Refused when anything was not taken."""
    layout = None if profile is None else _profile(profile, config)
    read = [_read(file, layout) for file in files]  # all are readable before the first is sent
    with GatewayClient(Address.from_environment()) as client:
        for file in read:
            if file.whole:
                _send(client, file)
    told: Json = {"items": [file.to_json() for file in read], "imported": sum(file.count("imported") for file in read)}
    show(told, as_json=as_json, drawn=lambda: _draw(told["items"]))
    if any(file.problems for file in read):
        raise Refused("not everything was taken: see the problems, correct them or ask the vendor, and import again")


def _profile(name: str, config: Path | None) -> VendorProfile:
    try:
        profiles = read_profiles(config_directory(config) / "sim_vendors")
    except ConfigError as wrong:
        raise WrongUse(str(wrong)) from wrong
    if name not in profiles:
        raise WrongUse(f"there is no vendor profile {name!r}: there are {', '.join(sorted(profiles))}")
    return profiles[name]


def _read(file: Path, layout: VendorProfile | None) -> _File:
    """Read a file; what cannot be used is in its problems. Raises WrongUse."""
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as missing:
        raise WrongUse(f"{file}: cannot be read ({missing.strerror})") from missing
    except UnicodeDecodeError:
        raise WrongUse(f"{file}: is not UTF-8") from None
    digest = hashlib.sha256(raw).hexdigest()
    if layout is None and is_csv(text):
        return _read_csv(file.name, digest, text)
    found = vendor.parse(text, layout)
    problems = [_problem(p.line, p.column, p.detail, p.iccid) for p in found.problems]
    header = BatchHeader(found.customer, found.profile, found.order_date, found.batch)
    whole = not any(p.line == 0 for p in found.problems)
    return _File(file.name, digest, header, found.sims if whole else (), problems, found.quantity, whole)


def _read_csv(name: str, digest: str, text: str) -> _File:
    found = csv_rows.read_cards(text)
    problems = [_problem(p.row, p.column, p.detail) for p in found.problems]
    sims: list[VendorSim] = []
    for row in found.cards:
        lacking = [what for what, value in (("imsi", row.card.imsi), ("ki", row.card.ki)) if not value]
        problems += [_problem(row.row, what, "is needed for a card in stock", row.card.iccid) for what in lacking]
        if not lacking:
            sims.append(vendor_sim(row.card))
    return _File(name, digest, _CSV_HEADER, sims, problems)


def _send(client: GatewayClient, file: _File) -> None:
    """Send the cards, those with the same columns together. Raises Refused, NotReached, WrongUse."""
    for sims in _alike(file.sims):
        try:
            content = write_output(file.header, sims).encode()
        except CannotWrite as wrong:
            file.problems.append(_problem(0, "", str(wrong)))
            continue
        answer = client.import_sims(iter((content,)), len(content))
        file.answers.append(answer)
        # their lines are those of what was sent, which nobody has seen
        file.problems += [_problem(0, p["column"], p["detail"], p.get("iccid")) for p in answer["problems"]]


def _alike(sims: Sequence[VendorSim]) -> Iterator[list[VendorSim]]:
    groups: dict[frozenset[str], list[VendorSim]] = {}
    for sim in sims:
        groups.setdefault(frozenset(sim.secrets), []).append(sim)
    yield from groups.values()


def _problem(line: int, column: str, detail: str, iccid: str | None = None) -> Json:
    return {"line": line, "column": column, "detail": detail, "iccid": iccid}


def _draw(items: Sequence[Json]) -> RenderableType:
    names = ("file", "announced", "read", "imported", "already_there", "refused", "sha256")
    counts = rows(
        table("", "file", "announced", "read", "imported", "already there", "refused", "SHA-256"),
        ([item[name] for name in names] for item in items),
    )
    problems = [(item["file"], problem) for item in items for problem in item["problems"]]
    if not problems:
        return counts
    drawn = table("problems", "file", "line", "column", "ICCID", "what")
    rows(drawn, ((f, p["line"] or None, p["column"], p["iccid"], p["detail"]) for f, p in problems[:_MOST_DRAWN]))
    left_out = len(problems) - _MOST_DRAWN
    return Group(counts, drawn, cell(f"and {left_out} more: use --json")) if left_out > 0 else Group(counts, drawn)
