"""Literal dialogues, written from the protocols' own descriptions and not by our encoders: a second witness.

Each dialect has a file ``dialogues_<dialect>.py`` beside this one. It exports ``DIALOGUES`` (name of a ``.txt`` file to
what is said in it, as values) and ``PARTS`` (how its files are read); where needed ``OPTIONS`` (name of a file to the
dialect options it was spoken with) and ``OWN`` (a pattern of bytes no test can know, such as the element's clock).
"""

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import drivers.dialects
from drivers import commands as c
from drivers.dialect import Client, Server
from tests.contracts.trial import meant
from tests.transcripts.reading import Exchanges, Part

HERE = Path(__file__).parent
HEARD_ONLY = "# Heard only"
KEYS = c.Credentials("0" * 31 + "1", "0" * 31 + "2")
DIALECTS = drivers.dialects.names()
NOTHING = re.compile(rb"(?!)")


@dataclass(frozen=True)
class Dialogue:
    """One transcript: its parts as written, and what is said in it."""

    dialect: str
    text: str
    parts: list[Part]
    exchanges: Exchanges
    own: re.Pattern[bytes] = NOTHING
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def greeting(self) -> bytes:
        """What the element says before anything is asked."""
        return b"" if self.parts[0].sent else self.parts[0].received

    @property
    def turns(self) -> list[tuple[Part, tuple[c.Command, c.Reply]]]:
        """Each exchange as written and as meant."""
        return list(zip([part for part in self.parts if part.sent], self.exchanges, strict=True))

    def client(self) -> Client:
        return drivers.dialects.load(self.dialect).client(self.options)

    def server(self) -> Server:
        return drivers.dialects.load(self.dialect).server(self.options)


def _dialogues(dialect: str) -> dict[str, Dialogue]:
    """Everything told of one dialect; empty when nobody has written it down yet."""
    module_name = f"tests.transcripts.dialogues_{dialect}"
    if importlib.util.find_spec(module_name) is None:
        return {}
    told = importlib.import_module(module_name)
    texts = {name: (HERE / f"{name}.txt").read_text(encoding="utf-8") for name in told.DIALOGUES}
    own, options = getattr(told, "OWN", NOTHING), getattr(told, "OPTIONS", {})
    return {
        name: Dialogue(dialect, text, told.PARTS(text), told.DIALOGUES[name], own, options.get(name, {}))
        for name, text in texts.items()
    }


ALL = {name: dialogue for dialect in DIALECTS for name, dialogue in _dialogues(dialect).items()}


def _keys(command: c.Command) -> c.Credentials | None:
    return KEYS if isinstance(command, c.PutKeys) else None


def _dialect(name: str) -> str:
    """The dialect a transcript is named after: the longest name that fits."""
    return max((dialect for dialect in DIALECTS if name.startswith(f"{dialect}_")), key=len, default="")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_its_dialogues(dialect: str) -> None:
    told = [name for name, dialogue in ALL.items() if dialogue.dialect == dialect]
    assert told
    assert [name for name in told if _dialect(name) != dialect] == []


def test_every_transcript_is_read_by_a_test() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_we_say_and_understand_it_to_the_letter(name: str) -> None:
    dialogue = ALL[name]
    client = dialogue.client()
    assert client.feed(dialogue.greeting) == []
    for number, (part, (command, reply)) in enumerate(dialogue.turns, 1):
        assert client.encode(number, command, _keys(command)).data == part.sent
        assert client.feed(part.received) == [(number, reply)]


@pytest.mark.parametrize("name", [name for name, dialogue in ALL.items() if HEARD_ONLY not in dialogue.text])
def test_the_simulated_element_understands_and_says_it_to_the_letter(name: str) -> None:
    dialogue = ALL[name]
    server = dialogue.server()
    assert server.to_send() == dialogue.greeting
    for part, (command, reply) in dialogue.turns:
        (asked,) = server.feed(part.sent)
        assert (meant(asked.command), asked.keys) == (meant(command), _keys(command))
        answer = server.answer(asked.number, reply)
        assert dialogue.own.sub(b"", answer) == dialogue.own.sub(b"", part.received)
