"""One conversation seen from the client's side: login, order, complaints, idleness, and every kind of misfortune."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from drivers import commands as c
from drivers.commands import Done, Refused, Reply, Why
from drivers.errors import Garbled, StreamClosed
from drivers.subscription import Iccid, Imsi, Msisdn, OutgoingBar
from hlr_sim.faults import Fault, Kind
from hlr_sim.subscribers import OdbOutgoing

if TYPE_CHECKING:
    from tests.hlr_sim.conftest import Bench, Peer

ANNA = Imsi("208010000000001")
BAR = c.Provide(ANNA, OutgoingBar.ALL)
READ_KEYS = c.ReadKeys(ANNA)
SHORT_S = 0.1


def why(reply: Reply) -> Why | None:
    return reply.why if isinstance(reply, Refused) else None


def is_barred(bench: Bench) -> bool:
    held = bench.hlr.store.find(ANNA)
    return held is not None and held.odb_outgoing is OdbOutgoing.BAOC


async def test_a_right_login_is_done_and_a_wrong_one_told_1013(bench: Bench) -> None:
    peer = bench.connect()
    wrong = await peer.log_in("something-else")
    assert isinstance(wrong, Refused)
    assert (wrong.why, wrong.code) == (Why.FORBIDDEN, "1013")
    assert isinstance(await peer.log_in(), Done)


async def test_a_failed_login_ends_an_earlier_one(peer: Peer) -> None:
    await peer.log_in("something-else")
    assert why(await peer.ask(READ_KEYS)) is Why.SESSION


async def test_before_login_nothing_is_carried_out(bench: Bench, anna: Imsi) -> None:
    peer = bench.connect()
    assert why(await peer.ask(c.Provide(anna, OutgoingBar.ALL))) is Why.SESSION
    assert why(await peer.ask(c.KeepAlive())) is Why.SESSION
    assert not is_barred(bench)


async def test_each_conversation_logs_in_for_itself(bench: Bench, peer: Peer) -> None:
    assert peer.said
    assert why(await bench.connect().ask(READ_KEYS)) is Why.SESSION


async def test_answers_come_in_the_order_asked(peer: Peer) -> None:
    await peer.say(BAR)
    await peer.say(c.ReadSubscriber(ANNA))
    await peer.say(c.ReadSubscriber(Imsi("208010000000009")))
    done, held, missing = [await peer.hear() for _ in range(3)]
    assert isinstance(done, Done)
    assert isinstance(held, c.Held)
    assert held.subscription.outgoing is OutgoingBar.ALL
    assert why(missing) is Why.NOT_FOUND


async def test_a_whole_line_of_commands(peer: Peer) -> None:
    boris, keys = Imsi("208010000000002"), c.Credentials("0" * 32, "f" * 32)
    assert isinstance(await peer.ask(c.PutKeys(boris, Iccid("")), keys), Done)
    assert isinstance(await peer.ask(c.ReadKeys(boris)), c.KeysHeld)
    assert why(await peer.ask(c.CreateSubscriber(boris, Msisdn("+33612345678")))) is Why.CONFLICT
    assert isinstance(await peer.ask(c.ChangeImsi(ANNA, boris)), Done)
    assert isinstance(await peer.ask(c.RemoveKeys(ANNA, Iccid(""))), Done)
    assert isinstance(await peer.ask(c.CancelLocation(boris)), Done)
    assert isinstance(await peer.ask(c.RemoveSubscriber(boris)), Done)


async def test_a_senseless_command_is_complained_about_and_the_talk_goes_on(bench: Bench, peer: Peer) -> None:
    await peer.stream.send(b"FLY MOON:IMSI=1;")
    answer = await peer.stream.receive()
    assert b"RETCODE = 1001" in answer
    assert answer.count(b"RETCODE") == 1
    assert isinstance(await peer.ask(READ_KEYS), c.KeysHeld)
    assert ("?", "refused:invalid") in bench.outcomes()


async def test_lost_framing_ends_the_conversation(peer: Peer) -> None:
    await peer.stream.send(b"\xff;")
    with pytest.raises(StreamClosed):
        await peer.hear()


async def test_an_idle_session_is_told_so_on_its_next_command(bench: Bench, peer: Peer) -> None:
    bench.time.seconds += bench.server.element.spec.idle_logout_s + 1
    reply = await peer.ask(READ_KEYS)
    assert isinstance(reply, Refused)
    assert (reply.why, reply.code) == (Why.SESSION, "5004")
    assert isinstance(await peer.log_in(), Done)


async def test_every_command_keeps_a_session_awake(bench: Bench, peer: Peer) -> None:
    for _ in range(3):
        bench.time.seconds += bench.server.element.spec.idle_logout_s - 1
        assert isinstance(await peer.ask(c.KeepAlive()), Done)


async def test_an_abandoned_connection_gives_its_place_back(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(idle_logout_s=0.02)
    with pytest.raises(StreamClosed):
        await bench.connect().hear()
    assert bench.server.element.sessions == 0


async def test_one_session_too_many_is_closed(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(max_sessions=1)
    first = bench.connect()
    await first.log_in()
    with pytest.raises(StreamClosed):
        await bench.connect().hear()
    await first.stream.close()
    await asyncio.wait(bench.talks)
    assert isinstance(await bench.connect().log_in(), Done)


async def test_the_log_names_commands_and_outcomes_but_no_secret(bench: Bench, peer: Peer) -> None:
    secret = "0123456789abcdef" * 2
    await peer.ask(c.PutKeys(Imsi("208010000000002"), Iccid("")), c.Credentials(secret))
    await peer.ask(c.ReadSubscriber(Imsi("208010000000009")))
    entries = [entry.as_json() for entry in bench.server.element.log.since(1)]
    assert [(e["seq"], e["command"], e["imsi"], e["outcome"]) for e in entries] == [
        (2, "PutKeys", "208010000000002", "done"),
        (3, "ReadSubscriber", "208010000000009", "refused:not_found"),
    ]
    assert secret not in str(entries)


async def test_late(bench: Bench, peer: Peer) -> None:
    bench.faults.add(Fault("orange", Kind.LATE, delay_s=2 * SHORT_S))
    await peer.say(BAR)
    with pytest.raises(TimeoutError):
        await peer.hear(SHORT_S)
    assert is_barred(bench)
    assert isinstance(await peer.hear(), Done)


async def test_silent(bench: Bench, peer: Peer) -> None:
    bench.faults.add(Fault("orange", Kind.SILENT))
    await peer.say(BAR)
    with pytest.raises(TimeoutError):
        await peer.hear(SHORT_S)
    assert is_barred(bench)
    assert bench.outcomes()[-1] == ("Provide", "done")


async def test_lost(bench: Bench, peer: Peer) -> None:
    bench.faults.add(Fault("orange", Kind.LOST))
    await peer.say(BAR)
    with pytest.raises(TimeoutError):
        await peer.hear(SHORT_S)
    assert not is_barred(bench)
    assert bench.outcomes()[-1] == ("Provide", "nothing")


@pytest.mark.parametrize(("kind", "barred"), [(Kind.DROP_BEFORE, False), (Kind.DROP_AFTER, True)])
async def test_drop(bench: Bench, peer: Peer, kind: Kind, *, barred: bool) -> None:
    bench.faults.add(Fault("orange", kind, match="Provide"))
    await peer.say(READ_KEYS)
    await peer.say(BAR)
    assert isinstance(await peer.hear(), c.KeysHeld)  # asked before, so answered before
    with pytest.raises(StreamClosed):
        await peer.hear()
    assert is_barred(bench) is barred


async def test_half_line(bench: Bench, peer: Peer) -> None:
    bench.faults.add(Fault("orange", Kind.HALF_LINE))
    await peer.say(BAR)
    half = await peer.stream.receive()
    assert half.startswith(b"+++")
    assert b"---    END" not in half
    with pytest.raises(StreamClosed):
        await peer.stream.receive()
    assert is_barred(bench)


async def test_garbage(bench: Bench, peer: Peer) -> None:
    bench.faults.add(Fault("orange", Kind.GARBAGE))
    await peer.say(BAR)
    await peer.say(READ_KEYS)
    with pytest.raises(Garbled):
        await peer.hear()
    assert is_barred(bench)


async def test_duplicate(bench: Bench, peer: Peer) -> None:
    bench.faults.add(Fault("orange", Kind.DUPLICATE))
    await peer.say(BAR)
    with pytest.raises(Garbled):  # the second answer belongs to nothing
        await peer.hear()
    assert is_barred(bench)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault("orange", Kind.BUSY), Why.BUSY),
        (Fault("orange", Kind.REFUSE), Why.OTHER),
        (Fault("orange", Kind.REFUSE, why=Why.CONFLICT), Why.CONFLICT),
    ],
)
async def test_a_scripted_refusal_carries_nothing_out(bench: Bench, peer: Peer, fault: Fault, told: Why) -> None:
    bench.faults.add(fault)
    assert why(await peer.ask(BAR)) is told
    assert not is_barred(bench)
    assert isinstance(await peer.ask(BAR), Done)


async def test_session_timeout(bench: Bench, peer: Peer) -> None:
    bench.faults.add(Fault("orange", Kind.SESSION_TIMEOUT))
    assert [why(await peer.ask(BAR)) for _ in range(2)] == [Why.SESSION] * 2
    assert not is_barred(bench)
    await peer.log_in()
    assert isinstance(await peer.ask(BAR), Done)


async def test_refuse_connect(bench: Bench) -> None:
    bench.faults.add(Fault("orange", Kind.REFUSE_CONNECT))
    with pytest.raises(StreamClosed):
        await bench.connect().hear()
    assert isinstance(await bench.connect().log_in(), Done)


async def test_freeze_stops_every_session_and_then_does_everything(bench: Bench, peer: Peer) -> None:
    neighbour = bench.connect()
    await neighbour.log_in()
    bench.faults.add(Fault("orange", Kind.FREEZE, delay_s=3 * SHORT_S))
    await peer.say(BAR)
    await neighbour.say(READ_KEYS)
    for silent in (peer, neighbour):
        with pytest.raises(TimeoutError):
            await silent.hear(SHORT_S)
    assert not is_barred(bench)
    assert isinstance(await peer.hear(), Done)
    assert isinstance(await neighbour.hear(), c.KeysHeld)
    assert is_barred(bench)


async def test_a_cleared_freeze_thaws_at_once(bench: Bench, peer: Peer) -> None:
    bench.faults.add(Fault("orange", Kind.FREEZE, delay_s=60))
    await peer.say(BAR)
    with pytest.raises(TimeoutError):
        await peer.hear(SHORT_S)
    bench.server.element.thaw()
    assert isinstance(await peer.hear(), Done)


async def test_a_disk_that_fails_is_a_refusal(bench: Bench, peer: Peer) -> None:
    bench.hlr.store.close()
    assert why(await peer.ask(BAR)) is Why.OTHER
    assert not is_barred(bench)
