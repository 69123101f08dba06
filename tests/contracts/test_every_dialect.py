"""One suite over the open folder ``drivers/dialects/``: what every dialect promises, whatever it looks like."""

import itertools
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import commands as c
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import Facet, Imsi, Msisdn
from tests.contracts.trial import KEYS, PASSWORD, Round, Trial, is_meant, same
from tests.contracts.vocabulary import COMMANDS, FACETS, ICCID, creates_without_number, is_held

T = TypeVar("T")
IMSI = Imsi("208990000000001")
DAMAGE = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8)
FEW = settings(max_examples=15)  # each of these tries every cut of every example


def _sent(rounds: list[Round]) -> bytes:
    return b"".join(said.sent for round_ in rounds for said in round_)


def _received(round_: Round) -> bytes:
    return b"".join(said.received for said in round_)


def _answers(trial: Trial, rounds: list[Round], *cuts: int) -> list[tuple[int, c.Reply]]:
    """What a fresh client reads when each round's answers arrive cut at these places."""
    talk, answers = trial.talk(), list[tuple[int, c.Reply]]()
    for round_ in rounds:
        received = _received(round_)
        talk.say_again(round_)
        places = [0, *cuts, len(received)]
        answers += talk.reply(*(received[a:b] for a, b in itertools.pairwise(places)))
    return answers


@given(data=st.data())
def test_what_is_said_is_what_is_heard(trial: Trial, data: st.DataObject) -> None:
    command, talk = data.draw(trial.commands), trial.talk()
    (asked,) = talk.hear(talk.say(1, command).data)
    assert is_meant(asked.command, command)
    assert asked.keys == (KEYS if isinstance(command, c.PutKeys) else None)
    reply = data.draw(trial.replies(command))
    ((number, read),) = talk.reply(talk.answer(asked.number, reply))
    assert number == 1
    assert same(read, reply), f"{reply} was read as {read}"


@given(data=st.data())
def test_glued_commands_and_answers_come_apart_again(trial: Trial, data: st.DataObject) -> None:
    rounds = trial.dialogue(data)
    said = [one for round_ in rounds for one in round_]
    heard = trial.talk().hear(_sent(rounds))
    assert [h.command for h, one in zip(heard, said, strict=True) if not is_meant(h.command, one.command)] == []
    answers = _answers(trial, rounds)
    assert [number for number, _ in answers] == [one.number for one in said]
    pairs = [(read, one.reply) for (_, read), one in zip(answers, said, strict=True)]
    assert [pair for pair in pairs if not same(*pair)] == []


@FEW
@given(data=st.data())
def test_any_cut_in_two_changes_nothing(trial: Trial, data: st.DataObject) -> None:
    rounds = trial.dialogue(data)
    sent, whole = _sent(rounds), trial.talk().hear(_sent(rounds))
    for cut in range(len(sent) + 1):
        assert trial.talk().hear(sent[:cut], sent[cut:]) == whole
    answers = _answers(trial, rounds)
    for cut in range(max(len(_received(round_)) for round_ in rounds) + 1):
        assert _answers(trial, rounds, cut) == answers


@FEW
@given(data=st.data())
def test_byte_by_byte_changes_nothing(trial: Trial, data: st.DataObject) -> None:
    rounds = trial.dialogue(data)
    sent = _sent(rounds)
    assert trial.talk().hear(*(bytes([b]) for b in sent)) == trial.talk().hear(sent)
    every = range(max(len(_received(round_)) for round_ in rounds))
    assert _answers(trial, rounds, *every) == _answers(trial, rounds)


@FEW
@given(data=st.data())
def test_half_a_word_is_no_word(trial: Trial, data: st.DataObject) -> None:
    command, talk = data.draw(trial.commands), trial.talk()
    sent = talk.say(1, command).data
    received = talk.answer(talk.hear(sent)[0].number, data.draw(trial.replies(command)))
    whole = talk.reply(received)
    for cut in range(len(sent)):
        assert trial.talk().hear(sent[:cut]) == [] or not sent[cut:].strip(b"\r\n")
    for cut in range(len(received)):
        again = trial.talk()
        again.say(1, command)
        early = again.reply(received[:cut])
        assert (early, again.reply(received[cut:])) in [([], whole), (whole, [])]


