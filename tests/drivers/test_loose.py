"""An element's own answers, read as its operator has agreed to read them; the session works with what was read."""

import pytest

from drivers import commands as c
from drivers.commands import Command, Refused, Reply, Why
from drivers.dialects import mml_h
from drivers.element import Element
from drivers.errors import Unreachable
from drivers.loose import LooseClient, reread
from drivers.subscription import Imsi, Msisdn, Subscription
from tests.drivers.peer import LOGIN, Act, Peer
from tests.drivers.standing import door, element

IMSI = Imsi("208990000000001")
NUMBER = Msisdn("+33612345678")
EXISTS = Refused(Why.EXISTS, "3002", "ERR3002:Subscriber already defined")
GONE = Refused(Why.NOT_FOUND, "3001", "ERR3001:Subscriber not defined")
HELD = c.Held(Subscription(IMSI, NUMBER))


@pytest.mark.parametrize(
    ("readings", "reply", "read"),
    [
        ({}, EXISTS, EXISTS),
        ({"3001": "done"}, EXISTS, EXISTS),
        ({"3002": "done"}, EXISTS, c.Done("3002", EXISTS.text)),
        ({"3002": "already_so"}, EXISTS, c.AlreadySo("3002", EXISTS.text)),
        ({"3002": "not_found"}, EXISTS, Refused(Why.NOT_FOUND, "3002", EXISTS.text)),
        ({"3002": "busy"}, EXISTS, Refused(Why.BUSY, "3002", EXISTS.text)),
        ({"already there": "already_so"}, Refused(Why.OTHER, "", "already there"), c.AlreadySo("", "already there")),
        ({"already": "already_so"}, Refused(Why.OTHER, "", "already there"), Refused(Why.OTHER, "", "already there")),
        ({"1": "done", "text": "busy"}, Refused(Why.OTHER, "1", "text"), c.Done("1", "text")),  # the code is surer
    ],
)
def test_a_refusal_is_read_anew_by_its_code_or_its_whole_text(
    readings: dict[str, str], reply: Reply, read: Reply
) -> None:
    assert repr(reread(reply, readings)) == repr(read)


@pytest.mark.parametrize(
    "reply", [c.Done("0", "ok"), c.AlreadySo("0", "ok"), HELD, c.KeysHeld(), c.Listed((IMSI,)), c.Submitted("0")]
)
def test_a_success_is_never_made_a_failure(reply: Reply) -> None:
    assert reread(reply, {"0": "forbidden", "ok": "forbidden", "": "forbidden"}) is reply


def _peer(*replies: Act) -> Peer:
    """Say these after the login, the last one again and again."""
    left = list(replies)

    def script(command: Command) -> Act:
        if isinstance(command, c.Login):
            return c.Done()
        return left.pop(0) if len(left) > 1 else left[0]

    return Peer(script)


def _loosely(peer: Peer, readings: dict[str, str]) -> Element:
    return element(door(peer, client=lambda: LooseClient(mml_h.client({}), readings)))


async def test_a_change_that_was_made_before_counts_as_agreed() -> None:
    hlr = _loosely(_peer(EXISTS), {"3002": "already_so"})
    assert isinstance(await hlr.send(c.CreateSubscriber(IMSI, NUMBER)), c.AlreadySo)
    await hlr.close()


async def test_a_look_still_tells_that_nothing_is_there() -> None:
    hlr = _loosely(_peer(GONE), {"3001": "done"})
    assert isinstance(await hlr.send(c.RemoveSubscriber(IMSI)), c.Done)
    assert await hlr.read(IMSI) is None
    await hlr.close()


async def test_a_look_is_read_anew_where_the_code_means_another_refusal() -> None:
    hlr = _loosely(_peer(Refused(Why.FORBIDDEN, "1006", "ERR1006:no")), {"1006": "not_found"})
    assert await hlr.read(IMSI) is None
    await hlr.close()


async def test_a_refused_login_is_never_a_login() -> None:
    hlr = _loosely(Peer(lambda _: Refused(Why.FORBIDDEN, "1013", "ERR1013:wrong password")), {"1013": "done"})
    with pytest.raises(Unreachable, match="login was refused"):
        await hlr.send(c.RemoveSubscriber(IMSI))
    await hlr.close()


async def test_a_code_that_means_the_session_is_over_begins_a_new_one() -> None:
    """The session itself has to hear of it: it logs in again and says the command once more."""
    peer = _peer(Refused(Why.FORBIDDEN, "1006", "ERR1006:not logged in"), c.Done())
    hlr = _loosely(peer, {"1006": "session"})
    assert isinstance(await hlr.send(c.RemoveSubscriber(IMSI)), c.Done)
    assert peer.heard == [LOGIN, c.RemoveSubscriber(IMSI)] * 2
    await hlr.close()


async def test_what_was_asked_is_told_apart_on_one_line() -> None:
    """Looks and changes under way together, refused with the same code, are each read in their own way."""
    client = LooseClient(mml_h.client({}), {"3001": "done"})
    server = mml_h.server({})
    commands: list[Command] = [c.RemoveSubscriber(IMSI), c.ReadSubscriber(IMSI), c.RemoveSubscriber(IMSI)]
    frames = b"".join(client.encode(n, command).data for n, command in enumerate(commands, start=7))
    answers = b"".join(server.answer(asked.number, GONE) for asked in server.feed(frames))
    replies = client.feed(answers)
    assert [(number, type(reply)) for number, reply in replies] == [(7, c.Done), (8, Refused), (9, c.Done)]
    assert client.to_send() == b""
