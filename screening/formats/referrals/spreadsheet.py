"""The damage that a spreadsheet does to cells in a file: undone where that is certain.

A reference that became a number, a day or an error is lost, so that it is refused: two patients
can have the same ruined one.
"""

import re

from screening.formats.referrals.text import UnfitError, clean_text, field_label
from screening.translation import mark

DECLARED = re.compile(r'\ufeff?"?sep=(.)"?[ \t]*[\r\n]*', re.IGNORECASE)
"""A first line that names the separator; spreadsheets read it and do not show it as a row."""

_NAMES = frozenset({"person", "clinic"})  # such as 's-Hertogenbosch
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
_ERROR = re.compile(r"#(?:#+|N/A|(?:NAME|VALUE|REF|DIV/0|NUM|NULL|SPILL|CALC|FIELD|BUSY)[?!])")
_FRACTION = re.compile(r"([0-9]+)[.,]0+")
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = re.compile(rf"[0-9]{{1,2}}-{_MONTH}(?:-[0-9]{{2,4}})?|{_MONTH}-[0-9]{{2}}")
_SERIAL = re.compile(r"[0-9]{5}")
_TIMED = re.compile(r"(.{6,40}?)(?:T| +)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?")


def restore_cell(name: str, cell: str) -> str:
    """The text of a cell before a spreadsheet marked it as text or as a number.

    Args:
        name: the field.
        cell: as the file has it.

    Raises:
        UnfitError: if the typed text is lost; the message does not repeat it.
    """
    text = clean_text(cell)
    marked = _AS_TEXT.fullmatch(text)
    if marked:
        text = clean_text(marked[1].replace('""', '"'))
    elif name not in _NAMES:
        text = text.removeprefix("'")
    if _ERROR.fullmatch(text):
        raise UnfitError("ruined", _BROKEN, field=field_label(name))
    return _CHECKED[name](name, text) if name in _CHECKED else text


def _number(name: str, text: str) -> str:
    if _FRACTION.fullmatch(text):
        raise UnfitError("ruined", _BECAME_NUMBER, field=field_label(name))
    if _DAY.fullmatch(text):
        raise UnfitError("ruined", _BECAME_DATE, field=field_label(name))
    return text


def _received(_: str, text: str) -> str:
    """A day without the time that other systems write after it; one in another zone stays."""
    if _SERIAL.fullmatch(text):
        raise UnfitError("ruined", _SERIAL_DAY)
    timed = _TIMED.fullmatch(text)
    return timed[1] if timed else text


def _year(_: str, text: str) -> str:
    whole = _FRACTION.fullmatch(text)
    if _SERIAL.fullmatch(whole[1] if whole else text):
        raise UnfitError("ruined", _SERIAL_YEAR)
    return whole[1] if whole else text


_BROKEN = mark("{field} contains a spreadsheet error, such as #N/A")
_BECAME_NUMBER = mark(
    "{field} was turned into a number by a spreadsheet, and zeros at its start may be lost"
)
_BECAME_DATE = mark("{field} was turned into a date by a spreadsheet")
_SERIAL_DAY = mark(
    "Date received is a number that a spreadsheet uses for a date; write the date, such as"
    " 27 March 2026"
)
_SERIAL_YEAR = mark(
    "Birth year is a number that a spreadsheet uses for a date; write the year in four digits"
)
_CHECKED = {
    "reference": _number,
    "birth_year": _year,
    "hospital_number": _number,
    "date_received": _received,
}
HINT = mark(
    "Set the column to “Text”, enter what the referral letter says, and save the file again"
)
