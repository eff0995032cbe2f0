"""Overlays as text for translators: every text with its English above it."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from screening.core.rules.patient_words import PatientText
from screening.errors import DocumentError
from screening.formats.languages.reviewed import digest_of_translation
from screening.formats.yaml.reader import Node, Table, Text, read_nodes

_WIDEST = 100
_HEAD = """\
# The patient's words of ../{file}.yaml in another language, and nothing else. Above each text is
# its English. `make words` adds new texts and keeps what is here; `screening check` lists what is
# missing. Translate into `text`. Where it says REVIEW, the text or its English has changed: compare
# them, then `make words ACCEPT=yes`. `checked_by` names the native speaker who has read it all.
language: {language}
checked_by: {checked_by}

words:
"""


class Kept(NamedTuple):
    """A translation as it is in a file, with the digest with which it was reviewed."""

    of: str
    text: str


def write_overlay(
    file: str,
    language: str,
    texts: Sequence[PatientText],
    data: bytes = b"",
    *,
    accept: bool = False,
) -> str:
    """An overlay with every text of a rule file.

    Args:
        file: the name of the rule file.
        language: the tag of the language.
        texts: the patient's texts of the rule file, in English.
        data: the overlay so far. Its translations are kept, those without review are marked.
        accept: true if somebody has reviewed all of them.

    Raises:
        DocumentError: if the overlay so far cannot be read whole.
    """
    checked_by, kept = _read(data)
    if accept:
        held = [each for each in texts if each.key in kept]
        kept |= {each.key: _accepted(language, each, kept[each.key]) for each in held}
    head = _HEAD.format(file=file, language=language, checked_by=checked_by).replace(": \n", ":\n")
    return head + "\n".join(_entry(language, each, kept.get(each.key)) for each in texts)


def _entry(language: str, text: PatientText, kept: Kept | None) -> str:
    return "\n".join([*_comments(language, text, kept), *_lines(text, kept)]) + "\n"


def _accepted(language: str, text: PatientText, kept: Kept) -> Kept:
    return Kept(digest_of_translation(language, text.key, text.text, kept.text), kept.text)


def unreviewed(
    language: str, texts: Sequence[PatientText], data: bytes
) -> Iterator[tuple[PatientText, str]]:
    """The texts of an overlay that somebody has to review, each with its translation."""
    _, kept = _read(data)
    for text in texts:
        found = kept.get(text.key)
        if found and found.text and found != _accepted(language, text, found):
            yield text, found.text


def _comments(language: str, text: PatientText, kept: Kept | None) -> Iterator[str]:
    changed = kept is not None and kept.text and kept != _accepted(language, text, kept)
    marks = [*(["EMERGENCY"] if text.emergency else []), *(["REVIEW"] if changed else [])]
    said = f"{', '.join(marks)}: {text.text}" if marks else text.text
    yield from (f"  # {line}" for line in textwrap.wrap(said, _WIDEST, break_long_words=False))


def _lines(text: PatientText, kept: Kept | None) -> Iterator[str]:
    shown = kept if kept and kept.text else Kept("", "")
    yield f"  {text.key}:"
    yield f"    of: {json.dumps(shown.of)}"
    yield f"    text: {json.dumps(shown.text, ensure_ascii=False)}"


def _read(data: bytes) -> tuple[str, dict[str, Kept]]:
    """The reader who checked an overlay, and its translations; all, or they would be lost."""
    node, reporter = read_nodes("", data, recorded=True) if data else (None, None)
    if reporter and reporter.problems:
        raise DocumentError(reporter.problems)
    root = _fields(node)
    words = {key: _fields(each) for key, each in _fields(root.get("words")).items()}
    kept = {
        key: Kept(_text(each.get("of")), _text(each.get("text"))) for key, each in words.items()
    }
    return _text(root.get("checked_by")), kept


def _fields(node: Node | None) -> Mapping[str, Node]:
    return {key.text: each for key, each in node.entries} if isinstance(node, Table) else {}


def _text(node: Node | None) -> str:
    return " ".join(node.text.split()) if isinstance(node, Text) else ""
