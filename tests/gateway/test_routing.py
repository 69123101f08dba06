"""Which element serves a line: ranges of numbers and IMSIs, the narrowest first; and every mistake by its key."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.session import Limits
from drivers.subscription import Imsi, Msisdn
from gateway.contract.table import ConfigError, Table
from gateway.elements import ElementConfig
from gateway.routing import Range, Route, Topology, read_topology

HLR = ElementConfig("a", "hlr", "mml_h", "tcp", "127.0.0.1", 7777, "u", 1, Limits(), {})
ELEMENTS = {
    "a": HLR,
    "b": replace(HLR, name="b"),
    "c": replace(HLR, name="c"),
    "other": replace(HLR, name="other", dialect="cai"),
    "less": replace(HLR, name="less", cannot=("SpeedCap",)),
    "louder": replace(HLR, name="louder", pushes=("SpeedCap",)),
    "doors": replace(HLR, name="doors", also=replace(HLR, name="doors/also")),
    "smsc": replace(HLR, name="smsc", role="smsc", dialect="smpp"),
}
NUMBER, IMSI = Msisdn("+33612345678"), Imsi("208010000000001")


def _route(*ranges: tuple[str, str | None, str | None]) -> Route:
    return Route("otherwise", tuple(Range(to, msisdn, imsi) for to, msisdn, imsi in ranges))


@pytest.mark.parametrize(
    ("ranges", "to"),
    [
        ([], "otherwise"),
        ([("x", "+337", None)], "otherwise"),
        ([("x", "+336", None)], "x"),
        ([("x", None, "20801")], "x"),
        ([("x", None, "20810")], "otherwise"),
        ([("x", "+336", None), ("y", "+33612", None), ("z", "+3361", None)], "y"),
        ([("y", "+33612", None), ("x", "+336", None)], "y"),
        ([("x", "+33612345678", None), ("y", None, "2080100000000")], "y"),  # 11 digits, 13 digits
        ([("x", "+3361", None), ("y", None, "2080")], "x"),  # 4 digits both: the one written first
        ([("y", None, "2080"), ("x", "+3361", None)], "y"),
        ([("x", "+33612", None), ("y", "+336", "20801")], "y"),  # both must fit, and that is narrower
        ([("x", "+33612", None), ("y", "+337", "20801")], "x"),
    ],
)
def test_the_narrowest_range_a_line_lies_in_names_its_element(
    ranges: list[tuple[str, str | None, str | None]], to: str
) -> None:
    assert _route(*ranges).target(NUMBER, IMSI) == to


@given(st.lists(st.from_regex(r"\A\+[0-9]{1,15}\Z"), unique=True), st.from_regex(r"\A\+[0-9]{7,15}\Z"))
def test_a_line_is_served_by_the_longest_prefix_of_its_number(prefixes: list[str], number: str) -> None:
    route = _route(*((prefix, prefix, None) for prefix in prefixes))
    fitting = [prefix for prefix in prefixes if number.startswith(prefix)]
    assert route.target(Msisdn(number), IMSI) == max(fitting, key=len, default="otherwise")


def test_a_name_leads_to_an_element_a_group_or_through_a_route() -> None:
    topology = Topology(
        ELEMENTS, {"pair": ("a", "b")}, {"numbers": _route(("pair", "+336", None), ("c", "+337", None))}
    )
    assert topology.target("a", NUMBER, IMSI) == "a"
    assert topology.target("pair", NUMBER, IMSI) == "pair"
    assert topology.target("numbers", NUMBER, IMSI) == "pair"
    assert topology.targets("numbers") == ("otherwise", "pair", "c")
    assert topology.targets("a") == ("a",)
    assert [topology.holds_subscribers(name) for name in ("a", "pair", "smsc", "nobody")] == [True, True, False, False]


def _read(text: str) -> Topology:
    root = Table("elements.toml", tomllib.loads(text))
    topology = read_topology(root, ELEMENTS)
    root.finish()
    return topology


def test_groups_and_routes_are_read() -> None:
    topology = _read("""
    [groups.pair]
    members = ["b", "a"]
    [routes.numbers]
    otherwise = "pair"
    [routes.numbers.ranges.west]
    msisdn = "+33612"
    to = "c"
    [routes.numbers.ranges.cards]
    imsi = "20810"
    to = "a"
    """)
    assert topology.groups == {"pair": ("b", "a")}
    assert topology.routes["numbers"] == Route("pair", (Range("c", "+33612"), Range("a", None, "20810")))
    assert _read("") == Topology(ELEMENTS, {}, {})


_ALIKE = "groups.g.members: must speak alike"
_HLRS = "groups.g.members: must name hlr elements"


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("[groups.g]", ["groups.g.members: is missing", _HLRS]),
        ("[groups.g]\nmembers = []", [_HLRS]),
        ('[groups.g]\nmembers = "a"', ["groups.g.members: must be a list", _HLRS]),
        ('[groups.g]\nmembers = ["a", "nobody"]', [_HLRS]),
        ('[groups.g]\nmembers = ["smsc"]', [_HLRS]),
        ('[groups.g]\nmembers = ["a", "a"]', ["groups.g.members: must name each element once"]),
        ('[groups.g]\nmembers = ["a", "other"]', [_ALIKE]),
        ('[groups.g]\nmembers = ["a", "less"]', [_ALIKE]),
        ('[groups.g]\nmembers = ["a", "louder"]', [_ALIKE]),
        ('[groups.g]\nmembers = ["a", "doors"]', [_ALIKE]),
        ('[groups.g]\nmembers = ["a"]\nprimary = "a"', ["groups.g.primary: unknown key"]),
        ('[groups.a]\nmembers = ["a"]', ["groups.a: there is one of that name in elements"]),
        ('[groups."G 1"]\nmembers = ["a"]', ["groups.G 1: a name has lower case"]),
        ("[routes.r]", ["routes.r.otherwise: is missing"]),
        ('[routes.r]\notherwise = "nobody"', ["routes.r.otherwise: must name an hlr element or a group"]),
        ('[routes.r]\notherwise = "smsc"', ["routes.r.otherwise: must name an hlr element or a group"]),
        ('[routes.r]\notherwise = "r"', ["routes.r.otherwise: must name an hlr element or a group"]),
        ('[routes.b]\notherwise = "a"', ["routes.b: there is one of that name in elements"]),
        ('[routes.r]\notherwise = "a"\nranges = 7', ["routes.r.ranges: must be a table"]),
        (
            '[routes.r]\notherwise = "a"\nranges.x = 7',
            ["ranges.x: must be a table", "ranges.x.msisdn: name", "ranges.x.to: is"],
        ),
        ("routes = 7", ["routes: must be a table"]),
        ("groups = 7", ["groups: must be a table"]),
    ],
)
def test_a_mistake_is_told_by_its_key(text: str, mistakes: list[str]) -> None:
    with pytest.raises(ConfigError) as wrong:
        _read(text)
    assert len(wrong.value.mistakes) == len(mistakes), wrong.value.mistakes
    for told, expected in zip(wrong.value.mistakes, mistakes, strict=True):
        assert expected in told
    assert all(told.startswith("elements.toml: ") for told in wrong.value.mistakes)


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ('to = "b"', "msisdn: name the first digits"),
        ('msisdn = "33612"\nto = "b"', "msisdn: must be the first digits of a number with its +"),
        ('msisdn = "+"\nto = "b"', "msisdn: must be"),
        ('msisdn = "+336x"\nto = "b"', "msisdn: must be"),
        ('msisdn = "+٣٣٦"\nto = "b"', "msisdn: must be"),
        ('msisdn = "+1234567890123456"\nto = "b"', "msisdn: must be"),
        ("msisdn = 33612\nto = 'b'", "msisdn: must be a text"),
        ('imsi = "+20801"\nto = "b"', "imsi: must be the first digits of an IMSI"),
        ('imsi = ""\nto = "b"', "imsi: must be"),
        ('msisdn = "+336"', "to: is missing"),
        ('msisdn = "+336"\nto = "nobody"', "to: must name an hlr element or a group"),
        ('msisdn = "+336"\nto = "r"', "to: must name an hlr element or a group"),
        ('msisdn = "+336"\nto = "b"\ncolour = 1', "colour: unknown key"),
        ('msisdn = "+337"\nto = "b"', "to: another range has the same first digits"),
    ],
)
def test_a_mistake_in_a_range_is_told_by_its_key(lines: str, mistake: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        _read(
            f'[routes.r]\notherwise = "a"\n[routes.r.ranges.first]\nmsisdn="+337"\nto="a"\n[routes.r.ranges.x]\n{lines}'
        )
    assert f"elements.toml: routes.r.ranges.x.{mistake}" in str(wrong.value)


@pytest.mark.parametrize("name", ["A", "a b", "a/b", "", "1a", "é", "a" * 33])
def test_elements_have_names_that_fit_into_an_address(name: str) -> None:
    root = Table("elements.toml", {})
    elements: dict[str, Any] = {name: replace(HLR, name=name)}
    read_topology(root, elements)
    with pytest.raises(ConfigError, match=f"elements.{name}: a name has lower case letters"):
        root.finish()