@given(data=st.data())
def test_garbage_is_garbled_or_a_complaint_and_nothing_else(trial: Trial, data: st.DataObject) -> None:
    talk, noise = trial.talk(), data.draw(st.binary(max_size=400))
    for asked in _or_garbled(talk.hear, noise):
        assert talk.answer(asked.number, c.Refused(c.Why.INVALID, "", ""))
    talk.say(1, data.draw(trial.commands))
    assert len(_or_garbled(talk.reply, noise)) <= len(noise) // 16


@given(data=st.data(), damage=DAMAGE)
def test_damaged_bytes_are_read_or_garbled_and_nothing_else(
    trial: Trial, data: st.DataObject, damage: list[tuple[int, int]]
) -> None:
    rounds, peer, talk = trial.dialogue(data), trial.talk(), trial.talk()
    for asked in _or_garbled(peer.hear, _damaged(_sent(rounds), damage)):
        assert asked.command is not None or asked.complaint
        assert peer.answer(asked.number, c.Refused(c.Why.INVALID, "", ""))
    *sound, last = rounds
    for round_ in sound:
        talk.say_again(round_)
        assert talk.reply(_received(round_))
    talk.say_again(last)
    answered = _or_garbled(talk.reply, _damaged(_received(last), damage))
    assert len({number for number, _ in answered}) == len(answered)


def _or_garbled(feed: Callable[[bytes], list[T]], received: bytes) -> list[T]:
    try:
        return feed(received)
    except Garbled:
        return []


def _damaged(data: bytes, damage: list[tuple[int, int]]) -> bytes:
    damaged = bytearray(data)
    for place, value in damage:
        damaged[place % len(damaged)] = value
    return bytes(damaged)


@pytest.mark.parametrize("kind", FACETS, ids=lambda kind: kind.__name__)
def test_a_facet_is_held_or_refused_before_anything_is_said(trial: Trial, kind: type) -> None:
    seen = 0

    @given(facet=FACETS[kind])
    def judge(facet: Facet) -> None:
        nonlocal seen
        seen += 1
        talk, command = trial.talk(), c.Provide(IMSI, facet)
        if is_held(trial.module, facet):
            assert is_meant(talk.hear(talk.say(1, command).data)[0].command, command)
        else:
            with pytest.raises(NotSpoken):
                talk.say(1, command)

    judge()
    assert seen


@given(data=st.data())
def test_a_command_outside_its_abilities_is_not_spoken(trial: Trial, data: st.DataObject) -> None:
    speaks = trial.module.CAPABILITIES.commands
    for kind in trial.vocabulary:
        if kind not in speaks and kind is not c.Provide:
            with pytest.raises(NotSpoken, match=r"\w"):
                trial.talk().say(1, data.draw(COMMANDS[kind]))
    assert speaks <= set(trial.vocabulary)


def test_a_subscriber_is_created_with_a_number_or_gets_it_afterwards(trial: Trial) -> None:
    ways = [c.CreateSubscriber(IMSI, None), c.CreateSubscriber(IMSI, Msisdn("+33612345678"))]
    spoken = []
    for command in ways:
        try:
            spoken.append(trial.talk().say(1, command))
        except NotSpoken:
            continue
    can = trial.module.CAPABILITIES.commands
    assert len(spoken) == (c.CreateSubscriber in can)
    assert {c.AssignMsisdn, c.ReleaseMsisdn} <= can or not {c.AssignMsisdn, c.ReleaseMsisdn} & can
    if spoken:
        wanted = ways[0] if creates_without_number(trial.module) else ways[1]
        assert is_meant(trial.talk().hear(spoken[0].data)[0].command, wanted)


@given(data=st.data())
def test_secrets_are_never_shown(trial: Trial, data: st.DataObject) -> None:
    secrets = (KEYS.ki, KEYS.opc or KEYS.ki, PASSWORD)
    for command in (c.Login("gate", PASSWORD), c.PutKeys(IMSI, ICCID), data.draw(trial.commands)):
        if type(command) not in trial.module.CAPABILITIES.commands:
            continue
        frame = trial.talk().say(1, command)
        (asked,) = trial.talk().hear(frame.data)
        shown = f"{frame.masked} {frame!r} {asked!r} {command!r} {asked.command!r} {KEYS!r}"
        assert [secret for secret in secrets if secret in shown] == []
        assert frame.masked
