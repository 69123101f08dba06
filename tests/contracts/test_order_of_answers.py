"""Whatever comes twice, too late or in the wrong order: each command gets its own answer or none, never another's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import commands as c
from drivers.errors import Garbled
from tests.contracts.trial import Round, Talk, Trial, same


def _told(talk: Talk, pieces: list[bytes]) -> list[tuple[int, c.Reply]]:
    """What is read of the pieces until the conversation ends."""
    told: list[tuple[int, c.Reply]] = []
    for piece in pieces:
        try:
            told += talk.reply(piece)
        except Garbled:
            break
    return told


def _each_its_own(told: list[tuple[int, c.Reply]], said: Round) -> bool:
    replies = {one.number: one.reply for one in said}
    return all(same(reply, replies[number]) for number, reply in told)


@given(data=st.data())
def test_an_answer_nobody_asked_for_is_never_taken_for_one(trial: Trial, data: st.DataObject) -> None:
    rounds, stranger, later = trial.dialogue(data), trial.talk(), 1000
    said = [one for round_ in rounds for one in round_]
    stranger.say(later, said[0].command)
    numbers = [number for number, _ in _told(stranger, [one.received for one in said])]
    assert len(numbers) <= len(said)
    assert numbers.count(later) <= 1


@given(data=st.data())
def test_answers_twice_or_in_another_order_reach_nobody_else(trial: Trial, data: st.DataObject) -> None:
    rounds = trial.dialogue(data, min_size=2, unlike=True)
    for round_ in rounds:
        talk = trial.talk()
        talk.say_again(round_)
        order = data.draw(st.lists(st.sampled_from(round_), min_size=1, max_size=2 * len(round_)))
        assert _each_its_own(_told(talk, [one.received for one in order]), round_)


@given(data=st.data())
def test_an_answer_that_comes_twice_is_no_answer_to_the_next_command(trial: Trial, data: st.DataObject) -> None:
    """With several commands in flight it is told apart by its number or echo, with one by its having come at all."""
    one, other = [said for round_ in trial.dialogue(data, min_size=2, unlike=True) for said in round_][:2]
    talk = trial.talk()
    talk.say_again([one])
    assert [number for number, _ in talk.reply(one.received)] == [one.number]
    if trial.one_at_a_time:
        with pytest.raises(Garbled):
            talk.reply(one.received)
    else:
        talk.say_again([other])
        assert _each_its_own(_told(talk, [one.received, other.received]), [one, other])


@given(data=st.data())
def test_an_overdue_answer_is_not_taken_for_that_of_the_look_behind_it(trial: Trial, data: st.DataObject) -> None:
    said = [said for round_ in trial.dialogue(data, min_size=2, unlike=True) for said in round_][:2]
    talk = trial.talk()
    talk.say_again(said)
    assert _each_its_own(_told(talk, [one.received for one in said]), said)


@settings(max_examples=15)
@given(data=st.data())
def test_a_greeting_is_no_answer_whenever_it_comes(trial: Trial, data: st.DataObject) -> None:
    ((one, *_), *_) = trial.dialogue(data)
    greeting = trial.talk().greeting
    for cut in range(len(greeting) + 1):
        talk = trial.talk(greeted=False)
        assert talk.reply(greeting[:cut]) == []
        talk.say_again([one])
        ((number, reply),) = talk.reply(greeting[cut:], one.received)
        assert number == one.number
        assert same(reply, one.reply)
