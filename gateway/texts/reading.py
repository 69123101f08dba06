"""Reading ``config/alerts/*.toml``: every mistake is named by its file and key before a customer sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drivers.dialects.smpp.text import Carriage, Policy, encode, preview
from drivers.errors import NotSpoken
from gateway.contract.actions import every
from gateway.contract.table import Table
from gateway.orders.messages import Handling, Kind, OnDoubt, Priority
from gateway.texts.abroad import read_roaming
from gateway.texts.template import FILLED_WITH, Template, fill, forbidden, placeholders, stray_brace
from gateway.texts.wording import Questions, Texts

LANGUAGES = ("fr", "en")
_LONGEST_MSISDN = "+" + "9" * 15
_KINDS = tuple(kind.value for kind in FILLED_WITH)
_PRIORITIES = tuple(priority.name.lower() for priority in Priority)
_MOST_SEGMENTS = 10
_LONGEST_VALIDITY_H = 24 * 14  # SMSCs keep no message longer
_MOST_PER_HOUR = 1000
_HOUR_S = 3600.0
_USUAL_PRIORITY = {Kind.ALERT: Priority.URGENT, Kind.WELCOME: Priority.URGENT, Kind.PORT: Priority.URGENT}


def read_texts(file: str, data: Mapping[str, Any]) -> Texts:
    """Check one file. Raises ConfigError naming file and key."""
    root = Table(file, data)
    if root.text("spec") != "1":
        root.wrong("spec", 'this version reads spec = "1"')
    languages = root.texts("languages", LANGUAGES)
    if not languages:
        root.wrong("languages", 'name at least one, as ["fr", "en"]')
    own = _own_values(root.table("values", optional=True))
    names = root.tables("names", optional=True)
    roaming, queries = root.table("roaming", optional=True), root.table("queries", optional=True)
    texts = Texts(
        confirm=_confirmations(root, languages),
        languages=languages,
        templates={n: _template(n, t, languages, own) for n, t in root.tables("templates", optional=True).items()},
        names={language: {word: table.text(word) for word in table.names()} for language, table in names.items()},
        roaming=read_roaming(roaming),
        questions=_questions(queries),
    )
    _check_welcomes(roaming, texts)
    _check_answers(queries, texts)
    root.finish()
    return texts


def _own_values(table: Table) -> dict[str, str]:
    """Read what applications fill in, each with the longest value it usually has."""
    return {name: table.text(name) for name in table.names()}


def _template(name: str, table: Table, languages: tuple[str, ...], own: Mapping[str, str]) -> Template:
    kind = Kind(table.choice("kind", _KINDS))
    template = Template(
        name=name,
        kind=kind,
        texts={language: table.text(language) for language in languages},
        handling=_handling(table, kind),
        segments=max(1, table.number("segments", 1, least=1, most=_MOST_SEGMENTS)),
        policy=Policy(table.choice("policy", Policy, Policy.TRANSLITERATE)),
        quiet=table.switch("quiet", default=False),
    )
    if template.quiet and kind is not Kind.APPLICATION:
        table.wrong("quiet", f"only an application's message waits for the morning: an {kind.value} is waited for")
    longest = {**FILLED_WITH[kind], **(own if kind is Kind.APPLICATION else {})}
    for language, text in template.texts.items():
        if text and (wrong := _wrong(template, text, longest)) is not None:
            table.wrong(language, wrong)
    return template


def _handling(table: Table, kind: Kind) -> Handling:
    usual = _USUAL_PRIORITY.get(kind, Priority.NORMAL).name.lower()
    doubt = OnDoubt(table.choice("on_doubt", OnDoubt, OnDoubt.RESEND if kind is Kind.ALERT else OnDoubt.HOLD))
    if kind is Kind.ALERT and doubt is not OnDoubt.RESEND:
        # Regulation (EU) 2022/612 art. 14, code de la consommation L. 224-30: a duty to tell, so twice beats never
        table.wrong("on_doubt", 'an alert must arrive: it is "resend"')
    validity_h = table.optional_number("validity_h", least=1)
    if validity_h is not None and validity_h > _LONGEST_VALIDITY_H:
        table.wrong("validity_h", f"must be at most {_LONGEST_VALIDITY_H}")
    priority = Priority[table.choice("priority", _PRIORITIES, usual).upper()]
    return Handling(priority, doubt, None if validity_h is None else validity_h * _HOUR_S)


def _wrong(template: Template, text: str, longest: Mapping[str, str]) -> str | None:
    """Tell what is wrong with one text; ``None`` when nothing is."""
    unknown = [name for name in placeholders(text) if name not in longest]
    if unknown:
        return f"{{{unknown[0]}}} is nothing that is filled in here; there are: {', '.join(longest)}"
    if stray_brace(text):
        return "{ and } only go around the name of a value, as {msisdn}"
    if (why := forbidden(template.kind, text)) is not None:
        return why
    try:
        seen = preview(fill(text, longest), Carriage(), template.policy)
    except NotSpoken as unspeakable:
        return str(unspeakable)
    if seen.forcing and template.policy is Policy.TRANSLITERATE:
        chars = " ".join(seen.forcing)
        return f'{chars} cannot be written in the GSM alphabet: take out, or say policy = "keep" for 70 a segment'
    if seen.segments > template.segments:
        limit = "1 segment" if template.segments == 1 else f"{template.segments} segments"
        return (
            f"needs {seen.segments} segments ({seen.encoding}) with the longest values, and may have {limit}: shorten"
        )
    return None


def _questions(table: Table) -> Questions:
    if not table.names():
        return Questions()
    words: dict[str, str] = {}
    by_template = table.table("words")
    for template in by_template.names():
        for word in by_template.texts(template):
            if word.casefold() in words:
                by_template.wrong(template, f"{word!r} asks for {words[word.casefold()]} already")
            if len(word.split()) != 1:
                by_template.wrong(template, f"{word!r} must be one word: only a message's first word is looked at")
            words[word.casefold()] = template
    return Questions(
        words=words,
        otherwise=table.optional_text("otherwise"),
        metered=table.optional_text("metered"),
        per_hour=table.number("per_hour", Questions().per_hour, least=1, most=_MOST_PER_HOUR),
        numbers=frozenset(table.texts("numbers", ())),
    )


def _check_welcomes(table: Table, texts: Texts) -> None:
    named = {"otherwise": texts.roaming.otherwise}
    named |= {f"zones.{name}.welcome": zone.welcome for name, zone in texts.roaming.zones.items()}
    for key, template in named.items():
        _check_named(table, key, template, texts, Kind.WELCOME)


def _check_answers(table: Table, texts: Texts) -> None:
    for template in dict.fromkeys(texts.questions.words.values()):
        _check_named(table, f"words.{template}", template, texts, Kind.ANSWER)
    _check_named(table, "otherwise", texts.questions.otherwise, texts, Kind.ANSWER)
    _check_named(table, "metered", texts.questions.metered, texts, Kind.ANSWER)


def _check_named(table: Table, key: str, template: str | None, texts: Texts, kind: Kind) -> None:
    found = None if template is None else texts.templates.get(template)
    if template is not None and (found is None or found.kind is not kind):
        table.wrong(key, f"{template!r} must name a template of kind {kind.value!r}")


def _confirmations(root: Table, languages: tuple[str, ...]) -> dict[str, dict[str, str]]:
    tables = root.tables("confirm")
    confirm = {language: _confirmation(table) for language, table in tables.items()}
    told = {action for texts in confirm.values() for action in texts}
    for language in languages:
        if lacking := sorted(told - confirm.get(language, {}).keys()):
            root.wrong(f"confirm.{language}", f"is missing what other languages have: {', '.join(lacking)}")
    return confirm


def _confirmation(table: Table) -> dict[str, str]:
    texts: dict[str, str] = {}
    known = {f"{action}{state}" for action in every() for state in ("", "_active", "_barred", "_suspended")}
    for key in table.names():
        texts[key] = table.text(key)
        if key not in known:
            table.wrong(key, f"is no action (or action_state); actions are: {', '.join(every())}")
        try:
            encode(texts[key].replace("{msisdn}", _LONGEST_MSISDN))
        except NotSpoken as too_long:
            table.wrong(key, f"must fit one segment: {too_long}")
    return texts
