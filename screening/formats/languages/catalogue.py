"""Catalogues of messages as ``.po`` text: the template of all, and those of one language."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from babel.messages.pofile import PoFileError, read_po

from screening.errors import Place, Problem
from screening.formats.languages.conventions import Conventions
from screening.formats.languages.reviewed import OF, digest_of_translation, is_left_in_english
from screening.translation import Language

EMERGENCY = "emergency"
"""The comment on a message without which a language is not offered."""
_FACT = re.compile(r"%\(\w+\)s|\{\w*\}")
_SIGN = re.compile(rf"%%|{_FACT.pattern}")
_TAG = re.compile(r"</?[a-z][^<>]*>")
_UNFUZZY = "correct the translation and delete the line `#, fuzzy`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A text that a language has no words for, or none for the English of today.

    ``emergency`` is true of a text without which the language is not offered.
    """

    problem: Problem
    emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message as a file holds it: its English and what translates it.

    ``many`` is the English for many of a number; empty where there is no number. ``fuzzy``
    is true of a translation of other English. ``of`` is the digest with which it was reviewed,
    and ``tag`` the language of its file.
    """

    english: str
    many: str
    forms: tuple[str, ...]
    fuzzy: bool
    emergency: bool
    line: int
    of: str
    tag: str

    @property
    def digest(self) -> str:
        """The digest of this message and its translation as they are."""
        return digest_of_translation(self.tag, "", self.english + self.many, *self.forms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """The messages of one language by their English, and those that it lacks."""

    single: Mapping[str, str]
    plural: Mapping[str, Sequence[str]]
    gaps: tuple[Gap, ...]

    def language(self, conventions: Conventions) -> Language:
        """The language, which says these messages."""
        return Language(conventions, self.single, self.plural)


def read_entries(text: str, tag: str | None = None) -> tuple[Entry, ...]:
    """The messages of a file in their order; of the template if no language is named.

    Raises:
        ValueError: if it is no catalogue.
    """
    try:
        catalogue = read_po(text.splitlines(keepends=True), locale=tag, abort_invalid=True)
    except PoFileError as error:
        raise ValueError(str(error)) from None
    return tuple(
        Entry(
            english=_texts(each.id)[0],
            many="".join(_texts(each.id)[1:]),
            forms=_texts(each.string),
            fuzzy=each.fuzzy,
            emergency=EMERGENCY in each.auto_comments,
            line=each.lineno or 0,
            of=_reviewed(each.user_comments),
            tag=tag or "",
        )
        for each in catalogue
        if each.id
    )


def read_messages(
    template: Iterable[Entry], source: str, text: str, conventions: Conventions
) -> Messages:
    """Read a catalogue. A message that is not translated, or wrongly, is a gap.

    Args:
        template: every message that there is to translate.
        source: the name under which gaps are reported.
        text: the catalogue.
        conventions: the ways of its language.
    """
    try:
        found = {each.english: each for each in read_entries(text, conventions.tag)}
    except ValueError as error:
        broken = Problem("not-po", f"this is no catalogue: {error}", Place(source))
        return Messages(single={}, plural={}, gaps=(Gap(problem=broken, emergency=True),))
    single: dict[str, str] = {}
    plural: dict[str, Sequence[str]] = {}
    gaps: list[Gap] = []
    for wanted in template:
        entry = found.get(wanted.english)
        fault = _fault(wanted, entry, conventions)
        if entry is None or fault != _NO_FAULT:
            gaps.append(_gap(wanted, entry, source, fault))
        elif wanted.many:
            plural[wanted.english] = entry.forms
        else:
            single[wanted.english] = entry.forms[0]
    if _has_lost_messages(template, found.values()):
        gaps.append(Gap(problem=_lost(source), emergency=True))
    return Messages(single=single, plural=plural, gaps=tuple(gaps))


def _has_lost_messages(template: Iterable[Entry], translated: Iterable[Entry]) -> bool:
    """True if an emergency message is translated that the template does not ask for."""
    asked = {each.english for each in template if each.emergency}
    return any(each.emergency and each.english not in asked for each in translated)


def _lost(source: str) -> Problem:
    message = "an emergency message of it is not in `messages.pot`"
    return Problem("missing-message", message, Place(source), "`make words` writes both again")


_Fault = tuple[str, str, str]
"""The code of a problem, what is wrong with a message, and a hint."""


def _reviewed(comments: Iterable[str]) -> str:
    found = (each.removeprefix(OF).strip() for each in comments if each.startswith(OF))
    return next(found, "")


def _texts(texts: str | Iterable[str] | None) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts or ())


def _fault(wanted: Entry, entry: Entry | None, conventions: Conventions) -> _Fault:
    """The fault of a translation, or none."""
    if entry is None:
        return "missing-message", "is not there", "`make words` adds what is new"
    count = conventions.plural_forms if wanted.many else 1
    if len(entry.forms) != count or not all(entry.forms):
        hint = "" if count == 1 else f"it needs `msgstr[0]` to `msgstr[{count - 1}]`"
        return "untranslated", "is not translated yet", hint
    if entry.fuzzy:
        return "stale-words", "was translated before its English changed", _UNFUZZY
    if any(is_left_in_english(wanted.many or wanted.english, form) for form in entry.forms):
        return "untranslated", "is in English", ""
    slip = next(_slips(wanted.many or wanted.english, entry.forms), _NO_FAULT)
    if slip == _NO_FAULT and entry.of != entry.digest:
        return _NOT_REVIEWED, _UNREVIEWED, f"if it says the same, write `# {OF} {entry.digest}`"
    return slip


_NO_FAULT = ("", "", "")
_NOT_REVIEWED = "not-reviewed"
_UNREVIEWED = "or its translation was changed, and nobody has reviewed it since"


def _slips(english: str, forms: Sequence[str]) -> Iterator[_Fault]:
    """The changes of what has to stay; one form of several may leave out its number."""
    known, tags = set(_FACT.findall(english)), sorted(_TAG.findall(english))
    for form in forms:
        facts = set(_FACT.findall(form))
        wrong = facts ^ known if len(forms) == 1 else facts - known
        if wrong:
            hint = "keep what is in braces, or in `%(…)s`, as it is in English"
            yield "wrong-facts", f"has not the same facts: {', '.join(sorted(wrong))}", hint
        if sorted(_TAG.findall(form)) != tags:
            yield "wrong-tags", "has not the same tags", "keep what is in `<…>` as it is"
        if "%" in english and "%" in _SIGN.sub("", form):
            yield "bare-percent", "has a bare `%`", "write `%%`"


def _gap(wanted: Entry, entry: Entry | None, source: str, fault: _Fault) -> Gap:
    code, what, hint = fault
    place = Place(source, entry.line, 1) if entry and entry.line else Place(source)
    problem = Problem(code, f"“{wanted.english}” {what}", place, hint)
    return Gap(problem=problem, emergency=wanted.emergency)
