"""The keys a card verifies, and their tries: PINs, their PUKs, and the administrative key (TS 102 221 §9.5)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from sim_readers.emulator.image import KeyImage
from sim_readers.emulator.memory import Memory
from sim_readers.emulator.refusals import No, Refusal
from sim_readers.secret import Secret

LENGTH = 8
_SHORTEST_PIN = 4


@dataclass(slots=True, eq=False)
class Key:
    """One key: what it was made with, its value and tries as they are, and whether it holds since the last reset."""

    made: KeyImage = field(repr=False)
    value: Secret
    puk: Secret
    tries: int
    puk_tries: int
    enabled: bool
    verified: bool = False

    @property
    def holds(self) -> bool:
        """Whether what it guards may be done: it is verified, or disabled."""
        return self.verified or not self.enabled


def key_of(made: KeyImage, value: Secret | None, puk: Secret | None) -> Key:
    """Make a key with the values given, or with the factory's."""
    return Key(
        made,
        Secret(padded(value or Secret.from_digits(made.value))),
        Secret(padded(puk or Secret.from_digits(made.puk))),
        made.tries,
        made.puk_tries,
        made.enabled,
    )


def padded(secret: Secret) -> bytes:
    """Return the eight bytes that are sent for a PIN, PUK or ADM (TS 102 221 §9.5.1, TS 51.011 §9.3)."""
    return secret.reveal().ljust(LENGTH, b"\xff")


class Keyring:
    """The keys of a card by name, and the rules of their use. Every method raises Refusal."""

    def __init__(self, keys: dict[str, Key], memory: Memory) -> None:
        self.by_name = keys
        self._memory = memory

    def holds(self, name: str) -> bool:
        """Tell whether a key is met, for access rules; a key the card has not, is not."""
        return name in self.by_name and self.by_name[name].holds

    def forget(self) -> None:
        """Reset: nothing is verified any more."""
        for key in self.by_name.values():
            key.verified = False

    def by_reference(self, reference: int) -> Key:
        """Return the key of a reference."""
        for key in self.by_name.values():
            if key.made.reference == reference:
                return key
        raise Refusal(No.NO_KEY)

    def verify(self, key: Key, value: bytes) -> None:
        """Compare; a wrong value costs a try, and takes back what an earlier right one gave."""
        self._usable(key)
        self._compare(key, value)
        key.verified = True

    def change(self, key: Key, old: bytes, new: bytes) -> None:
        """Replace the value of a PIN."""
        self._usable(key)
        if not key.made.puk_tries:
            raise Refusal(No.CONDITIONS)
        self._compare(key, old)
        key.verified = True
        key.value = _new_pin(new)
        self._memory.changed = True

    def enable(self, key: Key, value: bytes, *, enabled: bool) -> None:
        """Switch a PIN on or off."""
        if not key.made.can_disable:
            raise Refusal(No.CONDITIONS)
        if not key.tries:
            raise Refusal(No.BLOCKED)
        if key.enabled is enabled:
            raise Refusal(No.DISABLED)
        self._compare(key, value)
        key.enabled = enabled
        key.verified = enabled
        self._memory.changed = True

    def unblock(self, key: Key, puk: bytes, new: bytes) -> None:
        """Set a new value with the PUK; the PIN is then enabled and verified. Ten wrong PUKs end it for ever."""
        if not key.made.puk_tries:
            raise Refusal(No.NO_KEY)
        if not key.puk_tries:
            raise Refusal(No.BLOCKED)
        key.puk_tries -= 1
        self._memory.changed = True
        if not hmac.compare_digest(puk, key.puk.reveal()):
            raise Refusal(No.WRONG_KEY, key.puk_tries)
        key.puk_tries = key.made.puk_tries
        key.value = _new_pin(new)
        key.tries = key.made.tries
        key.enabled = key.verified = True

    def _usable(self, key: Key) -> None:
        if not key.tries:
            raise Refusal(No.BLOCKED)
        if not key.enabled:
            raise Refusal(No.DISABLED)

    def _compare(self, key: Key, value: bytes) -> None:
        """The try is taken before the comparison, as a card does that expects to be pulled out."""
        key.tries -= 1
        self._memory.changed = True
        if not hmac.compare_digest(value, key.value.reveal()):
            key.verified = False
            raise Refusal(No.WRONG_KEY, key.tries)
        key.tries = key.made.tries


def _new_pin(value: bytes) -> Secret:
    """A PIN is 4 to 8 digits, then FF (TS 102 221 §9.5.1)."""
    digits = value.rstrip(b"\xff")
    if len(value) != LENGTH or len(digits) < _SHORTEST_PIN or not digits.isdigit():
        raise Refusal(No.DATA)
    return Secret(value)
