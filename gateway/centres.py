"""What ``elements.toml`` says of a short message centre besides what it says of every element: ``[….esme]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from drivers.dialects.smpp.matching import IdForm
from drivers.dialects.smpp.status import code_of
from drivers.dialects.smpp.text.carriage import Alphabet, Carriage, LongText
from drivers.errors import NotSpoken
from drivers.esme.config import Binding, CentreConfig, Tls
from drivers.retry import Pauses
from gateway.contract.table import Table

#: the ESME's own defaults; name, place and account are the element's
USUAL = CentreConfig(name="", host="", port=0, system_id="")
_STATUS = re.compile(r"0x[0-9a-fA-F]{2,8}")
_TAG = re.compile(r"0x[0-9a-fA-F]{4}")
_HEX = re.compile(r"([0-9a-fA-F]{2})*")
_MOST_WEIGHT = 1000


def read_centre(table: Table, transport: str, directory: Path) -> CentreConfig:
    """Check ``[….esme]``; mistakes are noted in it. Files are named from the configuration's own directory."""
    timers, speed = USUAL.timers, USUAL.speed
    return replace(
        USUAL,
        system_type=table.text("system_type", ""),
        address_range=table.text("address_range", ""),
        binding=Binding(table.choice("binding", Binding, USUAL.binding)),
        timers=replace(timers, inactivity_s=table.seconds("inactivity_s", timers.inactivity_s)),
        speed=replace(speed, throttle_pause_s=table.seconds("throttle_pause_s", speed.throttle_pause_s)),
        reconnect=_reconnect(table),
        refused_bind_pause_s=table.seconds("refused_bind_pause_s", USUAL.refused_bind_pause_s),
        tls=_tls(table, directory) if transport == "tls" else None,
        rank=table.number("rank", USUAL.rank, least=1),
        weight=table.number("weight", USUAL.weight, least=1, most=_MOST_WEIGHT),
        carriage=_carriage(table),
        message_ids=IdForm(table.choice("message_ids", IdForm, USUAL.message_ids)),
        vendor_tlvs=_vendor_tlvs(table),
        throttling=_statuses(table),
    )


def _reconnect(table: Table) -> Pauses:
    usual = USUAL.reconnect
    found = Pauses(
        table.seconds("reconnect_min_s", usual.min_s),
        table.seconds("reconnect_max_s", usual.max_s),
    )
    if found.min_s > found.max_s:
        table.wrong("reconnect_min_s", "must be no longer than reconnect_max_s")
    return found


def _carriage(table: Table) -> Carriage:
    usual = USUAL.carriage
    long_text = LongText(table.choice("long_text", LongText, usual.long_text))
    alphabet = Alphabet(table.choice("alphabet", Alphabet, usual.alphabet))
    try:
        return Carriage(long_text, alphabet, table.optional_text("national"))
    except NotSpoken as wrong:
        table.wrong("national", str(wrong))
        return usual


def _tls(table: Table, directory: Path) -> Tls:
    ca_file, certificate, key = (_file(table, name, directory) for name in ("ca_file", "certificate", "key"))
    if (certificate is None) != (key is None):
        table.wrong("certificate", "certificate and key belong together: name both files, or neither")
    return Tls(ca_file, table.optional_text("server_name"), certificate, key)


def _file(table: Table, key: str, directory: Path) -> str | None:
    named = table.optional_text(key)
    if named is None:
        return None
    path = directory / named
    if not path.is_file():
        table.wrong(key, f"there is no file {named} in the configuration's directory")
    return str(path)


def _statuses(table: Table) -> frozenset[str]:
    found = set[str]()
    for status in table.texts("throttling", tuple(sorted(USUAL.throttling))):
        if _STATUS.fullmatch(status):
            found.add(code_of(int(status, 16)))  # as refusals are told, else it would never be met
        else:
            table.wrong("throttling", f"{status!r} must be a command_status as 0x58")
    return frozenset(found)


def _vendor_tlvs(table: Table) -> Mapping[int, bytes]:
    tlvs = table.table("vendor_tlvs", optional=True)
    found: dict[int, bytes] = {}
    for tag in tlvs.names():
        value = tlvs.text(tag)
        if not _TAG.fullmatch(tag) or not _HEX.fullmatch(value):
            tlvs.wrong(tag, 'must be written as 0x1400 = "00ff": a tag, and its value in hexadecimal')
        else:
            found[int(tag, 16)] = bytes.fromhex(value)
    return found
