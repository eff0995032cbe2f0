"""The table of the requirements of ASVS 5.0 and our tests, and the page that is made from it.

Usage: PYTHONPATH=tests python -m support.asvs    writes docs/asvs.md from docs/asvs.toml

Each requirement has its level, what it asks for in a few words of ours, and one of these:

- ``tests``: tests that fail when the protection is removed;
- ``written``: the heading of docs/security.md that documents it;
- ``by-hand``: why no test can show it, and who takes care of it;
- ``does-not-apply``: why;
- ``open``: what is missing.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA, PAGE = ROOT / "docs" / "asvs.toml", ROOT / "docs" / "asvs.md"
KINDS = {
    "tests": "shown by tests",
    "written": "documented",
    "by-hand": "cannot be tested",
    "does-not-apply": "does not apply",
    "open": "open",
}
CHAPTERS = (
    *("Encoding", "Validation and business logic", "Web front end", "Web services", "Files"),
    *("Authentication", "Sessions", "Authorization", "Self-contained tokens", "OAuth and OIDC"),
    *("Cryptography", "Secure communication", "Configuration", "Data protection"),
    *("Secure coding", "Logging and errors", "WebRTC"),
)
HEAD = """# ASVS 5.0, levels 1 and 2

Made from [asvs.toml](asvs.toml) by `PYTHONPATH=tests python -m support.asvs`;
`tests/repo/test_asvs.py` checks it.
The numbers are those of version 5.0.0 of the OWASP Application Security Verification Standard. The
words are ours and only summarise each requirement: the standard has the full text.
"Shown by tests" means tests that fail when the protection is removed. No outsider
has assessed this.
"""
Entry = Mapping[str, str | int | list[str]]


def read() -> dict[str, Entry]:
    """Every requirement by its number, such as ``1.2.3``."""
    found: dict[str, Entry] = tomllib.loads(DATA.read_text("utf-8"))
    return {name.removeprefix("v5.0.0-"): entry for name, entry in found.items()}


def kind(entry: Entry) -> str:
    """How a requirement is met.

    Raises:
        ValueError: if the entry says not exactly one thing.
    """
    (only,) = KINDS.keys() & entry.keys()
    return only


def page(entries: Mapping[str, Entry]) -> str:
    """The whole page."""
    return "\n".join([HEAD, *_summary(entries), *_open(entries), *_chapters(entries)]) + "\n"


def _summary(entries: Mapping[str, Entry]) -> Iterator[str]:
    counted = Counter((kind(each), each["level"]) for each in entries.values())
    yield "| | level 1 | level 2 |"
    yield "|---|---|---|"
    for name, words in KINDS.items():
        yield f"| {words} | {counted[name, 1]} | {counted[name, 2]} |"


def _open(entries: Mapping[str, Entry]) -> Iterator[str]:
    yield "\n## Open\n"
    for number, entry in entries.items():
        if kind(entry) == "open":
            yield f"- **{number}** ({entry['asks']}): {entry['open']}"


def _chapters(entries: Mapping[str, Entry]) -> Iterator[str]:
    for chapter, words in enumerate(CHAPTERS, start=1):
        yield f"\n## {chapter} {words}\n"
        yield "| | level | requirement | |"
        yield "|---|---|---|---|"
        for number, entry in entries.items():
            if number.startswith(f"{chapter}."):
                yield f"| {number} | {entry['level']} | {entry['asks']} | {_answer(entry)} |"


def _answer(entry: Entry) -> str:
    name = kind(entry)
    said = entry[name]
    if name == "tests" and isinstance(said, list):
        return "<br>".join(f"`{each.removeprefix('tests/')}`" for each in said)
    if name == "written":
        anchor = str(said).lower().replace(" ", "-")
        return f"[{said}](security.md#{anchor})"
    return f"{KINDS[name]}: {said}"


if __name__ == "__main__":
    PAGE.write_text(page(read()), "utf-8")
