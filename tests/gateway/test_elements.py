"""Reading ``elements.toml``: every key of an element, and every mistake by its file and key."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.breaker import BreakerRules
from drivers.commands import Why
from drivers.element import Manners
from drivers.flow import Pace
from drivers.retry import Pauses, RetryRules
from drivers.session import Limits
from gateway.contract.table import ConfigError, Table
from gateway.elements import ElementConfig, read_element
from gateway.maintenance import Window
from gateway.settings import config_directory, read_settings, read_toml

HEAD = """
role = "hlr"
dialect = "mml_h"
transport = "tcp"
host = "hlr.example"
port = 7777
user = "linegate"
"""
WHOLE = """
sessions = 3
window = 4
connect_timeout_s = 1.5
answer_timeout_s = 2
keep_alive_s = 60
password_env = "FAKE_PASSWORD"
cannot = ["SpeedCap", "ReadKeys"]
pushes = ["ChangeMsisdn", "OutgoingBar"]
dialect_options.hlr_sn = 7

[pace]
per_s = 50
burst = 5
ramp_s = 30

[breaker]
failures = 3
over_s = 2
cool_down_s = 5

[retry]
other = 2
forbidden = 1
busy = {min_s = 0.5, max_s = 10}
unreachable = {min_s = 1, max_s = 60}
in_doubt = {min_s = 0.25}

[answers]
"3010" = "already_so"
"not today" = "busy"

