"""What an element is goes by its dialect; a scenario may have a clearing house and a register of handsets."""

from __future__ import annotations

from pathlib import Path

import pytest

from hlr_sim import parent, scenario
from hlr_sim.scenario import Role, ScenarioError, role_of

NETWORK = """
spec = "1"
[elements.orange]
dialect = "mml_h"
transport = "tcp"
user = "linegate"
[elements.smsc]
dialect = "smpp"
transport = "tcp"
user = "linegate"
[elements.npc]
dialect = "npc"
transport = "tls"
user = "linegate"
[elements.eir]
dialect = "eir"
transport = "ssh"
user = "linegate"
"""


def _written(directory: Path, text: str) -> Path:
    file = directory / "network.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_dialect_tells_what_an_element_is(tmp_path: Path) -> None:
    specs = scenario.read(_written(tmp_path, NETWORK))
    assert {spec.name: role_of(spec) for spec in specs} == {
        "orange": Role.HLR,
        "smsc": Role.SMSC,
        "npc": Role.CLEARING_HOUSE,
        "eir": Role.EIR,
    }
    assert set(parent.accounts_from_environment(specs, {parent.PASSWORD_VARIABLE: "FAKEpw01"})) == {
        "orange",
        "smsc",
        "npc",
        "eir",
    }


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ('shares = "orange"', "elements.eir.shares: an HLR and an EIR have nothing to share"),
        ('shares = "npc"', "a clearing house and an EIR have nothing to share"),
        ("[elements.eir.smsc]\nwindow = 1", "elements.eir.smsc: only a short message centre has these knobs"),
        ("[elements.eir.dialect_options]\ncolour = 1", "elements.eir.dialect_options: eir knows no option"),
    ],
)
def test_what_does_not_belong_to_it_is_named(tmp_path: Path, more: str, complaint: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        scenario.read(_written(tmp_path, NETWORK + more))
    assert complaint in str(refused.value)


def test_a_second_door_to_the_same_house_is_the_same_house(tmp_path: Path) -> None:
    second = NETWORK + '[elements.npc2]\ndialect = "npc"\ntransport = "tcp"\nuser = "other"\nshares = "npc"\n'
    assert [spec.shares for spec in scenario.read(_written(tmp_path, second))][-1] == "npc"


def test_who_asks_for_a_login_must_say_who(tmp_path: Path) -> None:
    nobody = NETWORK.replace(
        'dialect = "npc"\ntransport = "tls"\nuser = "linegate"', 'dialect = "npc"\ntransport = "tls"'
    )
    with pytest.raises(ScenarioError, match=r"elements\.npc\.user"):
        scenario.read(_written(tmp_path, nobody))
