"""One suite over the open folder ``drivers/dialects/``: what every dialect promises, whatever it looks like."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import commands as c
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import Facet, Imsi
from tests.contracts.trial import FACETS, ICCID, KEYS, PASSWORD, Talk, Trial

T = TypeVar("T")
DAMAGE = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8)


def _whole_dialogue(
    trial: Trial, data: st.DataObject, talk: Talk
) -> tuple[list[tuple[c.Command, c.Reply]], bytes, bytes]:
    """Say a few commands and answer each; returns what was said and the bytes of both directions."""
    commands = data.draw(st.lists(trial.commands, min_size=1, max_size=4))
    replies = [data.draw(trial.replies(command)) for command in commands]
    sent = b"".join(talk.say(n, command).data for n, command in enumerate(commands, 1))
    received = b"".join(
        talk.server.answer(asked.number, reply) for asked, reply in zip(talk.hear(sent), replies, strict=True)
    )
    return list(zip(commands, replies, strict=True)), sent, received


@given(data=st.data())
def test_what_is_said_is_what_is_heard(trial: Trial, data: st.DataObject) -> None:
    command, talk = data.draw(trial.commands), trial.talk()
    (asked,) = talk.hear(talk.say(1, command).data)
    assert asked.command == trial.on_the_wire(command)
    assert asked.keys == (KEYS if isinstance(command, c.PutKeys) else None)
    reply = data.draw(trial.replies(command))
    ((number, read),) = talk.reply(talk.server.answer(asked.number, reply))
    assert number == 1
    assert trial.same(read, reply), f"{reply} was read as {read}"


@given(data=st.data())
def test_glued_commands_and_answers_come_apart_again(trial: Trial, data: st.DataObject) -> None:
    said, sent, received = _whole_dialogue(trial, data, talk := trial.talk())
    assert [asked.command for asked in trial.talk().hear(sent)] == [trial.on_the_wire(command) for command, _ in said]
    answers = talk.reply(received)
    assert [number for number, _ in answers] == list(range(1, len(said) + 1))
    assert [
        (read, reply) for (_, read), (_, reply) in zip(answers, said, strict=True) if not trial.same(read, reply)
    ] == []


@given(data=st.data())
def test_any_cut_in_two_changes_nothing(trial: Trial, data: st.DataObject) -> None:
    said, sent, received = _whole_dialogue(trial, data, talk := trial.talk())
    whole = trial.talk().hear(sent)
    for cut in range(len(sent) + 1):
        assert trial.talk().hear(sent[:cut], sent[cut:]) == whole
    answers = talk.reply(received)
    for cut in range(len(received) + 1):
        again = trial.talk()
        for n, (command, _) in enumerate(said, 1):
            again.say(n, command)
        assert again.reply(received[:cut], received[cut:]) == answers


@given(data=st.data())
def test_byte_by_byte_changes_nothing(trial: Trial, data: st.DataObject) -> None:
    _, sent, received = _whole_dialogue(trial, data, talk := trial.talk())
    assert trial.talk().hear(*(bytes([b]) for b in sent)) == trial.talk().hear(sent)
    assert len(talk.reply(*(bytes([b]) for b in received))) == len(trial.talk().hear(sent))


@given(data=st.data())
def test_half_a_word_is_no_word(trial: Trial, data: st.DataObject) -> None:
    command, talk = data.draw(trial.commands), trial.talk()
    sent = talk.say(1, command).data
    received = talk.server.answer(talk.hear(sent)[0].number, data.draw(trial.replies(command)))
    for cut in range(len(sent)):
        assert trial.talk().hear(sent[:cut]) == [] or not sent[cut:].strip(b"\r\n")
    for cut in range(len(received)):
        again = trial.talk()
        again.say(1, command)
        assert again.reply(received[:cut]) == [] or not received[cut:].strip(b"\r\n")


@given(data=st.data())
def test_garbage_is_garbled_or_a_complaint_and_nothing_else(trial: Trial, data: st.DataObject) -> None:
    talk, noise = trial.talk(), data.draw(st.binary(max_size=400))
    for asked in _or_garbled(talk.hear, noise):
        assert talk.server.answer(asked.number, c.Refused(c.Why.INVALID, "", ""))
    talk.say(1, data.draw(trial.commands))
    assert len(_or_garbled(talk.reply, noise)) <= len(noise) // 16


@given(data=st.data(), damage=DAMAGE)
def test_damaged_bytes_are_read_or_garbled_and_nothing_else(
    trial: Trial, data: st.DataObject, damage: list[tuple[int, int]]
) -> None:
    _, sent, received = _whole_dialogue(trial, data, talk := trial.talk())
    peer = trial.talk()
    for asked in _or_garbled(peer.hear, _damaged(sent, damage)):
        assert asked.command is not None or asked.complaint
        assert peer.server.answer(asked.number, c.Refused(c.Why.INVALID, "", ""))
    answered = _or_garbled(talk.reply, _damaged(received, damage))
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


@given(data=st.data())
def test_an_answer_nobody_asked_for_is_never_taken_for_one(trial: Trial, data: st.DataObject) -> None:
    said, _, received = _whole_dialogue(trial, data, trial.talk())
    later = 1000
    stranger = trial.talk()
    stranger.say(later, said[0][0])
    numbers = [n for n, _ in _or_garbled(stranger.reply, received)]
    assert len(numbers) <= len(said)
    assert numbers.count(later) <= 1


@pytest.mark.parametrize("kind", FACETS, ids=lambda kind: kind.__name__)
def test_a_facet_is_held_or_refused_before_anything_is_said(trial: Trial, kind: type) -> None:
    seen = 0

    @given(facet=FACETS[kind])
    def judge(facet: Facet) -> None:
        nonlocal seen
        seen += 1
        talk, command = trial.talk(), c.Provide(Imsi("208990000000001"), facet)
        if kind in trial.module.CAPABILITIES.facets:
            assert talk.hear(talk.say(1, command).data)[0].command == command
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
                trial.talk().say(1, data.draw(trial.strategies[kind]))
    assert speaks <= set(trial.vocabulary)


@given(data=st.data())
def test_secrets_are_never_shown(trial: Trial, data: st.DataObject) -> None:
    talk = trial.talk()
    secrets = (KEYS.ki, KEYS.opc or KEYS.ki, PASSWORD)
    for command in (c.Login("gate", PASSWORD), c.PutKeys(Imsi("208990000000001"), ICCID), data.draw(trial.commands)):
        if type(command) not in trial.module.CAPABILITIES.commands:
            continue
        frame = talk.say(1, command)
        (asked,) = trial.talk().hear(frame.data)
        shown = f"{frame.masked} {frame!r} {asked!r} {command!r} {asked.command!r} {KEYS!r}"
        assert [secret for secret in secrets if secret in shown] == []
        assert frame.masked
