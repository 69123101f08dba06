"""Every instance by the same rule: together they come to hold every shard once, and about as many each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.postgres.balance import OFFICE, PRESENCE, Holdings
from gateway.journal.shards import EVERY_SHARD, SHARDS


def settle(held: list[frozenset[int]]) -> list[frozenset[int]]:
    """Let instances act in turn until nobody does anything more."""
    for _ in range(2 * len(held) + 2):
        before = list(held)
        for n, mine in enumerate(held):
            others = frozenset().union(*(other for m, other in enumerate(held) if m != n))
            now = Holdings(len(held), mine, others)
            held[n] = (mine - now.surplus()) | frozenset(now.wanted()[: now.room()])
        if held == before:
            return held
    raise AssertionError("they never come to rest")


@given(st.integers(1, 70), st.data())
def test_wherever_they_begin_they_end_with_a_share_each(instances: int, data: st.DataObject) -> None:
    owners = data.draw(st.lists(st.integers(0, instances), min_size=SHARDS, max_size=SHARDS))
    begun = [frozenset(shard for shard, owner in enumerate(owners) if owner == n) for n in range(instances)]
    settled = settle(begun)
    assert frozenset().union(*settled) == EVERY_SHARD
    assert sum(map(len, settled)) == SHARDS
    assert max(map(len, settled)) <= -(-SHARDS // instances)


def test_the_locks_of_the_namespace_tell_who_holds_what() -> None:
    told = [(3, True), (4, False), (PRESENCE, True), (PRESENCE, False), (OFFICE, False)]
    held = Holdings.from_rows({"what": what, "own": own} for what, own in told)
    assert (held.instances, held.share, held.shards) == (2, 32, frozenset({3}))
    assert not held.office_is_free()
    assert held.room() == 31
    assert set(held.wanted()) == EVERY_SHARD - {3, 4}
    assert not held.surplus()
