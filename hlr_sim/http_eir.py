"""The simulator's REST page for handsets: is one blocked, and what does a phone get in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path, Query

from hlr_sim.eir.register import IMEI
from hlr_sim.network_side import ACCEPTED, Place, probe
from hlr_sim.simulation import Simulation

_SUBSCRIBED = ("caller_id", "diverted_to")  # of the subscription, let in or not

Answer = dict[str, object]
ImeiPath = Annotated[str, Path(pattern=f"^{IMEI.pattern}$")]
Imei = Annotated[str, Query(pattern=f"^{IMEI.pattern}$")]


def eir_routes(app: FastAPI, simulation: Simulation) -> None:
    """Add them all."""

    @app.get("/network/imei/{imei}")
    async def handset(imei: ImeiPath) -> Answer:
        return {"imei": imei, "blocked": simulation.is_blocked(imei)}


def in_handset(simulation: Simulation, answer: Answer, at: Place, imei: str | None) -> Answer:
    """Return what a phone gets in that handset: as told, or nothing if it is blocked.

    The handset is checked after the subscriber has been let in so far (TS 23.018 §5.2.1, Check_IMEI_VLR).
    """
    if imei is None or answer["attach"] != ACCEPTED or not simulation.is_blocked(imei):
        return answer
    nothing = probe(None, str(answer["imsi"]), at) | {"attach": "refused:equipment"}
    return nothing | {name: answer[name] for name in _SUBSCRIBED if name in answer}
