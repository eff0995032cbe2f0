"""Sentences in the reader's language, by the standard library's gettext.

The code holds English. A sentence goes through ``gettext`` or ``ngettext`` as it is said, never as
it is stored. The language belongs to the context, which each request and each thread has of its
own, so two people can read in two languages at once.
"""

import datetime as dt
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import Protocol, TypeVar

Key = TypeVar("Key")

ENGLISH = NullTranslations()
BEGIN_ENGLISH, END_ENGLISH = "\U0010fffc", "\U0010fffd"
"""Letters for private use around what is said in English, for want of words in the language."""


_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


class Conventions(Protocol):
    """The ways in which a language writes."""

    @property
    def tag(self) -> str:
        """The language as pages declare it, such as ``es``."""
        ...

    @property
    def name(self) -> str:
        """The language's own name for itself."""
        ...

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        ...

    def plural(self, count: int) -> int:
        """The place of the form for a number among the plural forms."""
        ...

    def day(self, day: dt.date) -> str:
        """A day in words."""
        ...

    def month(self, day: dt.date) -> str:
        """The month of a day, with its year."""
        ...


class Language(NullTranslations):
    """A language other than English; what it has no words for it says in English, and marks so."""

    def __init__(
        self,
        conventions: Conventions,
        messages: Mapping[str, str],
        plurals: Mapping[str, Sequence[str]],
    ) -> None:
        """Take the messages, and the forms of those with a number, by their English."""
        super().__init__()
        self.conventions = conventions
        self._messages, self._plurals = messages, plurals

    def gettext(self, message: str) -> str:
        """A message in this language."""
        return self._messages.get(message) or in_english(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The message for a number in this language."""
        forms = self._plurals.get(msgid1)
        if forms is None:
            return in_english(msgid1 if n == 1 else msgid2)
        return forms[self.conventions.plural(n)]

    def info(self) -> dict[str, str]:
        """The tag of the language, as a catalogue tells it."""
        return {"language": self.conventions.tag}


def in_english(text: str) -> str:
    """A text that is said in English to a reader of another language."""
    return f"{BEGIN_ENGLISH}{text}{END_ENGLISH}" if text else ""


_LANGUAGE: ContextVar[NullTranslations] = ContextVar("language", default=ENGLISH)


def gettext(message: str, /, **facts: object) -> str:
    """A message in the reader's language, with facts in the places that name them in braces."""
    said = _LANGUAGE.get().gettext(message) if message else ""  # "" is the head of a catalogue
    return said.format_map(written_facts(facts)) if facts else said


def ngettext(one: str, many: str, count: int, /, **facts: object) -> str:
    """The message for a number, which it names ``{count}``."""
    said = _LANGUAGE.get().ngettext(one, many, count)
    return said.format_map(written_facts({"count": count} | facts))


def written_facts(facts: Mapping[str, object]) -> Mapping[str, object]:
    """Facts for a message; in a language from right to left each keeps a direction of its own."""
    conventions = reader_conventions()
    if conventions is None or conventions.direction == "ltr":
        return facts
    return {name: _isolated(fact) for name, fact in facts.items()}


def _isolated(fact: object) -> object:
    """A fact within marks of Unicode, which work where no element can stand, as in a title."""
    html = getattr(fact, "__html__", None)
    return fact if html else f"{_ISOLATE}{fact}{_END_ISOLATE}"


def mark(message: str, /) -> str:
    """A message as it is, for the catalogue: it goes through ``gettext`` where it is said."""
    return message


def mark_plural(one: str, many: str, /) -> tuple[str, str]:
    """The two messages of a number as they stand, for the catalogue and for ``ngettext``."""
    return one, many


def language_tag() -> str:
    """The reader's language as pages declare it, such as ``de``: what its catalogue is for."""
    return _LANGUAGE.get().info().get("language") or "en"


def reader_conventions() -> Conventions | None:
    """The ways in which the reader's language writes; none of its own for English."""
    language = _LANGUAGE.get()
    return language.conventions if isinstance(language, Language) else None


def reader_language() -> NullTranslations:
    """The catalogue of the reader's language; by it may be kept what was said in the language."""
    return _LANGUAGE.get()


class Phrases(Mapping[Key, str]):
    """A table of messages. Each is in the reader's language as it is looked up."""

    def __init__(self, messages: Mapping[Key, str]) -> None:
        self._messages = messages

    def __getitem__(self, key: Key) -> str:
        """The words of a key in the reader's language."""
        return gettext(self._messages[key])

    def __iter__(self) -> Iterator[Key]:
        """The keys in the order of the table."""
        return iter(self._messages)

    def __len__(self) -> int:
        """The number of messages."""
        return len(self._messages)


@contextmanager
def reading_in(language: NullTranslations) -> Generator[None]:
    """Say everything within in a language."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)
