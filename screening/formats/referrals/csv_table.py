"""Referrals as a table of comma-separated values: bytes to rows and problems, and back.

Rows are counted as a spreadsheet counts them: the heading is row 1, an empty row counts too, a line
break inside quotes does not start a row, and a first line `sep=;` is none.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import islice

from screening.core.values.referral import PRIORITY_WORDS
from screening.errors import Place, Problem
from screening.formats.referrals.day_order import find_day_first, settle_day
from screening.formats.referrals.spreadsheet import DECLARED, HINT, restore_cell
from screening.formats.referrals.table import Column, Edits, Row, Table, UnfitRow
from screening.formats.referrals.text import (
    FIELD_WORDS,
    FIELDS,
    FORMULA,
    OPTIONAL,
    UnfitError,
    clean_text,
    read_referral,
)
from screening.translation import gettext, mark

MAX_ROWS = 5000
MAX_PROBLEMS = 500
MAX_COLUMNS = 100
_LONGEST_NAME = 80  # of a column, as far as a similar one is looked for
_LOOKED_AT = 50  # rows in which examples of values are looked for
_SHOWN = 40  # characters of a heading or an example
_SEPARATORS = (",", ";", "\t")
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""The first bytes of .xlsx and .ods, and of the older .xls."""
_OPEN_AND_SAVE = mark(
    "Open it in the spreadsheet, choose “Save as” and “CSV UTF-8 (comma delimited)”, and upload"
    " the CSV file"
)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OWN, _DAY = "hospital_number", "date_received"
_NAMES = {
    **{name.replace("_", " "): name for name in FIELDS},
    **{words.lower(): name for name, words in FIELD_WORDS.items()},
}
"""The names of a field in a heading: its own name too, as in files that were made before."""
_USUAL = {
    **dict.fromkeys(("mrn", "medical record number", "hospital no", "hospital id"), _OWN),
    **dict.fromkeys(("patient number", "patient no", "patient id", "unit number"), _OWN),
    **dict.fromkeys(("received", "received on", "received date", "receipt date"), _DAY),
    **dict.fromkeys(("date of receipt", "arrived", "date of referral"), _DAY),
    **dict.fromkeys(("referral date", "date referred"), _DAY),
    **dict.fromkeys(("nhs number", "nhs no"), _OWN),
}
"""Headings of other systems, the likeliest first; a person says whether the guess is right."""
_YEAR = re.compile("(?:18|19|20)[0-9]{2}", re.ASCII)
_PRIORITIES = frozenset(PRIORITY_WORDS.values())
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def read_referrals(data: bytes, today: dt.date, edits: Edits | None = None) -> Table:
    """Read a file, with every problem by row and column.

    A problem's place has the row as its line (0 for the whole file), the column's number (0 for the
    whole row), and the column's heading as its path. No message repeats the text of a cell.

    Args:
        data: the file; UTF-8 with or without a byte order mark, separated by commas, semicolons or
            tabs.
        today: the latest day, and its year the latest birth year.
        edits: a person's changes to rows of it.
    """
    text = _decoded(data)
    if isinstance(text, Problem):
        return Table(rows=(), problems=(text,), broken=True)
    reader = _Reader(text, today, edits or Edits())
    reader.read()
    return Table(
        rows=tuple(reader.rows),
        problems=tuple(reader.problems),
        unfit_rows=tuple(reader.unfit_rows),
        counted=reader.counted,
        broken=reader.broken,
        day_first=reader.day_first if reader.has_settled else None,
    )


def read_columns(data: bytes) -> tuple[Column, ...]:
    """The columns of a file, short enough to be shown; none if it cannot be read."""
    text = _decoded(data)
    if isinstance(text, Problem):
        return ()
    rows = (
        cells
        for cells in _Reader(text, dt.date.min, Edits()).split()
        if any(map(clean_text, cells))
    )
    try:
        heading = [clean_text(cell) for cells in islice(rows, 1) for cell in cells]
        below = list(islice(rows, _LOOKED_AT))
    except csv.Error:
        return ()
    while heading and not heading[-1]:
        heading.pop()
    guesses = _guesses(heading)
    return tuple(
        Column(heading=_cut(name), whole=name, samples=_samples(below, at), guess=guesses[at])
        for at, name in enumerate(heading[:MAX_COLUMNS])
    )


def is_referral(columns: Sequence[Column]) -> bool:
    """True if a row of headings looks like a referral: it has a year of birth, or a priority."""
    return any(_YEAR.fullmatch(each.whole) or each.whole.lower() in _PRIORITIES for each in columns)


def _guesses(heading: Sequence[str]) -> list[str]:
    """The field that each heading names, nearly if none does exactly; each field once."""
    plain = [_plain(name) for name in heading]
    found = [_NAMES.get(name, "") for name in plain]
    found = [name if name not in found[:at] else "" for at, name in enumerate(found)]
    bare = [name.rstrip(".:") for name in plain]
    for name, field in _USUAL.items():
        if name in bare and not found[bare.index(name)] and field not in found:
            found[bare.index(name)] = field
    for at, name in enumerate(plain):
        near = get_close_matches(name[:_LONGEST_NAME], _NAMES, n=1, cutoff=0.8)
        if not found[at] and near and _NAMES[near[0]] not in found:
            found[at] = _NAMES[near[0]]
    return found


