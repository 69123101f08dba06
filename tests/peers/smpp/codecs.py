"""Foreign SMPP codecs as functions: node-smpp's and Net::SMPP's, each in a process that turns one PDU a line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.peers.smpp.scripted import Event, command, environment

_TLV_NAMES = {0x001E: "receipted_message_id", 0x0427: "message_state", 0x0204: "user_message_reference"}
_TLV_TAGS = {name: tag for tag, name in _TLV_NAMES.items()}
_NODE_BYTES, _NODE_STRINGS = {"message_state": 1, "user_message_reference": 2}, {"receipted_message_id"}

Values = Mapping[str, Any]
"""A PDU in neutral words: its fields, ``sequence``, ``status``, ``tlvs`` by tag; octets of text are hexadecimal."""


class Codec:
    """One process; its own words for a PDU are turned into neutral ones by the two children."""

    script = ""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            command(self.script),
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def encode(self, name: str, values: Values) -> bytes:
        """Have the library write a PDU."""
        return bytes.fromhex(self._ask({"command": name, "fields": self._theirs(values)})["hex"])

    def decode(self, raw: bytes) -> tuple[str, dict[str, Any]]:
        """Have the library read a PDU."""
        said = self._ask({"hex": raw.hex()})
        return said["command"], self._neutral(said["fields"])

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=30)

    def _ask(self, asked: Event) -> Event:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"{self.script} has ended over {asked}"
        said: Event = json.loads(line)
        return said

    def _theirs(self, values: Values) -> dict[str, Any]:
        raise NotImplementedError

    def _neutral(self, fields: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError


class NodeCodec(Codec):
    """node-smpp; it writes and reads the text itself, so ``text`` and ``udh`` are used in place of the octets."""

    script = "codec.js"

    def _theirs(self, values: Values) -> dict[str, Any]:
        names = {"sequence": "sequence_number", "status": "command_status"}
        plain = ("tlvs", "text", "udh", "short_message")
        theirs = {names.get(name, name): value for name, value in values.items() if name not in plain}
        if "text" in values:
            theirs["short_message"] = {"message": values["text"]} | ({"udh": values["udh"]} if values["udh"] else {})
        for tag, octets in values.get("tlvs", {}).items():
            name = _TLV_NAMES[tag]
            theirs[name] = octets.rstrip(b"\0").decode() if name in _NODE_STRINGS else int.from_bytes(octets)
        return theirs

    def _neutral(self, fields: dict[str, Any]) -> dict[str, Any]:
        told = dict(fields)
        del told["command_length"], told["command_id"]
        neutral = {"sequence": told.pop("sequence_number"), "status": told.pop("command_status"), "tlvs": {}}
        if (message := told.pop("short_message", None)) is not None:
            udh = "".join(message.get("udh", []))
            neutral |= {"text": message["message"], "udh": f"{len(udh) // 2:02x}{udh}" if udh else ""}
        if told.get("validity_period"):  # it makes a moment of it
            told["validity_period"] = f"{datetime.fromisoformat(told['validity_period']):%y%m%d%H%M%S}000+"
        for name in _TLV_TAGS.keys() & told.keys():
            value = told.pop(name)
            octets = f"{value}\0".encode() if name in _NODE_STRINGS else int(value).to_bytes(_NODE_BYTES[name])
            neutral["tlvs"][_TLV_TAGS[name]] = octets
        return neutral | told


class PerlCodec(Codec):
    """Net::SMPP; it leaves the text's octets to its caller."""

    script = "codec.pl"

    def _theirs(self, values: Values) -> dict[str, Any]:
        theirs = {name: value for name, value in values.items() if name not in ("tlvs", "text", "udh", "sequence")}
        theirs |= {_TLV_NAMES[tag]: octets.hex() for tag, octets in values.get("tlvs", {}).items()}
        return theirs | {"seq": values["sequence"]}

    def _neutral(self, fields: dict[str, Any]) -> dict[str, Any]:
        told = dict(fields)
        neutral = {"sequence": told.pop("seq"), "status": told.pop("status")}
        neutral["tlvs"] = {_TLV_TAGS[name]: bytes.fromhex(told.pop(name)) for name in _TLV_TAGS.keys() & told.keys()}
        return neutral | told
