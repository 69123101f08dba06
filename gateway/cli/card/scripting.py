"""A job for one card as a script of pySim-shell: what would be written on a new card of a model, without its keys."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gateway.cli.card.export_options import Export
from gateway.cli.card.station import now
from gateway.cli.failure import Refused, WrongUse
from gateway.cli.gateway_client import Json
from gateway.settings import config_directory
from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.image import CardImage, read_image
from sim_readers.guard import Guard
from sim_readers.job.apply import Bench
from sim_readers.job.journal import CardJournal
from sim_readers.job.plan import Plan
from sim_readers.job.runner import Workshop
from sim_readers.job.wish import Job, read_job
from sim_readers.ledger import Ledger
from sim_readers.models.profile import read_models
from sim_readers.pysim.script import ScriptWrite, write_script
from sim_readers.readers.virtual import VirtualReader
from sim_readers.secret import Secret

_ICCID = "EF.ICCID"  # pySim-shell finds the ADM key by it, so it stays as it is


def script_of(asked: Export, cards: Sequence[CardData]) -> tuple[str, Json]:
    """Write the script and say what is in it. Raises WrongUse, Refused, WrongValue, ProfileError, OSError."""
    if asked.job is None:
        raise WrongUse("--job FILE is needed: what the card should hold")
    if len(cards) != 1:
        raise WrongUse("a script is for one card: name it by its ICCID")
    config = config_directory(asked.config)
    plan = _plan(read_job(asked.job), cards[0], read_image(image_file(config, asked.model)), config)
    wished = [one for one in plan.differences if one.name != _ICCID]
    text = write_script([ScriptWrite(one.path, one.record, one.after) for one in wished])
    return text, {"iccid": cards[0].iccid, "model": asked.model, "writes": len(wished), "keys": "not in a script"}


def image_file(config: Path, model: str) -> Path:
    """Find the image of a model by its name. Raises WrongUse."""
    folder = config / "card_images"
    file = folder / f"{Path(model).name}.toml"
    if not file.is_file():
        there = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise WrongUse(f"there is no card model {model!r}: there are {there}")
    return file


def _plan(job: Job, card: CardData, image: CardImage, config: Path) -> Plan:
    """Compare the job with a card that comes from its factory. Raises Refused when it cannot be written.

    Its keys matter to nothing in a script, so the card has made-up ones.
    """
    zeros = Secret(bytes(16))
    pin, adm = Secret.from_digits("0000"), Secret.from_digits("00000000")
    data = CardData(card.iccid, card.imsi, ki=zeros, opc=zeros, pin1=pin, adm1=adm)
    with tempfile.TemporaryDirectory() as nowhere:
        ledger = Ledger(Path(nowhere), now, "export")
        bench = Bench(job, Guard(ledger), CardJournal(Path(nowhere), now), secrets.token_bytes)
        workshop = Workshop(read_models(config / "card_profiles"), lambda _iccid: data, bench)
        result = workshop.plan(VirtualReader("export", blank(image, data)))
    if result.plan is None or result.plan.blockers:
        raise Refused("; ".join(result.plan.blockers if result.plan else result.reasons))
    return result.plan
