"""Orders that must be refused: each says something no contract allows, and nothing may change for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.journeys.agreement import LOSS, REASONS, SWAP_REASONS, AgreedLine, Json
from tests.journeys.cards import IMSI_PREFIX

if TYPE_CHECKING:
    from tests.journeys.story import Story

Words = tuple[str, Json, Json]
_ORDINARY: tuple[tuple[str, Json], ...] = (
    ("change_options", {"add": ["data"], "remove": []}),
    ("change_plan", {"plan": "metered"}),
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

    def _unusable_iccid(self) -> str:
        serving_or_ended = [line.iccid for line in self._story.lines]
        unusable = [*serving_or_ended, *(iccid for _, iccid in self._story.replaced)]
        unusable += [self._story.stock.unknown_card("orange").iccid]
        return self._rng.choice(unusable)

    def _swap_to_unusable(self, line: AgreedLine) -> Words:
        details = {"new_iccid": self._unusable_iccid(), "reason": self._rng.choice(SWAP_REASONS)}
        return "swap_sim", self._story.ref(line), details

    def _activate_unusable(self, line: AgreedLine) -> Words:
        card = self._story.fresh_card()
        fresh_number = self._story.stock.number()
        match self._rng.randrange(5):
            case 0:
                return self._story.activation(line.msisdn, card)
            case 1:
                return self._story.activation(fresh_number, card, iccid=self._unusable_iccid(), host="orange")
            case 2:
                return self._story.activation(fresh_number, card, options=["data", "teleport"])
            case 3:
                return self._story.activation(fresh_number, card, plan="limitless")
            case _:
                other = next(host for host in IMSI_PREFIX if host != card.host)
                return self._story.activation(fresh_number, card, host=other)

    def _ended_line(self, _line: AgreedLine) -> Words | None:
        ended = [line for line in self._story.lines if line.terminated]
        if not ended:
            return None
        line = self._rng.choice(ended)
        names = ["imsi", "iccid"] + (["msisdn"] if line.msisdn in self._story.freed else [])
        name = self._rng.choice(names)
        return self._ordinary({name: getattr(line, name)})

    def _unknown_line(self, _line: AgreedLine) -> Words:
        card = self._story.stock.unknown_card("sfr")
        unknown: Json = {"msisdn": self._story.stock.number(), "imsi": card.imsi, "iccid": card.iccid}
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