[maintenance.release]
from = 2026-12-01T02:00:00+01:00
until = 2026-12-01T04:00:00+01:00
why = "release 12"
"""


def _read(text: str, directory: Path = Path("nowhere")) -> ElementConfig:
    table = Table("elements.toml", tomllib.loads(text))
    element = read_element("orange", table, directory)
    table.finish()
    return element


def _mistakes(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as wrong:
        _read(text)
    return wrong.value.mistakes


def test_a_few_keys_are_enough() -> None:
    element = _read(HEAD)
    assert element.limits == Limits(window=1)
    assert element.manners == Manners(Pace(window=1), BreakerRules(), RetryRules())
    assert (element.sessions, element.readings, element.cannot, element.pushes) == (1, {}, (), ())
    assert (element.maintenance, element.also, element.needs_password) == ((), None, True)


def test_every_key_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_PASSWORD", "fake-password")
    element = _read(HEAD + WHOLE)
    assert element.limits == Limits(4, 1.5, 2, 60)
    assert (element.host, element.port, element.sessions) == ("hlr.example", 7777, 3)
    assert element.manners == Manners(
        Pace(window=12, per_s=50, burst=5, ramp_s=30),  # of all sessions together
        BreakerRules(failures=3, over_s=2, cool_down_s=5),
        RetryRules(Pauses(0.5, 10), Pauses(1, 60), Pauses(0.25, 5), {Why.OTHER: 2, Why.FORBIDDEN: 1}),
    )
    assert element.readings == {"3010": "already_so", "not today": "busy"}
    assert (element.cannot, element.pushes) == (("SpeedCap", "ReadKeys"), ("ChangeMsisdn", "OutgoingBar"))
    window = Window(datetime(2026, 12, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, 3, tzinfo=UTC), "release 12")
    assert element.maintenance == (window,)
    assert (element.password, "fake-password" in repr(element)) == ("fake-password", False)


ALSO = """
[also]
dialect = "cai"
transport = "tls"
host = "cai.example"
port = 3300
user = "second"
window = 1
sessions = 4
cannot = ["SpeedCap"]
answers.13 = "already_so"
"""


def test_a_second_door_has_a_table_of_its_own() -> None:
    element = _read(HEAD + "window = 8\n" + ALSO)
    also = element.also
    assert also is not None
    assert (also.name, also.role, also.dialect, also.transport) == ("orange/also", "hlr", "cai", "tls")
    assert (also.sessions, also.cannot, also.readings, also.user) == (4, ("SpeedCap",), {"13": "already_so"}, "second")
    assert element.manners.pace.window == 8


@pytest.mark.parametrize(
    ("key", "line"),
    [("role", "= 'hlr'"), ("pace", ".per_s = 1"), ("breaker", ".failures = 1"), ("maintenance", " = {}")],
)
def test_how_an_element_is_treated_is_said_once(key: str, line: str) -> None:
    (mistake,) = _mistakes(f"{HEAD}{ALSO}{key}{line}")
    assert mistake.startswith(f"elements.toml: also.{key}: unknown key")


def test_nobody_logs_in_where_the_dialect_knows_no_login() -> None:
    text = HEAD.replace('dialect = "mml_h"', 'dialect = "osmo_ctrl"').replace('user = "linegate"', "")
    element = _read(text)
    assert (element.user, element.needs_password) == ("", False)


def test_a_host_key_is_read_from_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_text("hlr.example ssh-ed25519 AAAA\n")
    ssh = HEAD.replace('"tcp"', '"ssh"') + 'ssh_user = "gate"\nknown_hosts = "known_hosts"\n'
    assert _read(ssh, tmp_path).known_hosts == "hlr.example ssh-ed25519 AAAA\n"
    assert _read(ssh, tmp_path / "elsewhere").known_hosts == ""


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ("pace = 7", "pace: must be a table"),
        ("pace.per_s = 0", "pace.per_s: must be at least 1"),
        ("pace.per_s = 1.5", "pace.per_s: must be a whole number"),
        ("pace.burst = 0", "pace.burst: must be at least 1"),
        ("pace.ramp_s = 0", "pace.ramp_s: must be above zero"),
        ("pace.window = 3", "pace.window: unknown key"),
        ("breaker.failures = 0", "breaker.failures: must be at least 1"),
        ("breaker.over_s = -1", "breaker.over_s: must be above zero"),
        ("breaker.cool_down_s = 'x'", "breaker.cool_down_s: must be a number of seconds"),
        ("breaker.colour = 1", "breaker.colour: unknown key"),
        ("retry.busy.min_s = 9", "retry.busy.min_s: must be no longer than max_s"),
        ("retry.in_doubt.max_s = 0.01", "retry.in_doubt.min_s: must be no longer than max_s"),
        ("retry.unreachable.most = 3", "retry.unreachable.most: unknown key"),
        ("retry.busy = 3", "retry.busy: must be a table"),
        ("retry.session = 3", "retry.session: unknown key"),
        ("retry.other = -1", "retry.other: must be at least 0"),
        ("retry.other = true", "retry.other: must be a whole number"),
        ("retry.invalid = {}", "retry.invalid: must be a whole number"),
        ("answers.3010 = 'fine'", "answers.3010: must be one of: done, already_so, not_found"),
        ("answers.3010 = 7", "answers.3010: must be a text"),
        ("answers = 'fine'", "answers: must be a table"),
        ("cannot = ['Fly']", "cannot: 'Fly' is not one of:"),
        ("cannot = 'SpeedCap'", "cannot: must be a list of texts"),
        ("pushes = ['SpeedCap', 'Fly']", "pushes: 'Fly' is not one of:"),
        ("pushes = ['SendSms']", "pushes: 'SendSms' is not one of:"),  # no word of this dialect
        ("maintenance = 7", "maintenance: must be a table"),
        ("maintenance.x = 7", "maintenance.x: must be a table"),
        ("window = 65", "window: mml_h takes at most 64"),
        ("sessions = 0", "sessions: must be at least 1"),
        ("dialect_options.colour = 1", "dialect_options:"),
        ("also = 7", "also: must be a table"),
        ("also.dialect = 'telex'", "also.dialect: must be one of"),
        ("colour = 1", "colour: unknown key"),
    ],
)
def test_a_mistake_is_told_by_its_key(lines: str, mistake: str) -> None:
    assert any(told.startswith(f"elements.toml: {mistake}") for told in _mistakes(HEAD + lines)), _mistakes(
        HEAD + lines
    )


def test_every_mistake_is_told_at_once() -> None:
    mistakes = _mistakes(HEAD + "pace.per_s = 0\nbreaker.failures = 0\nretry.other = -1\ncannot = ['Fly']\ncolour = 1")
    assert len(mistakes) == 5


def test_the_configuration_as_shipped_still_reads(tmp_path: Path) -> None:
    settings = read_settings(config_directory(None), tmp_path)
    elements = settings.topology.elements
    assert (
        set(elements)
        == {"orange", "sfr", "cmi", "opt-nc", "orange-mayotte", "monaco-telecom", "npc", "eir", "smsc"}
        == set(read_toml(config_directory(None) / "elements.toml")["elements"])
    )
    assert {element.manners.pace.window for element in elements.values()} == {32, 16, 10}
    assert (settings.topology.groups, settings.topology.routes) == ({}, {})
