"""Which phones attached where, in order: what a roaming platform would tell an operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from hlr_sim.element import utc_now
from hlr_sim.network_side import Place

_KEPT = 100_000
_COUNTRY = {Place.HOME: "FR", Place.ABROAD: "ES"}  # where nobody says which


@dataclass(frozen=True, slots=True)
class Attach:
    """One phone was let in; ``country`` is ISO 3166-1 alpha-2, ``msisdn`` missing where the subscriber has none."""

    id: int
    imsi: str
    msisdn: str | None
    at: Place
    country: str
    time: str

    def as_json(self) -> dict[str, object]:
        """Write every field."""
        return asdict(self)


class Attaches:
    """The latest of them, numbered from 1 since the simulator started."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self._now = now
        self._entries: list[Attach] = []
        self.last = 0

    def note(self, imsi: str, msisdn: str | None, at: Place, country: str | None) -> None:
        """A phone was let in."""
        self.last += 1
        where = country or _COUNTRY[at]
        self._entries.append(Attach(self.last, imsi, msisdn, at, where, self._now().isoformat()))
        if len(self._entries) > _KEPT:
            del self._entries[0]

    def after(self, number: int, limit: int) -> list[Attach]:
        """Return what came after number ``number`` and is still kept, oldest first."""
        gone = self.last - len(self._entries)
        start = max(0, number - gone)
        return self._entries[start : start + limit]
