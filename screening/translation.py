"""Sentences in the reader's language, by the standard library's gettext.

The code holds English. A sentence goes through ``gettext`` or ``ngettext`` as it is said, never as
it is stored. The language belongs to the context, which each request and each thread has of its
own, so two people can read in two languages at once.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import TypeVar

Key = TypeVar("Key")

ENGLISH = NullTranslations()
_LANGUAGE: ContextVar[NullTranslations] = ContextVar("language", default=ENGLISH)


def gettext(message: str, /, **facts: object) -> str:
    """A message in the reader's language, with facts in the places that name them in braces."""
    said = _LANGUAGE.get().gettext(message) if message else ""  # "" is the head of a catalogue
    return said.format_map(facts) if facts else said


def ngettext(one: str, many: str, count: int, /, **facts: object) -> str:
    """The message for a number, which it names ``{count}``."""
    said = _LANGUAGE.get().ngettext(one, many, count)
    return said.format(count=count, **facts)


def mark(message: str, /) -> str:
    """A message as it is, for the catalogue: it goes through ``gettext`` where it is said."""
    return message


def mark_plural(one: str, many: str, /) -> tuple[str, str]:
    """The two messages of a number as they stand, for the catalogue and for ``ngettext``."""
    return one, many


def language_tag() -> str:
    """The reader's language as pages declare it, such as ``de``: what its catalogue is for."""
    return _LANGUAGE.get().info().get("language") or "en"


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
