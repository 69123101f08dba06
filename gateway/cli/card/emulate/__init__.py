"""``linegate card emulate``: cards in software, for people, training and others' tools."""
