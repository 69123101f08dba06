"""Everything one contract says to its customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.contract.line import Line
from gateway.texts.abroad import Roaming
from gateway.texts.template import Rendered, Template


@dataclass(frozen=True, slots=True)
class Questions:
    """What a phone may ask by SMS: words in lower case, each with the template that answers it.

    ``otherwise`` answers any other word, ``metered`` those of lines nothing limits; ``per_hour`` bounds the answers one
    line gets. ``numbers`` are where questions are sent to; none named: wherever the SMSC hears them.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    metered: str | None = None
    per_hour: int = 10
    numbers: frozenset[str] = frozenset()

    def answer_to(self, text: str) -> str | None:
        """Name the template that answers a message, by its first word; ``None``: nobody answers."""
        first = next(iter(text.split()), "").strip(".,;:!?\"'").casefold()
        return self.words.get(first, self.otherwise)


@dataclass(frozen=True, slots=True)
class Texts:
    """A contract's texts. ``confirm``: language, then action; ``names``: language, then the contract's word.

    The first of ``languages`` is used where a line's own is not among them.
    """

    confirm: Mapping[str, Mapping[str, str]]
    languages: tuple[str, ...] = ("fr", "en")
    templates: Mapping[str, Template] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roaming: Roaming = field(default_factory=Roaming)
    questions: Questions = field(default_factory=Questions)

    def spoken(self, language: str | None) -> str:
        """Return the language that will be used where this one is wished."""
        return language if language is not None and language in self.languages else self.languages[0]

    def confirmation(self, language: str, action: str, line: Line) -> str | None:
        """Return the text for a completed order; ``None`` when the contract sends none.

        ``<action>_<state>`` wins over ``<action>``: a line still barred after a reactivation is told so.
        """
        texts = self.confirm.get(self.spoken(language), {})
        text = texts.get(f"{action}_{line.state}", texts.get(action))
        return None if text is None else text.replace("{msisdn}", line.msisdn)

    def name(self, word: str, language: str) -> str:
        """Say one of the contract's words (a counter, a plan) as customers know it."""
        return self.names.get(self.spoken(language), {}).get(word, word)

    def render(self, name: str, language: str | None, values: Mapping[str, str]) -> Rendered | None:
        """Fill in a template; ``None`` when there is none of that name. Raises Unfilled.

        ``plan`` and ``counter`` may be given as the contract calls them: they are said as customers know them.
        """
        template = self.templates.get(name)
        if template is None:
            return None
        spoken = self.spoken(language)
        said = {key: self.name(values[key], spoken) for key in ("counter", "plan") if key in values}
        return template.render(spoken, {**values, **said})
