"""Catalogues of messages: the template of all, and the messages of one language, as ``.po`` text."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

from screening.errors import Place, Problem
from screening.formats.languages.conventions import Conventions
from screening.translation import Language

EMERGENCY = "emergency"
"""The comment on a message without which a language is not offered."""
_FACT = re.compile(r"%\(\w+\)s|\{\w*\}")
_TAG = re.compile(r"</?[a-z][^<>]*>")
_SIGN = re.compile(rf"%%|{_FACT.pattern}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A text that a language has no words for, or none for the English of today.

    ``emergency`` is true of a text without which the language is not offered.
    """

    problem: Problem
    emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """The messages of one language by their English, and those that it lacks."""

    single: Mapping[str, str]
    plural: Mapping[str, Sequence[str]]
    gaps: tuple[Gap, ...]

    def language(self, conventions: Conventions) -> Language:
        """The language, which says these messages."""
        return Language(conventions, self.single, self.plural)


def read_messages(
    template: Sequence[Message], source: str, text: str, conventions: Conventions
) -> Messages:
    """Read a catalogue. A message that is not translated, or wrongly, is a gap.

    Args:
        template: every message that there is to translate.
        source: the name under which gaps are reported.
        text: the catalogue.
        conventions: the ways of its language.
    """
    try:
        read = read_po(text.splitlines(keepends=True), locale=conventions.tag, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        broken = Problem("not-po", f"this is no catalogue: {error}", Place(source))
        return Messages(single={}, plural={}, gaps=(Gap(problem=broken, emergency=True),))
    found = {_english(each): each for each in read}
    single: dict[str, str] = {}
    plural: dict[str, Sequence[str]] = {}
    gaps: list[Gap] = []
    for each in template:
        message = found.get(_english(each))
        fault = _fault(message, conventions) if message else ("missing-message", "is not there", "")
        if message is None or fault:
            gaps.append(_gap(each, message, source, fault))
        elif isinstance(each.id, tuple):
            plural[_english(each)] = message.string
        else:
            single[_english(each)] = str(message.string)
    return Messages(single=single, plural=plural, gaps=tuple(gaps))


def read_template(text: str) -> tuple[Message, ...]:
    """The messages of a template, in their order."""
    return tuple(each for each in read_po(text.splitlines(keepends=True)) if each.id)


def is_emergency(message: Message) -> bool:
    """True of a message without which a language is not offered."""
    return EMERGENCY in message.auto_comments


def _english(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def _forms(message: Message) -> list[str]:
    strings = message.string
    return [strings] if isinstance(strings, str) else list(strings)


def _fault(message: Message, conventions: Conventions) -> tuple[str, str, str] | None:
    """What is wrong with a translation: code, message and hint."""
    forms = _forms(message)
    wanted = conventions.plural_forms if isinstance(message.id, tuple) else 1
    if not all(forms) or len(forms) != wanted:
        return "untranslated", "is not translated yet", _forms_wanted(wanted)
    if message.fuzzy:
        return "stale-words", "was translated before its English changed", _UNFUZZY
    return next(_slips(message, forms), None)


_UNFUZZY = "correct the translation and delete the line `#, fuzzy`"


def _forms_wanted(wanted: int) -> str:
    return "" if wanted == 1 else f"it needs `msgstr[0]` to `msgstr[{wanted - 1}]`"


def _slips(message: Message, forms: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    many = message.id[-1] if isinstance(message.id, tuple) else message.id
    for form in forms:
        facts, known = Counter(_FACT.findall(form)), Counter(_FACT.findall(many))
        missing = known.keys() - facts.keys() if len(forms) == 1 else set[str]()
        if wrong := sorted({*missing, *(facts.keys() - known.keys())}):
            hint = "keep what is in braces, or in `%(…)s`, as it is in English"
            yield "wrong-facts", f"has not the same facts: {', '.join(wrong)}", hint
        if Counter(_TAG.findall(form)) != Counter(_TAG.findall(many)):
            yield "wrong-tags", "has not the same tags", "keep what is in `<…>` as it is"
        if "%(" in many and "%" in _SIGN.sub("", form):
            yield "bare-percent", "has a bare `%`", "write `%%`"


def _gap(
    wanted: Message, found: Message | None, source: str, fault: tuple[str, str, str] | None
) -> Gap:
    code, what, hint = fault or ("", "", "")
    line = found.lineno or 0 if found else 0
    place = Place(source, line, 1 if line else 0)
    message = f"“{_english(wanted)}” {what}"
    return Gap(
        problem=Problem(code, message, place, hint), emergency=is_emergency(wanted)
    )
