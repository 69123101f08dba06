"""The doctor finds what is wrong, names it, and leaves what is well alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Ended, Linegate

CONFIG = Path(__file__).parents[2] / "config"
OTHERS = tuple(f"element {name}" for name in ("cmi", "opt-nc", "orange-mayotte", "monaco-telecom", "npc", "eir"))
PASSWORDS = tuple(
    f"{name}_PASSWORD"
    for name in ("ORANGE", "SFR", "CMI", "OPT_NC", "ORANGE_MAYOTTE", "MONACO_TELECOM", "NPC", "EIR", "SMSC")
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def verdicts(ended: Ended) -> dict[str, str]:
    return {finding["check"]: finding["verdict"] for finding in ended.document["findings"]}


def found(ended: Ended) -> str:
    return "\n".join(finding["found"] for finding in ended.document["findings"])


def test_a_fresh_install_is_healthy_with_warnings(linegate: Linegate) -> None:
    ended = linegate("doctor", "--offline", "--json")
    assert (ended.code, ended.err, ended.document["healthy"]) == (0, "", True)
    assert verdicts(ended) == {
        "python": "ok",
        "configuration": "ok",
        "contracts": "ok",
        "element orange": "warn",
        "element sfr": "warn",
        **dict.fromkeys(OTHERS, "warn"),
        "element smsc": "warn",
        "token": "warn",
    }


def test_people_get_a_table(linegate: Linegate) -> None:
    ended = linegate("doctor", "--offline")
    assert ended.code == 0
    assert "known_hosts" in ended.out


def test_elements_with_all_they_need_are_well(
    linegate: Linegate, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*PASSWORDS, "ORANGE_SSH_PASSWORD", "TOKEN"):
        monkeypatch.setenv(f"LINEGATE_{name}", "TOP")
    (config / "known_hosts").write_text("[127.0.0.1]:7776 ssh-ed25519 AAAA\n")
    ended = linegate("doctor", "--offline", "--config", str(config), "--json")
    assert set(verdicts(ended).values()) == {"ok"}
    assert "TOP" not in ended.out


def test_every_mistake_of_every_file_is_told(linegate: Linegate, config: Path) -> None:
    spoil(config / "contracts" / "technicophone.toml", 'language = "fr"', 'langage = "fr"')
    spoil(config / "elements.toml", "port = 7777", 'port = "7777"')
    ended = linegate("doctor", "--offline", "--config", str(config), "--json")
    assert ended.code == 1
    for told in ("technicophone.toml: langage", "technicophone.toml: language", "elements.sfr.port"):
        assert told in found(ended)
    texts = [finding["found"] for finding in ended.document["findings"]]
    assert len(texts) == len(set(texts))


def test_a_mistake_in_the_main_file_is_told(linegate: Linegate, config: Path) -> None:
    spoil(config / "linegate.toml", "max_backlog = 100000", "max_backlog = 0")
    ended = linegate("doctor", "--offline", "--config", str(config), "--json")
    assert (ended.code, "linegate.toml: engine.max_backlog" in found(ended)) == (1, True)


def test_a_directory_without_configuration_is_named(linegate: Linegate, tmp_path: Path) -> None:
    ended = linegate("doctor", "--offline", "--config", str(tmp_path), "--json")
    assert (ended.code, "linegate.toml" in found(ended)) == (1, True)


def test_no_message_centre_is_a_warning(linegate: Linegate, config: Path) -> None:
    text = (config / "elements.toml").read_text()
    (config / "elements.toml").write_text(text[: text.index("[elements.smsc]")])
    ended = linegate("doctor", "--offline", "--config", str(config), "--json")
    assert (ended.code, verdicts(ended)["messages"]) == (0, "warn")


@pytest.mark.parametrize(
    ("text", "mode", "verdict"),
    [
        ("A" * 43 + "=\n", 0o600, "ok"),
        ("A" * 43 + "=\n", 0o640, "fail"),
        ("A" * 43 + "=\n", 0o604, "fail"),
        ("AAAA\n", 0o600, "fail"),
        ("not base64!", 0o600, "fail"),
    ],
)
def test_the_vault_key_is_ours_alone_and_whole(
    linegate: Linegate, tmp_path: Path, text: str, mode: int, verdict: str
) -> None:
    (tmp_path / "vault.key").write_text(text)
    (tmp_path / "vault.key").chmod(mode)
    ended = linegate("doctor", "--offline", "--data", str(tmp_path), "--json")
    assert verdicts(ended)["vault key"] == verdict
    assert text.strip() not in ended.out


def test_looking_for_the_vault_key_makes_none(linegate: Linegate, tmp_path: Path) -> None:
    ended = linegate("doctor", "--offline", "--data", str(tmp_path / "data"), "--json")
    assert (verdicts(ended)["vault key"], list(tmp_path.iterdir())) == ("ok", [])


def test_a_gateway_that_does_not_answer_is_a_fail(linegate: Linegate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEGATE_URL", "http://127.0.0.1:1")
    ended = linegate("doctor", "--json")
    assert (ended.code, verdicts(ended)["gateway"]) == (1, "fail")


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
