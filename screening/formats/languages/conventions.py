"""The ways in which a language writes days and plurals, from Unicode's CLDR by Babel."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.plurals import get_plural

_MONTH = "yMMMM"


@dataclass(frozen=True)
class Conventions:
    """The ways in which the language of a tag writes.

    Numbers are in the digits 0 to 9, which are those of CLDR for Spanish and for Arabic.
    """

    tag: str

    @property
    def name(self) -> str:
        """The language's own name for itself, with a capital where it has any."""
        name = self._locale.display_name or self.tag
        return name[:1].upper() + name[1:]

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return self._locale.text_direction

    @property
    def plural_rule(self) -> str:
        """The rule for plurals, as the head of a catalogue tells it."""
        return str(get_plural(self._locale))

    @property
    def plural_forms(self) -> int:
        """The number of forms that a message with a number has."""
        return len(self._forms)

    def plural(self, count: int) -> int:
        """The place of the form for a number."""
        form: str = self._locale.plural_form(count)
        return self._forms.index(form)

    def day(self, day: dt.date) -> str:
        """A day in words: 1 de octubre de 2026."""
        return format_date(day, "long", locale=self._locale)

    def month(self, day: dt.date) -> str:
        """The month of a day with its year: octubre de 2026."""
        return format_skeleton(_MONTH, day, locale=self._locale)

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.tag)

    @cached_property
    def _forms(self) -> list[str]:
        """The plural forms in the order of catalogues."""
        return [tag for tag in _ORDER if tag in {*self._locale.plural_form.tags, "other"}]


_ORDER = ("zero", "one", "two", "few", "many", "other")
