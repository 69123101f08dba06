"""Wrong usage is told in words, with exit code 2; an absent gateway with 3."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.gateway_client import Address
from gateway.cli.simulator import Passwords
from tests.cli.conftest import Linegate

NOBODY = "http://127.0.0.1:1"
LINE = ("--msisdn", "+33699000001")


def test_help_names_every_command_and_the_exit_codes(linegate: Linegate) -> None:
    ended = linegate("--help")
    assert ended.code == 0
    words = (
        "up",
        "serve",
        "order",
        "line",
        "element",
        "import",
        "import-element",
        "audit",
        "message",
        "usage",
        "doctor",
        "demo",
    )
    for word in (*words, "Exit codes", "LINEGATE_URL"):
        assert word in ended.out


@pytest.mark.parametrize("group", ["order", "line", "element", "audit", "message", "usage"])
def test_groups_have_help_too(linegate: Linegate, group: str) -> None:
    assert linegate(group, "--help").code == 0


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'fastapi', 'sqlalchemy', 'asyncssh', 'uvicorn', 'httpx', 'drivers'} & set(sys.modules)"
    code = f"import sys; from gateway.cli import main; assert main(['order', 'new', '--help']) == 0; sys.exit({heavy})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.stderr.strip() == "set()"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("frobnicate",), "frobnicate"),
        (("up",), "--data"),
        (("up", "--data", "d", "--port", "70000"), "--port"),
        (("order", "new", "suspend"), "exactly one"),
        (("order", "new", "suspend", *LINE, "--imsi", "208010000000001"), "exactly one"),
        (("order", "new", "suspend", *LINE, "--details", "{"), "not JSON"),
        (("order", "new", "suspend", *LINE, "--details", "[]"), "JSON object"),
        (("order", "post", "absent.json"), "absent.json"),
        (("order", "list", "--limit", "0"), "--limit"),
        (("import", "absent.out"), "absent.out"),
        (("demo", "--orders", "absent.jsonl"), "absent.jsonl"),
        (("serve", "--data", "d"), "LINEGATE_TOKEN"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what(linegate: Linegate, arguments: tuple[str, ...], told: str) -> None:
    ended = linegate(*arguments)
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no order"),
        ("7", "order 1 is no JSON object"),
        ('{"action": "suspend"}\n{"action": \n', "line 2 is not JSON"),
    ],
)
def test_a_broken_order_file_is_named_with_its_line(linegate: Linegate, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text(text)
    ended = linegate("order", "post", str(file))
    assert (ended.code, told in ended.err, "orders.jsonl" in ended.err) == (2, True, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"order": {}}', "line 1 must be"),
        ('{"order": {}, "expect": {}}', "needs"),
        ('{"order": {}, "expect": {"state": "completed", "hom": {}}}', "knows no hom"),
        ("\n\n", "has no order"),
    ],
)
def test_a_broken_demo_file_is_named_before_anything_starts(
    linegate: Linegate, tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text(text)
    ended = linegate("demo", "--orders", str(file))
    assert (ended.code, told in ended.err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("order", "list"),
        ("order", "show", "0" * 32),
        ("order", "cancel", "0" * 32),
        ("order", "new", "suspend", *LINE),
        ("line", "show", "+33699000001"),
        ("line", "history", "+33699000001"),
    ],
)
def test_no_gateway_is_exit_3_and_says_what_to_do(
    linegate: Linegate, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LINEGATE_URL", NOBODY)
    monkeypatch.setenv("LINEGATE_TOKEN", "TOP-secret")
    ended = linegate(*arguments, "--json")
    assert ended.code == 3
    assert "linegate up" in ended.err
    assert "TOP" not in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("url", ["nowhere", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_an_address_that_is_none_is_exit_2(linegate: Linegate, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("LINEGATE_URL", url)
    ended = linegate("order", "list")
    assert (ended.code, "LINEGATE_URL" in ended.err) == (2, True)


def test_a_mistake_in_the_configuration_stops_up_and_serve(
    linegate: Linegate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINEGATE_TOKEN", "t")
    for command in ("up", "serve"):
        ended = linegate(command, "--data", str(tmp_path / "data"), "--config", str(tmp_path))
        assert (ended.code, "linegate.toml" in ended.err) == (2, True)


def test_secrets_are_in_no_repr() -> None:
    passwords = Passwords.made_for(["orange", "smsc"])
    assert all(len(password) <= 8 and password.isalnum() for password in passwords.elements.values())
    assert not any(p in repr(passwords) for p in (*passwords.elements.values(), *passwords.ssh.values()))
    assert "TOP" not in repr(Address(NOBODY, "TOP-secret"))
