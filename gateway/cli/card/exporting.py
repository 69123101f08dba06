"""``linegate card export``: cards as others' tools take them, in a file for its owner alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import assert_never
from urllib.parse import quote

from gateway.cli.card.codes import HandedOver
from gateway.cli.card.disclosure import Reason, keys_told
from gateway.cli.card.export_options import Batch, Export, Format
from gateway.cli.card.private_files import refuse_overwriting, write_private
from gateway.cli.card.scripting import script_of
from gateway.cli.card.sources import read_cards
from gateway.cli.card.station import open_station
from gateway.cli.card.troubles import explained
from gateway.cli.failure import Failure, Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import facts, show
from gateway.stock.hlr_batch import BatchRefused, TransportKey, write_batch
from gateway.stock.vendor_cards import vendor_sim
from gateway.stock.vendor_out import BatchHeader, CannotWrite, write_input, write_output
from sim_readers.card_data import CardData
from sim_readers.errors import WrongValue
from sim_readers.pysim.csv_rows import PROG_COLUMNS, PROVIDER_COLUMNS, CsvCard, write_cards
from sim_readers.secret import Secret
from sim_readers.transport_key import TransportAlgorithm, check_value


@dataclass(frozen=True, slots=True)
class _Written:
    """A file's text, and what may be told of it."""

    text: str
    told: Json = field(default_factory=dict)


def export(asked: Export, *, as_json: bool) -> None:
    """Write the file and print what is in it, no secret. Raises Failure."""
    refuse_overwriting(asked.output, force=asked.force)
    with explained():
        key = _transport_key(asked) if asked.format is Format.HLR else None
        cards = _cards(asked)
        _check_imsis(asked, cards)
        written = _written(asked, cards, key)
    content = written.text.encode()
    write_private(asked.output, content, force=asked.force)
    digest = hashlib.sha256(content).hexdigest()
    told = {"file": str(asked.output), "format": asked.format.value, "cards": len(cards), **written.told}
    told |= {"bytes": len(content), "sha256": digest}
    show(told, as_json=as_json, drawn=lambda: facts(told, *told))


def _check_imsis(asked: Export, cards: Sequence[CardData]) -> None:
    """A pySim list may leave IMSIs out; nothing else may. Raises Refused."""
    lacking = [card.iccid for card in cards if not card.imsi]
    if lacking and asked.format is not Format.PYSIM_CSV:
        more = f" and {len(lacking) - 1} others" if len(lacking) > 1 else ""
        raise Refused(f"nothing was written: card {lacking[0]}{more} has no IMSI; add it first")


def _cards(asked: Export) -> list[CardData]:
    """Find the cards. Raises WrongUse, Refused, NotReached."""
    if asked.cards is None and not asked.iccids:
        raise WrongUse("name cards: their numbers, or a file with --cards")
    if asked.cards is None:
        return _from_vault(asked)
    listed = read_cards(asked.cards)
    strangers = [iccid for iccid in asked.iccids if iccid not in listed.cards]
    if strangers:
        raise WrongUse(f"not in {listed.name}: {', '.join(strangers)}")
    return [listed.cards[iccid] for iccid in asked.iccids] or list(listed.cards.values())


def _from_vault(asked: Export) -> list[CardData]:
    if asked.format in (Format.VENDOR_IN, Format.PYSIM_SCRIPT):
        with GatewayClient(Address.from_environment()) as client:
            return [_numbers(client, iccid) for iccid in asked.iccids]
    if asked.why is None:
        raise WrongUse("the gateway tells keys only with --why, which its audit keeps")
    reason, station = Reason(asked.why, asked.approved_by), open_station(asked.station).name
    with_adm = asked.format in (Format.PYSIM_CSV, Format.VENDOR_OUT)
    with GatewayClient(Address.from_environment()) as client:
        return [keys_told(client, iccid, reason, station, without_adm=not with_adm).card for iccid in asked.iccids]


def _numbers(client: GatewayClient, iccid: str) -> CardData:
    """Ask for a card's numbers, which are no secret. Raises Refused, WrongUse, NotReached."""
    told = client.get(f"/v1/sims/{quote(iccid, safe='')}")
    return CardData(str(told["iccid"]), str(told["imsi"]))


def _written(asked: Export, cards: Sequence[CardData], key: TransportKey | None) -> _Written:
    """Write the text. Raises Failure."""
    try:
        match asked.format:
            case Format.PYSIM_CSV:
                columns = PROVIDER_COLUMNS if asked.provider else PROG_COLUMNS
                return _Written(write_cards([CsvCard(card) for card in cards], columns))
            case Format.VENDOR_OUT:
                return _Written(write_output(_header(asked.batch), [vendor_sim(card) for card in cards]))
            case Format.VENDOR_IN:
                first = vendor_sim(cards[0])
                return _Written(write_input(_header(asked.batch), len(cards), first.iccid, first.imsi))
            case Format.HLR:
                return _hlr(cards, key)
            case Format.PYSIM_SCRIPT:
                return _Written(*script_of(asked, cards))
            case _:
                assert_never(asked.format)
    except (CannotWrite, BatchRefused, WrongValue, ValueError) as wrong:
        raise Refused(f"nothing was written: {wrong}") from None


def _header(batch: Batch) -> BatchHeader:
    today = f"{datetime.now(UTC):%Y%m%d}01"
    return BatchHeader(batch.customer, batch.profile_type, today, batch.number or today)


def _hlr(cards: Sequence[CardData], key: TransportKey | None) -> _Written:
    if key is None:
        raise Failure("the transport key is missing")
    kcv = check_value(key.k4, key.algorithm, key.kcv_block)
    return _Written(
        write_batch(cards, key, with_opc=key.op_index is None),
        {"algorithm": key.algorithm.value, "k4_index": key.k4_index, "kcv": kcv},
    )


def _transport_key(asked: Export) -> TransportKey:
    """Take K4. Raises WrongUse."""
    if asked.k4_index is None:
        raise WrongUse("--k4-index is needed: the number the AuC keeps K4 under")
    handed = HandedOver("k4", prompt=asked.k4_fd is None, descriptor=asked.k4_fd)
    k4 = handed.take("K4", Secret.from_hex)
    algorithm = TransportAlgorithm(asked.algorithm)
    try:
        block = None if asked.kcv_block is None else bytes.fromhex(asked.kcv_block)
        check_value(k4, algorithm, block)
    except ValueError as wrong:
        raise WrongUse(f"K4 or --kcv-block: {wrong}") from None
    return TransportKey(k4, algorithm, asked.k4_index, asked.op_index, block)
