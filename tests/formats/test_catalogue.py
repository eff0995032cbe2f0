"""Catalogues of messages: what can be said, and what is missing, stale or wrong."""

import datetime as dt

import pytest
from babel import Locale

from screening.formats.languages.catalogue import Entry, Messages, read_entries, read_messages
from screening.formats.languages.conventions import Conventions
from screening.formats.languages.reviewed import digest_of_translation
from screening.translation import (
    BEGIN_ENGLISH,
    END_ENGLISH,
    gettext,
    language_tag,
    ngettext,
    reading_in,
)

TEMPLATE = read_entries("""\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#. emergency
#: templates/help.html
msgid "Get help now"
msgstr ""

#: templates/a.html
#, python-format
msgid "Section %(number)s of <b>%(all)s</b>, 5%%"
msgstr ""

#: a.py
#, python-brace-format
msgid "{count} day"
msgid_plural "{count} days"
msgstr[0] ""
msgstr[1] ""
""")
HELP_OF = f"# of: {digest_of_translation('es', '', 'Get help now', 'Ayuda')}\n"
SECTION_OF = digest_of_translation(
    "es",
    "",
    "Section %(number)s of <b>%(all)s</b>, 5%%",
    "Parte %(number)s de <b>%(all)s</b>, 5%%",
)
FORMS = ("un día", "{count} de días", "{count} días")
DAYS_OF = digest_of_translation("es", "", "{count} day{count} days", *FORMS)
HELP = HELP_OF + 'msgid "Get help now"\nmsgstr "Ayuda"\n\n'
SECTION = (
    f"# of: {SECTION_OF}\n"
    'msgid "Section %(number)s of <b>%(all)s</b>, 5%%"\n'
    'msgstr "Parte %(number)s de <b>%(all)s</b>, 5%%"\n\n'
)
DAYS = (
    f"# of: {DAYS_OF}\n"
    'msgid "{count} day"\nmsgid_plural "{count} days"\n'
    'msgstr[0] "un día"\nmsgstr[1] "{count} de días"\nmsgstr[2] "{count} días"\n\n'
)
WHOLE = HELP + SECTION + DAYS
SPANISH, ARABIC = Conventions("es"), Conventions("ar")


def read(text: str, conventions: Conventions = SPANISH) -> Messages:
    return read_messages(TEMPLATE, "es.po", text, conventions)


def gaps(text: str) -> list[tuple[str, bool]]:
    return [(gap.problem.code, gap.emergency) for gap in read(text).gaps]


def test_messages_are_said_in_the_language() -> None:
    found = read(WHOLE)
    assert found.gaps == ()
    with reading_in(found.language(SPANISH)):
        assert gettext("Get help now") == "Ayuda"
        assert [ngettext("{count} day", "{count} days", each) for each in (1, 5)] == [
            "un día",
            "5 días",
        ]
        assert language_tag() == "es"
    assert gettext("Get help now") == "Get help now"


def test_what_the_language_lacks_is_said_in_english_and_marked() -> None:
    with reading_in(read(HELP).language(SPANISH)):
        said = [gettext("Back"), gettext(""), ngettext("{count} day", "{count} days", 2)]
    assert said == [f"{BEGIN_ENGLISH}Back{END_ENGLISH}", "", f"{BEGIN_ENGLISH}2 days{END_ENGLISH}"]


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        (SECTION + DAYS, ("missing-message", True)),
        (HELP.replace("Ayuda", "") + SECTION + DAYS, ("untranslated", True)),
        ("#, fuzzy\n" + WHOLE, ("stale-words", True)),
        (WHOLE.replace("de <b>%(all)s</b>", "de <b>%(al)s</b>"), ("wrong-facts", False)),
        (WHOLE.replace("de <b>%(all)s</b>", "de <i>%(all)s</i>"), ("wrong-tags", False)),
        (WHOLE.replace('</b>, 5%%"\n\n', '</b>, 5%"\n\n'), ("bare-percent", False)),
        (WHOLE.replace('msgstr[2] "{count} días"\n', ""), ("untranslated", False)),
        (WHOLE.replace("{count} días", "{number} días"), ("wrong-facts", False)),
        (WHOLE.replace("Ayuda", "Espera"), ("not-reviewed", True)),
        (WHOLE.replace(HELP_OF, ""), ("not-reviewed", True)),
        (WHOLE.replace("Ayuda", "Get  help NOW"), ("untranslated", True)),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else "",
)
def test_a_message_that_cannot_be_said_is_a_gap(text: str, gap: tuple[str, bool]) -> None:
    assert gaps(text) == [gap]


def test_a_gap_says_where_and_what_to_do() -> None:
    (gap,) = read("#, fuzzy\n" + WHOLE).gaps
    assert str(gap.problem.place).startswith("es.po:3")
    assert gap.problem.hint == "correct the translation and delete the line `#, fuzzy`"


@pytest.mark.parametrize("text", ["hello\n", 'msgid ""\nmsgstr "Plural-Forms: nplurals=x;\\n"\n'])
def test_a_file_that_is_no_catalogue_withholds_the_language(text: str) -> None:
    (gap,) = read(text).gaps
    assert (gap.problem.code, gap.emergency) == ("not-po", True)


def test_arabic_has_six_forms() -> None:
    assert ARABIC.plural_forms == 6
    assert [ARABIC.plural(each) for each in (0, 1, 2, 3, 11, 100)] == [0, 1, 2, 3, 4, 5]
    assert ARABIC.direction == "rtl"


def test_days_and_digits_are_those_of_the_language() -> None:
    day = dt.date(2026, 10, 1)
    assert SPANISH.day(day) == "1 de octubre de 2026"
    assert SPANISH.month(day) == "octubre de 2026"
    assert ARABIC.day(day) == "1 أكتوبر 2026"
    digits = [Locale.parse(each.tag).default_numbering_system for each in (SPANISH, ARABIC)]
    assert digits == ["latn", "latn"]
    assert [each.name for each in (SPANISH, ARABIC)] == ["Español", "العربية"]


def test_the_catalogue_of_another_language_was_not_reviewed_for_this_one() -> None:
    found = read_messages(TEMPLATE, "fr.po", WHOLE, Conventions("fr"))
    assert {gap.problem.code for gap in found.gaps} >= {"not-reviewed"}
    assert any(gap.emergency for gap in found.gaps)


@pytest.mark.parametrize("template", [(), TEMPLATE[1:]])
def test_a_template_that_has_lost_an_emergency_message_withholds_the_language(
    template: tuple[Entry, ...],
) -> None:
    text = WHOLE.replace(HELP_OF, f"{HELP_OF}#. emergency\n")
    assert read(text).gaps == ()
    (gap,) = read_messages(template, "es.po", text, SPANISH).gaps
    assert (gap.problem.code, gap.emergency) == ("missing-message", True)
