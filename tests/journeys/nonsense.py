"""Orders that must be refused: each says something no contract allows, and nothing may change for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.journeys.agreement import SWAP_REASONS, AgreedLine, Json
from tests.journeys.agreement_sheets import LOSS, REASONS, SHEETS
from tests.journeys.cards import Card

if TYPE_CHECKING:
    from tests.journeys.story import Story

Words = tuple[str, Json, Json]
_ORDINARY: tuple[tuple[str, Json], ...] = (
    ("change_options", {"add": ["data"], "remove": []}),
    ("change_plan", {"plan": "metered"}),
    ("change_bars", {"add": ["no_data"], "remove": []}),
    ("top_up", {"volume": "5 GB"}),
    ("bar_outgoing", {"reason": "unpaid"}),
    ("suspend", {"reason": "fraud"}),
    ("report_lost", {"reason": "stolen"}),
    ("reactivate", {}),
    ("terminate", {}),
)


class Nonsense:
    """Draws from everything that is senseless as the story stands."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._rng = story.rng

    def speak(self) -> Words:
        """Word one order."""
        line = self._rng.choice(self._story.live())
        jests: list[Callable[[AgreedLine], Words | None]] = [
            self._lift_nothing,
            self._swap_to_unusable,
            self._activate_unusable,
            self._ended_line,
            self._unknown_line,
            self._unknown_word,
            self._replaced_sim,
            self._number_of_another,
            self._senseless_bars,
            self._senseless_top_up,
            self._plan_changed_again,
        ]
        self._rng.shuffle(jests)
        return next(words for jest in jests if (words := jest(line)) is not None)

    def _ordinary(self, reference: Json) -> Words:
        action, details = self._rng.choice(_ORDINARY)
        return action, reference, dict(details)

    def _lift_nothing(self, line: AgreedLine) -> Words | None:
        if not line.liftable() and self._rng.random() < 0.7:
            return "reactivate", self._story.ref(line), {}
        held = {reason for _, reason in line.holds}
        reason = self._rng.choice([r for r in (*REASONS, *LOSS) if r not in held])
        return "reactivate", self._story.ref(line), {"reason": reason}

    def _unknown_card(self) -> Card:
        return self._story.stock.unknown_card(self._rng.choice(list(self._story.sheet.hosts)))

    def _unusable_iccid(self) -> str:
        serving_or_ended = [line.iccid for line in self._story.lines]
        unusable = [*serving_or_ended, *(iccid for _, iccid in self._story.replaced)]
        unusable += [self._unknown_card().iccid]
        return self._rng.choice(unusable)

    def _swap_to_unusable(self, line: AgreedLine) -> Words:
        details = {"new_iccid": self._unusable_iccid(), "reason": self._rng.choice(SWAP_REASONS)}
        return "swap_sim", self._story.ref(line), details

    def _activate_unusable(self, line: AgreedLine) -> Words:
        card = self._story.fresh_card()
        fresh_number = self._story.number()
        match self._rng.randrange(5):
            case 0:
                return self._story.activation(line.msisdn, card)
            case 1:
                return self._story.activation(fresh_number, card, iccid=self._unusable_iccid())
            case 2:
                return self._story.activation(fresh_number, card, options=["data", "teleport"])
            case 3:
                return self._story.activation(fresh_number, card, plan="limitless")
            case _:
                others = [host for sheet in SHEETS.values() for host in sheet.hosts if host != card.host]
                return self._story.activation(fresh_number, card, host=self._rng.choice(others))

    def _ended_line(self, _line: AgreedLine) -> Words | None:
        ended = [line for line in self._story.lines if line.terminated]
        if not ended:
            return None
        line = self._rng.choice(ended)
        names = ["imsi", "iccid"] + (["msisdn"] if line.msisdn in self._story.freed else [])
        name = self._rng.choice(names)
        return self._ordinary({name: getattr(line, name)})

    def _unknown_line(self, _line: AgreedLine) -> Words:
        card = self._unknown_card()
        unknown: Json = {"msisdn": self._story.number(), "imsi": card.imsi, "iccid": card.iccid}
        name = self._rng.choice(list(unknown))
        return self._ordinary({name: unknown[name]})

    def _unknown_word(self, line: AgreedLine) -> Words:
        senseless: tuple[tuple[str, Json], ...] = (
            ("change_options", {"add": ["teleport"], "remove": []}),
            ("change_options", {"add": [], "remove": ["teleport"]}),
            ("change_plan", {"plan": "limitless"}),
            ("bar_outgoing", {"reason": "boredom"}),
            ("bar_outgoing", {"reason": "lost"}),
            ("bar_outgoing", {"reason": "unpaid", "colour": "red"}),
            ("report_lost", {"reason": "malfunction"}),
            ("swap_sim", {"new_iccid": self._story.fresh_card(line.host).iccid, "reason": "fashion"}),
            ("suspend", {}),
            ("explode", {}),
        )
        action, details = self._rng.choice(senseless)
        return action, self._story.ref(line), details

    def _replaced_sim(self, _line: AgreedLine) -> Words | None:
        if not self._story.replaced:
            return None
        imsi, iccid = self._rng.choice(self._story.replaced)
        return self._ordinary({"imsi": imsi} if self._rng.random() < 0.5 else {"iccid": iccid})

    def _number_of_another(self, line: AgreedLine) -> Words:
        # another line, not waited for, may have given its number up by the time this order has its turn
        taken = [line] if self._story.hasty else self._story.live()
        numbers = [*(other.msisdn for other in taken), "+33145678901"]
        return "change_number", self._story.ref(line), {"new_msisdn": self._rng.choice(numbers)}

    def _senseless_bars(self, line: AgreedLine) -> Words | None:
        if not line.sheet.bars:
            return None
        bar = self._rng.choice(line.sheet.bars)
        details: Json = self._rng.choice(
            (
                {"add": [], "remove": []},
                {"add": [bar], "remove": [bar]},
                {"add": ["no_fun"], "remove": []},
                {"add": bar},
                {"add": [bar], "until": "tomorrow"},
            )
        )
        return "change_bars", self._story.ref(line), details

    def _senseless_top_up(self, line: AgreedLine) -> Words | None:
        if "no_topup" in line.bars:
            return "top_up", self._story.ref(line), {"volume": "5 GB"}
        if not line.sheet.tops_up:
            return None
        details: Json = self._rng.choice(
            ({}, {"volume": "5 GB", "amount": "10 EUR"}, {"amount": 0}, {"volume": "-1 GB"})
        )
        return "top_up", self._story.ref(line), details

    def _plan_changed_again(self, line: AgreedLine) -> Words | None:
        if not (line.sheet.one_plan_change and line.plan_changed):
            return None
        others = [plan for plan in line.sheet.plans if plan != line.plan]
        return "change_plan", self._story.ref(line), {"plan": self._rng.choice(others)}
