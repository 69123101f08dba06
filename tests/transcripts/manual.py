"""Write ``docs/dialogues.md``: every transcript the tests replay against both ends, as the manual's examples."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "dialogues.md"
_HEAD = """# Dialogues

What each dialect looks like on the wire. These are the very files of `tests/transcripts/`, replayed in every test run
against the gateway's end and the simulated element's, those of OsmoHLR against a real one too. `>` is sent by the
gateway, `<` by the element; keys and passwords are false. `make manual` writes this page; a test compares it.
"""


def page() -> str:
    """Put the page together."""
    return "\n".join([_HEAD, *(_section(file) for file in sorted(HERE.glob("*.txt")))])


def _section(file: Path) -> str:
    text = file.read_text(encoding="utf-8").rstrip("\n")
    return f"## {file.stem}\n\n```text\n{text}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
