"""Comma-separated values: bytes to the cells of rows, and rows to the text of a file."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from screening.errors import Place, Problem, ScreeningError
from screening.formats.referrals.spreadsheet import DECLARED
from screening.formats.referrals.text import FIELD_WORDS, FORMULA
from screening.translation import gettext, mark

_SEPARATORS = (",", ";", "\t")
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""The first bytes of .xlsx and .ods, and of the older .xls."""
_OPEN_AND_SAVE = mark(
    "Open it in the spreadsheet, choose “Save as” and “CSV UTF-8 (comma delimited)”, and upload"
    " the CSV file"
)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class UnknownSeparatorError(ScreeningError):
    """The first line of a file names a separator that is not recognised."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(mark("The first line names a separator that is not recognised"))


def decode_file(data: bytes) -> str | Problem:
    """The text of a file, or the reason why it has none."""
    if data.startswith(_SPREADSHEETS):
        said = gettext("The file is a spreadsheet file (such as .xlsx), not a CSV file")
        hint = gettext(_OPEN_AND_SAVE)
        return Problem(code="spreadsheet", message=said, place=file_place(0), hint=hint)
    if data.startswith(_UTF_16):
        return _not_read(gettext("The file is UTF-16 (“Unicode text”), which is not read"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = mark("The file is not UTF-8: line {line:,} has a letter in another encoding")
        return _not_read(gettext(message, line=line))
    if "\0" in text:
        return _not_read(gettext("The file is no text: is it a spreadsheet's own file?"))
    return text


def split_rows(text: str) -> Iterator[list[str]]:
    """The cells of each row of a text, as they are asked for.

    Raises:
        UnknownSeparatorError: if the first line names a separator that is not recognised.
        csv.Error: at a row with a quotation mark where none can be.
    """
    lines = _LINE.findall(text)
    declared = DECLARED.fullmatch(lines[0]) if lines else None
    rows = lines[1:] if declared else lines
    first = next((line for line in rows if line.strip()), "")
    separator = declared[1] if declared else max(_SEPARATORS, key=first.count)
    if separator not in _SEPARATORS:
        raise UnknownSeparatorError
    return csv.reader(rows, delimiter=separator, strict=True)


def words_of_fault(error: csv.Error) -> str:
    """The fault of the quotes; no row after it can be told apart from the one before."""
    if "end of data" in str(error) or "field larger" in str(error):
        return gettext(
            "A cell begins with a quotation mark and none ends it; nothing after it is read"
        )
    return gettext("A quotation mark is where none can be; nothing after it is read")


def file_place(row: int, column: int = 0, name: str = "") -> Place:
    """A place in a file; see ``csv_table.read_referrals``."""
    return Place(source="file", line=row, column=column, path=FIELD_WORDS.get(name, ""))


def write_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as the text of a file that a spreadsheet opens and runs nothing of."""
    lines: list[str] = []
    writer = csv.writer(_Lines(lines), lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([neutralise(cell) for cell in row] for row in rows)
    return "".join(lines)


def neutralise(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe says that it is text."""
    return f"'{cell}" if cell.startswith((*FORMULA, "\t", "\r", "\n")) else cell


class _Lines:
    """The target of the writer: a list."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(line)


def _not_read(message: str) -> Problem:
    hint = gettext("In the spreadsheet choose “Save as” and “CSV UTF-8 (comma delimited)”")
    return Problem(code="not-utf8", message=message, place=file_place(0), hint=hint)
