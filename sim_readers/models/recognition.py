"""Which model a card is: the ATR proposes, the card's own files decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim_readers.errors import Refused
from sim_readers.models.profile import CardModel, Probe
from sim_readers.session import CardSession


class UnknownCard(Exception):
    """No model fits; the text says what was tried."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A card's model, and what spoke for it; ``doubts`` are models its ATR promised and its files did not keep."""

    model: CardModel
    evidence: str
    doubts: tuple[str, ...] = ()


def recognise(session: CardSession, models: Iterable[CardModel]) -> Recognised:
    """Find the model of a card. Raises UnknownCard, CardGone."""
    atr = session.connection.atr.hex().upper()
    of_generation = [model for model in models if model.generation is session.generation]
    named = [model for model in of_generation if atr in model.atrs]
    doubts: list[str] = []
    for model in named:
        failed = _failed_probe(session, model)
        if failed is None:
            return Recognised(model, f"its ATR{_and_probes(model)}")
        doubts.append(f"its ATR is that of {model.title}, but {failed}")
    if not atr:  # a modem does not tell: only what no other card has can speak for a model
        for model in (m for m in of_generation if m.probes):
            if _failed_probe(session, model) is None:
                return Recognised(model, f"{_and_probes(model).removeprefix(' and ')}; no ATR was to be had")
    for model in (m for m in of_generation if not m.atrs):
        if _failed_probe(session, model) is None:
            return Recognised(model, f"it speaks as every {session.generation.value} does", tuple(doubts))
    tried = "; ".join(doubts) or f"ATR {atr or 'none'}, {session.generation.value}"
    raise UnknownCard(f"no card profile fits ({tried}): write one into card_profiles/ for this model")


def _and_probes(model: CardModel) -> str:
    paths = ", ".join(str(probe.path) for probe in model.probes)
    return f" and its files {paths}" if paths else ""


def _failed_probe(session: CardSession, model: CardModel) -> str | None:
    return next((why for probe in model.probes if (why := _failed(session, probe)) is not None), None)


def _failed(session: CardSession, probe: Probe) -> str | None:
    try:
        found = session.look(probe.path)
    except Refused:
        return f"it has no file {probe.path}"
    if probe.size is not None and found.size != probe.size:
        return f"its file {probe.path} has {found.size} bytes, not {probe.size}"
    return None
