"""Every message of the code and of the templates, as a template for translators.

Usage: PYTHONPATH=tests python -m support.catalogue FILE    writes FILE, such as words.pot
"""

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from screening.resources import templates_folder
from screening.web.shell.page_messages import PageMessages

ROOT = Path(__file__).parents[2]
SINGLE, PLURAL = {"gettext", "mark"}, {"ngettext", "mark_plural"}
BRACES = "python-brace-format"
FACTS = {"_": "python-format", "gettext": BRACES, "ngettext": BRACES}
"""How the functions of templates name facts."""
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """A message in English, its plural if it has one, and how its facts are named."""

    text: str
    plural: str = ""
    facts: str = BRACES


def messages() -> dict[Message, list[str]]:
    """Every message with the places that say it."""
    found: dict[Message, list[str]] = {}
    for place, message in (*_of_code(), *_of_templates()):
        found.setdefault(message, []).append(place)
    return found


def _of_code() -> Iterator[tuple[str, Message]]:
    for path in sorted((ROOT / "screening").rglob("*.py")):
        if "node_modules" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield from ((place, each) for each in _said(node.func.id, node.args))


def _said(name: str, given: list[ast.expr]) -> Iterator[Message]:
    texts = [each.value for each in given if isinstance(each, ast.Constant)]
    if name in SINGLE and texts:
        yield Message(str(texts[0]))
    elif name in PLURAL and texts:
        yield Message(str(texts[0]), str(texts[1]))
    elif name == "Phrases" and isinstance(given[0], ast.Dict):
        yield from (
            Message(str(each.value)) for each in given[0].values if isinstance(each, ast.Constant)
        )


def _of_templates() -> Iterator[tuple[str, Message]]:
    environment = Environment(autoescape=True, extensions=[PageMessages])
    for path in sorted(templates_folder().rglob("*.html")):
        said = environment.extract_translations(path.read_text("utf-8"))  # type: ignore[attr-defined]
        for line, function, found in said:
            text, plural = found[:2] if function == "ngettext" else (_first(found), "")
            place = f"templates/{path.relative_to(templates_folder())}:{line}"
            yield place, Message(str(text), str(plural), FACTS[function])


def _first(found: object) -> object:
    """The message of a call: the first of what it is given."""
    return found[0] if isinstance(found, tuple) else found


def written(found: dict[Message, list[str]]) -> str:
    """The messages in the form that the tools of gettext read."""
    entries = [HEAD]
    for message, places in sorted(found.items(), key=lambda each: each[1]):
        lines = [*(f"#: {place}" for place in places), f"#, {message.facts}"]
        lines.append(f"msgid {json.dumps(message.text, ensure_ascii=False)}")
        if message.plural:
            lines.append(f"msgid_plural {json.dumps(message.plural, ensure_ascii=False)}")
            lines += ['msgstr[0] ""', 'msgstr[1] ""']
        else:
            lines.append('msgstr ""')
        entries.append("\n".join(lines) + "\n")
    return "\n".join(entries)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written(messages()), "utf-8")
