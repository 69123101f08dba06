"""Which network is simulated, and how configured elements are led to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers import dialects
from gateway.cli.doors import led
from gateway.cli.failure import WrongUse
from gateway.cli.scenarios import elements_in, scenario_file
from gateway.elements import ElementConfig
from gateway.settings import packaged_directory, read_settings
from tests.cli.conftest import Linegate

WORDS = {name: f"FAKE-{name}" for name in ("orange", "sfr", "smsc", "backup", "second")}


@pytest.fixture
def elements(tmp_path: Path) -> dict[str, ElementConfig]:
    shipped = read_settings(packaged_directory(), tmp_path).topology.elements
    return {name: shipped[name] for name in ("orange", "sfr", "smsc")}


def door(dialect: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"dialect": dialect, "transport": "tcp", "host": "127.0.0.1", "port": 4711, "user": "linegate"} | more


def doors(**changed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"orange": door("mml_h"), "sfr": door("mml_h"), "smsc": door("smpp")} | changed


def reached(elements: dict[str, ElementConfig], **changed: dict[str, Any]) -> ElementConfig:
    return led(elements, doors(**changed), WORDS, WORDS)["orange"]


def test_the_same_dialect_keeps_what_was_configured_for_it(elements: dict[str, ElementConfig]) -> None:
    before = elements["orange"] = replace(elements["orange"], readings={"3999": "busy"}, cannot=("SpeedCap",))
    after = reached(elements)
    kept = ("dialect", "dialect_options", "limits", "sessions", "manners", "readings", "cannot", "role")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (after.transport, after.host, after.port, after.known_hosts) == ("tcp", "127.0.0.1", 4711, "")
    assert after.password == after.ssh_password == WORDS["orange"]


def test_an_ssh_door_shows_its_key(elements: dict[str, ElementConfig]) -> None:
    after = reached(elements, orange=door("mml_h", transport="ssh", host_key="ssh-ed25519 AAAA"))
    assert (after.transport, after.ssh_user) == ("ssh", "linegate")
    assert after.known_hosts == "[127.0.0.1]:4711 ssh-ed25519 AAAA\n"


def test_another_dialect_is_spoken_as_it_can_be(elements: dict[str, ElementConfig]) -> None:
    elements["orange"] = replace(
        elements["orange"], readings={"3999": "busy"}, cannot=("SpeedCap",), pushes=("Provide",)
    )
    after = reached(elements, orange=door("cai", dialect_options={"profile": 2}))
    assert dialects.load("cai").CAPABILITIES.max_window == 1
    assert (after.dialect, after.limits.window, after.sessions, after.manners.pace.window) == ("cai", 1, 8, 8)
    assert (after.dialect_options, after.readings, after.cannot, after.pushes) == ({"profile": 2}, {}, (), ())
    assert reached(elements, orange=door("cai")).dialect_options == {}


def test_doors_nobody_asked_for_are_left_alone_and_a_missing_one_is_named(elements: dict[str, ElementConfig]) -> None:
    found = led(elements, doors(backup=door("mml_h", shares="orange")), WORDS, WORDS)
    assert set(found) == {"orange", "sfr", "smsc"}
    with pytest.raises(WrongUse, match="sfr"):
        led(elements, {"orange": door("mml_h"), "smsc": door("smpp")}, WORDS, WORDS)


def test_a_second_door_is_the_one_that_shares_and_speaks_the_same(elements: dict[str, ElementConfig]) -> None:
    elements["orange"] = replace(
        elements["orange"], also=replace(elements["orange"], dialect="cai", name="orange/also")
    )
    second = door("cai", shares="orange", port=4712)
    also = reached(elements, backup=door("mml_h", shares="orange"), second=second).also
    assert also is not None
    assert (also.dialect, also.port, also.password) == ("cai", 4712, WORDS["second"])
    assert reached(elements, second=second | {"shares": "sfr"}).also is None


def test_a_scenario_is_a_name_or_a_file(tmp_path: Path) -> None:
    packaged = packaged_directory() / "scenarios"
    assert scenario_file("default", None) == packaged / "default.toml"
    (tmp_path / "scenarios").mkdir()
    for name in ("cai", "mine"):
        (tmp_path / "scenarios" / f"{name}.toml").write_text('spec = "1"\n[elements.a]\n[elements.b]\n')
    mine = tmp_path / "scenarios" / "mine.toml"
    assert scenario_file("mine", tmp_path) == scenario_file(str(mine), None) == mine
    assert scenario_file("cai", tmp_path).parent == tmp_path / "scenarios"  # beside the configuration comes first
    assert scenario_file("tcp", tmp_path) == packaged / "tcp.toml"
    assert elements_in(mine) == ("a", "b")


@pytest.mark.parametrize("text", ["elements = 1", "spec = ", "", "\x00"])
def test_what_cannot_be_read_names_no_element(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    assert elements_in(tmp_path / "bad.toml") == ()
    assert elements_in(tmp_path / "none.toml") == ()


@pytest.mark.parametrize(("wanted", "says"), [("nonsense", "cai, default, tcp"), ("./nowhere.toml", "nowhere.toml")])
def test_a_scenario_that_is_none_is_exit_2(linegate: Linegate, tmp_path: Path, wanted: str, says: str) -> None:
    ended = linegate("up", "--data", str(tmp_path / "data"), "--scenario", wanted)
    assert (ended.code, says in ended.err) == (2, True)
    assert not (tmp_path / "data").exists()
