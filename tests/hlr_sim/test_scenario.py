"""A scenario's mistakes are named by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from hlr_sim import scenario
from hlr_sim.scenario import ScenarioError
from hlr_sim.smsc.knobs import Knobs

GOOD = """
spec = "1"
[elements.orange]
dialect = "mml_h"
transport = "ssh"
user = "linegate"
home_plmns = ["20801"]
"""


def written(directory: Path, text: str) -> Path:
    file = directory / "network.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_default_scenario_is_found_and_good() -> None:
    specs = scenario.read(scenario.default_file())
    assert [(s.name, s.dialect, s.transport, s.home_plmns) for s in specs] == [
        ("orange", "mml_h", "ssh", ("20801",)),
        ("sfr", "mml_h", "tcp", ("20810",)),
        ("cmi", "mml_h", "tcp", ("20811",)),
        ("opt-nc", "mml_h", "tcp", ("54601",)),
        ("orange-mayotte", "mml_h", "tcp", ("64700",)),
        ("monaco-telecom", "mml_h", "tcp", ("21210",)),
        ("npc", "npc", "tcp", ()),
        ("eir", "eir", "tcp", ()),
        ("smsc", "smpp", "tcp", ()),
    ]
    assert all((s.host, s.port) == ("127.0.0.1", 0) for s in specs)


def test_outside_a_checkout_the_installed_one_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert scenario.default_file().parts[-5:] == ("share", "linegate", "config", "scenarios", "default.toml")


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    (spec,) = scenario.read(written(tmp_path, GOOD))
    assert (spec.host, spec.port, spec.max_sessions, spec.idle_logout_s) == ("127.0.0.1", 0, 32, 300.0)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (GOOD.replace('"1"', '"2"') + "nonsense = 1", "spec"),  # the edition is checked before anything else
        ('spec = "1"', "elements"),
        ('spec = "1"\nfoo = 1', "foo"),
        ('spec = "1"\n[elements]\norange = 1', "elements.orange"),
        (GOOD + "colour = 1", "elements.orange.colour"),
        (GOOD + "password = 'x'", "elements.orange.password"),
        (GOOD.replace('"mml_h"', '"klingon"'), "elements.orange.dialect"),
        (GOOD.replace('"mml_h"', "1"), "elements.orange.dialect"),
        (GOOD.replace('dialect = "mml_h"', ""), "elements.orange.dialect"),
        (GOOD.replace('"ssh"', '"pigeon"'), "elements.orange.transport"),
        (GOOD.replace('"linegate"', '""'), "elements.orange.user"),
        (GOOD.replace('"20801"', '"208"'), "elements.orange.home_plmns"),
        (GOOD + 'host = "0.0.0.0"', "elements.orange.host"),
        (GOOD + 'host = "localhost"', "elements.orange.host"),
        (GOOD + "port = 70000", "elements.orange.port"),
        (GOOD + "port = true", "elements.orange.port"),
        (GOOD + "max_sessions = 0", "elements.orange.max_sessions"),
        (GOOD + "idle_logout_s = 0", "elements.orange.idle_logout_s"),
        (GOOD + "dialect_options = {accent = 1}", "elements.orange.dialect_options"),
        (GOOD.replace("elements.orange", 'elements."../x"'), "elements.../x"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, text: str, key: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ScenarioError) as told:
        scenario.read(file)
    assert str(told.value).startswith(f"{file}: {key}: ")


BACKUP = """
[elements.backup]
dialect = "mml_h"
transport = "tcp"
user = "linegate"
shares = "orange"
"""
SMSC = BACKUP.replace("backup", "smsc").replace("mml_h", "smpp")


def test_a_second_element_may_stand_before_the_same_subscribers(tmp_path: Path) -> None:
    for text in (GOOD + BACKUP, 'spec = "1"' + BACKUP + GOOD.replace('spec = "1"', "")):
        specs = {spec.name: spec for spec in scenario.read(written(tmp_path, text))}
        assert (specs["orange"].shares, specs["backup"].shares) == ("", "orange")
        assert specs["backup"].home_plmns == ("20801",)


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (BACKUP.replace('"orange"', '"sfr"'), "backup.shares", "orange"),
        (BACKUP.replace('"orange"', '"backup"'), "backup.shares", "orange"),
        (BACKUP.replace('"orange"', "true"), "backup.shares", "str"),
        (BACKUP + BACKUP.replace("backup", "third").replace("orange", "backup"), "third.shares", "name orange"),
        (SMSC, "smsc.shares", "SMSC"),
    ],
)
def test_a_senseless_share_is_named_by_file_and_key(tmp_path: Path, text: str, key: str, says: str) -> None:
    file = written(tmp_path, GOOD + text)
    with pytest.raises(ScenarioError, match=says) as told:
        scenario.read(file)
    assert str(told.value).startswith(f"{file}: elements.{key}: ")


CENTRE = """
spec = "1"
[elements.smsc]
dialect = "smpp"
transport = "tls"
user = "linegate"
[elements.smsc.smsc]
window = 10
receipt_states = { UNDELIV = 0.1 }
"""


def test_the_knobs_of_a_message_centre_stand_as_the_scenario_says(tmp_path: Path) -> None:
    (spec,) = scenario.read(written(tmp_path, CENTRE))
    assert (spec.transport, spec.smsc) == ("tls", Knobs(window=10, receipt_states={"UNDELIV": 0.1}))


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (CENTRE.replace("window = 10", "window = 0"), "smsc.smsc", "window: "),
        (CENTRE.replace("window = 10", "colour = 1"), "smsc.smsc", "colour: "),
        (GOOD + "smsc = { window = 10 }", "orange.smsc", "only a short message centre"),
    ],
)
def test_a_senseless_knob_is_named_by_file_and_key(tmp_path: Path, text: str, key: str, says: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ScenarioError, match=says) as told:
        scenario.read(file)
    assert str(told.value).startswith(f"{file}: elements.{key}: ")


def test_every_scenario_that_comes_with_the_program_is_good() -> None:
    folder = scenario.default_file().parent
    read = {file.stem: scenario.read(file) for file in folder.glob("*.toml")}
    spoken = {name: {s.name: (s.dialect, s.transport) for s in specs} for name, specs in read.items()}
    assert {name: elements["orange"] for name, elements in spoken.items()} == {
        "default": ("mml_h", "ssh"),
        "tcp": ("mml_h", "tcp"),
        "cai": ("cai", "tcp"),
    }
    for elements in spoken.values():
        assert {name: elements[name] for name in ("sfr", "npc", "eir", "smsc")} == {
            "sfr": ("mml_h", "tcp"),
            "npc": ("npc", "tcp"),
            "eir": ("eir", "tcp"),
            "smsc": ("smpp", "tcp"),
        }


@pytest.mark.parametrize("text", ["spec = ", "\x00"])
def test_what_is_no_toml_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(ScenarioError, match="TOML"):
        scenario.read(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"nowhere\.toml"):
        scenario.read(tmp_path / "nowhere.toml")