def _samples(rows: Sequence[Sequence[str]], at: int) -> tuple[str, ...]:
    values = (clean_text(cells[at]) for cells in rows if at < len(cells))
    return tuple(islice(dict.fromkeys(_cut(each) for each in values if each), 3))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def write_template() -> str:
    """A file to fill in: the heading alone."""
    return write_table(tuple(FIELD_WORDS.values()), [])


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


def _plain(heading: str) -> str:
    return clean_text(heading).lower().replace("_", " ")


class _Lines:
    """The target of the writer: a list."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(line)


class _Reader:
    """Reads rows and collects what is wrong with them."""

    def __init__(self, text: str, today: dt.date, edits: Edits) -> None:
        self._lines = _LINE.findall(text)
        self._today = today
        self._edits = edits
        self.rows: list[Row] = []
        self.unfit_rows: list[UnfitRow] = []
        self.problems: list[Problem] = []
        self.counted = 0
        self.broken = False
        self.day_first: bool | None = None
        self.has_settled = False

    def read(self) -> None:
        """Read all rows, until one shows that what follows cannot be told apart."""
        number = 0
        columns: list[str] = []
        try:
            for number, cells in enumerate(self.split(), start=1):
                if not any(map(clean_text, cells)):
                    continue
                if columns:
                    on = self._row(number, columns, cells)
                else:
                    columns = self._heading(number, cells)
                    on = bool(columns)
                    self.day_first = self._find_day_first(columns)
                if not on:
                    return
        except csv.Error as error:
            self._report(_at(number + 1), "quotes", _words_of(error))
        if not self.counted and not self.problems:
            self._report(_at(0), "empty", gettext("The file has no referrals in it"))

    def split(self) -> Iterator[list[str]]:
        """The cells of each row."""
        declared = DECLARED.fullmatch(self._lines[0]) if self._lines else None
        lines = self._lines[1:] if declared else self._lines
        first = next((line for line in lines if line.strip()), "")
        separator = declared[1] if declared else max(_SEPARATORS, key=first.count)
        if separator not in _SEPARATORS:
            said = gettext("The first line names a separator that is not recognised")
            hint = gettext("Save the file with , ; or tab as separator")
            self._report(_at(0), "separator", said, hint)
            return iter(())
        return csv.reader(lines, delimiter=separator, strict=True)

    def _find_day_first(self, columns: Sequence[str]) -> bool | None:
        if _DAY not in columns:
            return None
        at = columns.index(_DAY)
        try:
            return find_day_first(cells[at] for cells in self.split() if at < len(cells))
        except csv.Error:  # reported where its row is read
            return None

    def _heading(self, number: int, cells: list[str]) -> list[str]:
        """The field of each column; empty, and problems, if the heading does not name them."""
        while cells and not clean_text(cells[-1]):
            cells.pop()  # a spreadsheet writes columns that it once had
        if len(cells) > MAX_COLUMNS:
            said = gettext(
                "The file has {count:,} columns; the limit is {most}",
                count=len(cells),
                most=MAX_COLUMNS,
            )
            hint = gettext("Delete the other columns")
            self._report(_at(number), "too-many-columns", said, hint)
            return []
        matched = list(self._edits.columns)
        if len(matched) != len(cells):
            matched = []
        names = matched or [_NAMES.get(_plain(cell), "") for cell in cells]
        for column, name in enumerate(names, start=1):
            if not name and matched:
                continue
            if not name:
                self._report_unknown(_at(number, column), cells[column - 1])
            elif name in names[: column - 1]:
                said = gettext("The column {name} occurs twice", name=FIELD_WORDS[name])
                self._report(_at(number, column, name), "column-twice", said)
        for name in FIELDS:
            if name not in names and name not in OPTIONAL:
                said = gettext("The column {name} is missing", name=FIELD_WORDS[name])
                self._report(_at(number, 0, name), "column-missing", said)
        return [] if self.problems else names

    def _report_unknown(self, at: Place, cell: str) -> None:
        known = ", ".join(FIELD_WORDS.values())
        near = get_close_matches(clean_text(cell[:_LONGEST_NAME]).lower(), _NAMES, n=1)
        hint = (
            gettext("Did you mean {name}?", name=FIELD_WORDS[_NAMES[near[0]]])
            if near
            else gettext("Delete the column")
        )
        unknown = mark("Column not recognised. Use: {columns}")
        message = unknown if clean_text(cell) else mark("The column has no heading. Use: {columns}")
        self._report(at, "column-unknown", gettext(message, columns=known), hint)

    def _row(self, number: int, columns: list[str], cells: list[str]) -> bool:
        """Read one row; whether to read on."""
        self.counted += 1
        if self.counted > MAX_ROWS:
            message = mark("The file has more than {most:,} referrals; no more are read at once")
            said = gettext(message, most=MAX_ROWS)
            self._report(_at(number), "too-many-rows", said, gettext("Split the file"))
            return False
        if number in self._edits.settled:
            return True
        surplus = any(map(clean_text, cells[len(columns) :]))
        typed = self._edits.texts.get(number, {})
        if any(map(clean_text, typed.values())) or (typed and not surplus):
            kept = tuple(map(clean_text, cells)) if surplus else ()
            named = [name for name in FIELDS if name not in columns]
            whole = [*columns, *named]  # a field that no column has can be typed too
            self._values(number, whole, [typed.get(name, "") for name in whole], kept)
        elif surplus:
            self._surplus(number, columns, cells)
        else:
            self._values(number, columns, self._settled(columns, cells))
        return self._may_go_on(number)

    def _settled(self, columns: list[str], cells: list[str]) -> list[str]:
        """The cells of a row, with its day in the order of the column if that is known."""
        if self.day_first is None or len(cells) <= (at := columns.index(_DAY)):
            return cells
        day = settle_day(cells[at], day_first=self.day_first)
        self.has_settled = self.has_settled or day != cells[at]
        return [*cells[:at], day, *cells[at + 1 :]]

    def _surplus(self, number: int, columns: list[str], cells: list[str]) -> None:
        message = mark("The row has {cells} cells, the heading {columns}")
        said = gettext(message, cells=len(cells), columns=len(columns))
        hint = gettext("Is there a separator inside a cell that has no quotes around it?")
        at = _at(number, len(columns) + 1)
        self.problems.append(Problem(code="too-many-cells", message=said, place=at, hint=hint))
        kept = tuple(map(clean_text, cells))
        empty: dict[str, str] = dict.fromkeys(FIELDS, "")
        self.unfit_rows.append(UnfitRow(number=number, texts=empty, unfit={}, cells=kept))

    def _values(
        self, number: int, columns: list[str], cells: list[str], kept: tuple[str, ...] = ()
    ) -> None:
        texts, ruined = _restored(columns, cells)
        referral, unfit = read_referral(texts, self._today)
        unfit |= ruined
        if referral is not None and not unfit:
            self.rows.append(Row(number=number, referral=referral))
            return
        for column, name in enumerate(columns, start=1):
            if name in unfit:
                code, at = unfit[name].code, _at(number, column, name)
                hint = gettext(HINT) if code == "ruined" else ""
                said = str(unfit[name])
                self.problems.append(Problem(code=code, message=said, place=at, hint=hint))
        own = dict(zip(columns, map(clean_text, cells), strict=False))
        shown = {name: texts.get(name, own.get(name, "")) for name in FIELDS}
        self.unfit_rows.append(UnfitRow(number=number, texts=shown, unfit=unfit, cells=kept))

    def _may_go_on(self, number: int) -> bool:
        if len(self.problems) < MAX_PROBLEMS:
            return True
        message = mark("There are {most} problems or more; the rest is not listed")
        said, hint = gettext(message, most=MAX_PROBLEMS), gettext("Correct these first")
        self._report(_at(number), "too-many-problems", said, hint)
        return False

    def _report(self, at: Place, code: str, message: str, hint: str = "") -> None:
        """A problem of more than one row."""
        self.broken = True
        self.problems.append(Problem(code=code, message=message, place=at, hint=hint))


def _restored(
    columns: Sequence[str], cells: Sequence[str]
) -> tuple[dict[str, str], dict[str, UnfitError]]:
    """The texts of a row by field, and by field what a spreadsheet made of it."""
    texts: dict[str, str] = {}
    ruined: dict[str, UnfitError] = {}
    for name, cell in zip(columns, cells, strict=False):
        if not name:
            continue
        try:
            texts[name] = restore_cell(name, cell)
        except UnfitError as error:
            ruined[name] = error
    return texts, ruined


def _at(row: int, column: int = 0, name: str = "") -> Place:
    return Place(source="file", line=row, column=column, path=FIELD_WORDS.get(name, ""))


def _decoded(data: bytes) -> str | Problem:
    if data.startswith(_SPREADSHEETS):
        said = gettext("The file is a spreadsheet file (such as .xlsx), not a CSV file")
        return Problem(code="spreadsheet", message=said, place=_at(0), hint=gettext(_OPEN_AND_SAVE))
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


def _not_read(message: str) -> Problem:
    hint = gettext("In the spreadsheet choose “Save as” and “CSV UTF-8 (comma delimited)”")
    return Problem(code="not-utf8", message=message, place=_at(0), hint=hint)


def _words_of(error: csv.Error) -> str:
    """The fault of the quotes; no row after it can be told apart from the one before."""
    if "end of data" in str(error) or "field larger" in str(error):
        return gettext(
            "A cell begins with a quotation mark and none ends it; nothing after it is read"
        )
    return gettext("A quotation mark is where none can be; nothing after it is read")
