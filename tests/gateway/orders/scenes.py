"""One line's history for each action, and the order that follows it: what faults, refusals and stops are tried on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.orders.acceptance import Preview
from tests.gateway.cards import card
from tests.gateway.rig import Rig

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Scene:
    """What happened to the line, then what is ordered now."""

    action: str
    details: Said = field(default_factory=dict)
    before: tuple[tuple[str, Said], ...] = (("activate", {}),)


SCENES = {
    "activate": Scene("activate", {}, ()),
    "change_options": Scene("change_options", {"add": ["roaming"], "remove": ["data"]}),
    "bar_outgoing": Scene("bar_outgoing", {"reason": "unpaid"}),
    "suspend": Scene("suspend", {"reason": "unpaid"}),
    "report_lost": Scene("report_lost", {"reason": "lost"}),
    "reactivate": Scene("reactivate", {}, (("activate", {}), ("bar_outgoing", {"reason": "unpaid"}))),
    "swap_sim": Scene(
        "swap_sim", {"new_iccid": "another", "reason": "lost"}, (("activate", {}), ("report_lost", {"reason": "lost"}))
    ),
    "change_number": Scene("change_number", {"new_msisdn": "another"}),
    "terminate": Scene("terminate", {}, (("activate", {}), ("suspend", {"reason": "fraud"}))),
}


@dataclass
class Case:
    """A scene played with one line, up to the order under test."""

    scene: Scene
    number: str
    body: dict[str, Any]
    steps: list[str]

    def occasion(self, step: int) -> dict[str, Any]:
        """Name a step's command as faults do: its word, and how many of the same word go before it."""
        return {"match": self.steps[step], "after": self.steps[:step].count(self.steps[step])}

    async def imsi(self, rig: Rig) -> str:
        return next(str(row["imsi"]) for row in await rig.all_rows("lines") if row["msisdn"] == self.number)

    async def order(self, rig: Rig) -> str:
        return await rig.order(self.scene.action, **self.body)


async def play(rig: Rig, scene: Scene, nth: int = 0) -> Case:
    """Give the ``nth`` line its history, with two cards and two numbers of its own."""
    first, second = card(100 + 2 * nth), card(101 + 2 * nth)
    number, other = f"+336{20_000_000 + 2 * nth}", f"+336{20_000_001 + 2 * nth}"
    await rig.stock(first, second)

    def body(action: str, said: Said) -> dict[str, Any]:
        if action == "activate":
            said = {
                "contract": "technicophone",
                "plan": "unlimited",
                "options": ["data", "4g", "iphone"],
                "iccid": first.iccid,
            }
        named = {"new_iccid": second.iccid, "new_msisdn": other}
        return {"msisdn": number, **{k: named.get(k, v) for k, v in said.items()}}

    for action, said in scene.before:
        assert await rig.done(action, **body(action, said)) == "completed"
    wish = body(scene.action, scene.details)
    preview = await rig.gateway.engine.preview(rig.new(scene.action, **dict(wish)))
    assert isinstance(preview, Preview), preview
    return Case(
        scene, other if "new_msisdn" in wish else number, wish, [type(s.command).__name__ for s in preview.steps]
    )
