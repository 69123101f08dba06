"""The words of messages, by contract and language, as ``config/alerts/*.toml`` gives them."""

from __future__ import annotations

from gateway.texts.countries import country_name, country_names
from gateway.texts.reading import read_texts
from gateway.texts.template import Rendered, Template, Unfilled
from gateway.texts.wording import Texts

__all__ = ["Rendered", "Template", "Texts", "Unfilled", "country_name", "country_names", "read_texts"]
