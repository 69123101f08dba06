"""What the gateway tells of a card's secrets, to whom and why: it writes that down before it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from gateway.cli.asker import requested_by
from gateway.cli.failure import Refused, WrongUse
from gateway.cli.gateway_client import GatewayClient, Json
from gateway.stock.vendor import SECRETS
from gateway.stock.vendor_cards import card_data
from sim_readers.card_data import CardData

_CHANNEL = "card"
_SECOND_PERSON = "second-person-needed"


@dataclass(frozen=True, slots=True)
class Told:
    """A card's keys. ``adm1_ref`` is the gateway's name of the ADM1 among them, if there is one."""

    card: CardData
    adm1_ref: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why secrets are wanted, and who else agrees, if somebody must."""

    why: str
    approved_by: str | None = None

    def to_json(self) -> Json:
        """Write it for the gateway."""
        who = {"who": requested_by()["who"], "channel": _CHANNEL}
        other = {} if self.approved_by is None else {"approved_by": {"who": self.approved_by, "channel": _CHANNEL}}
        return {"requested_by": who, "why": self.why, **other}


def puks_told(client: GatewayClient, iccid: str, reason: Reason) -> Json:
    """Have a card's PUKs told: ``{iccid, puk1, puk2}``. Raises Refused, WrongUse, NotReached."""
    with _second_person_explained():
        return client.post(f"/v1/sims/{quote(iccid, safe='')}/puk", reason.to_json())


def keys_told(client: GatewayClient, iccid: str, reason: Reason, station: str, *, without_adm: bool) -> Told:
    """Have all of a card's keys told. Raises Refused, WrongUse, NotReached."""
    body = {**reason.to_json(), "station": station, **({"without_adm": True} if without_adm else {})}
    with _second_person_explained():
        told = client.post(f"/v1/sims/{quote(iccid, safe='')}/keys", body)
    reference = told.get("adm1_ref")
    return Told(told_card(told), None if reference is None else str(reference))


def told_card(told: Json) -> CardData:
    """Read a card as the gateway tells it. Raises Refused."""
    secrets = {name: str(told[name]) for name in SECRETS if told.get(name)}
    try:
        return card_data(str(told["iccid"]), str(told.get("imsi") or ""), secrets)
    except (KeyError, ValueError):
        raise Refused("the gateway's answer is not a card's keys: is LINEGATE_URL a gateway of this version?") from None


@contextmanager
def _second_person_explained() -> Iterator[None]:
    try:
        yield
    except WrongUse as wrong:
        if str((wrong.document or {}).get("type", "")).endswith(_SECOND_PERSON):
            text = "a second person must agree to this: name them with --approved-by, somebody else than you"
            raise Refused(text, wrong.document) from None
        raise
