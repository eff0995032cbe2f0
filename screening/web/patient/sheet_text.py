"""The sheet as plain text, to copy, to share, and to keep."""

from collections.abc import Iterable, Iterator

from screening.translation import gettext
from screening.web.patient.sheet_content import Group, Line, Sheet
from screening.web.shell.emergency_number import emergency_number
from screening.web.shell.language import unchecked_words
from screening.words.patient import sheet as words
from screening.words.shared.days import words_of_day

Part = tuple[str, list[str]]
"""A heading, and the lines below it."""


def write_text(sheet: Sheet) -> str:
    """The sheet in lines; below each heading, lines begin with a dash."""
    parts = ([heading, *(f"- {each}" for each in lines)] for heading, lines in _parts(sheet))
    return "\n\n".join("\n".join(each) for each in parts if len(each) > 1) + "\n"


def _parts(sheet: Sheet) -> Iterator[Part]:
    yield _head(sheet)
    yield from _first(sheet)
    yield gettext("What my doctor should know first"), _texts(sheet.signs)
    yield gettext("What matters most to me"), [*sheet.matters]
    asks = gettext("Questions to ask my doctor"), [each.text for each in sheet.first_questions]
    if not sheet.is_emergency:
        yield asks
    yield gettext("What I have tried"), _texts(sheet.tried)
    yield from _groups(sheet.find_out)
    yield gettext("What to bring"), [*words.words_of_bring()]
    if sheet.is_emergency:
        yield gettext("For later, once you have been seen"), [*asks[1]]
    yield gettext("Other questions to ask"), [each.text for each in sheet.other_questions]
    yield from _groups(sheet.find_out_later)
    misfits = [gettext(words.MISFITS)] if sheet.misfits else []
    answers = [f"{each.label} {each.text}" for each in sheet.answered]
    yield gettext("My answers"), answers + misfits
    origin = words.words_of_origin(sheet.publishers, sheet.rules, sheet.version)
    yield gettext("About this sheet"), [gettext(words.PROMPTS), origin, *_unchecked()]


def _unchecked() -> list[str]:
    """The warning about a translation that no native speaker has read."""
    english = unchecked_words()
    return [gettext(english)] if english else []


def _head(sheet: Sheet) -> Part:
    titles = (gettext("Your sheet for the doctor"), gettext("Your sheet to hand over"))
    day = gettext("Answers given on {day}.", day=words_of_day(sheet.as_of))
    return titles[sheet.is_emergency], [day, *sheet.standing]


def _first(sheet: Sheet) -> Iterator[Part]:
    """The advice, whole and in the order of the page: what is in doubt softens no emergency."""
    doubt = words.READ_OUT_NOW if sheet.is_emergency else words.READ_OUT_TODAY
    unsure = [line for group in sheet.unsure_now for line in (group.words, *_texts(group.lines))]
    if unsure:
        unsure.insert(1, gettext(doubt))
    whence = [gettext(words.HOW_SOON)] if sheet.is_soon else []
    advice = [*sheet.advice] or [gettext(words.NEUTRAL)]
    softer = [] if sheet.is_emergency else unsure
    yield gettext("What to do first"), [*softer, *advice]
    yield gettext("Because of what you said:"), _texts(sheet.because)
    if sheet.is_emergency:
        yield unsure[0] if unsure else "", unsure[1:]
    heading = words.TELL_NOW if sheet.is_emergency else words.TELL_SOON
    soon = [line for group in sheet.unsure_soon for line in _texts(group.lines)]
    yield gettext(heading), soon
    call = gettext("Call {number}, or go to an emergency department now.", number=_number())
    yield (
        gettext("Get help now if any of these is new or getting worse"),
        [call, *sheet.warning_signs, *whence],
    )


def _number() -> str:
    return emergency_number() or gettext("your local emergency number")


def _groups(groups: Iterable[Group]) -> Iterator[Part]:
    return ((each.words, _texts(each.lines)) for each in groups)


def _texts(lines: Iterable[Line]) -> list[str]:
    return [each.text for each in lines]
