"""The rows of an imported file: which are clear, which look like others, which are to correct."""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from screening.core.values.referral import PRIORITY_WORDS, Priority
from screening.formats.referrals.csv_table import read_referrals
from screening.formats.referrals.headings import MAX_COLUMNS
from screening.formats.referrals.table import Edits, Row, Table, UnfitRow
from screening.formats.referrals.text import FIELDS
from screening.records.case.case_rows import Case
from screening.records.worklist.bulk import find_likenesses
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor
from screening.web.case.links import case_address
from screening.web.forms.error_summary import Mistake
from screening.web.shell.context import page_context, records
from screening.web.worklist.likeness import words_of_alike_case, words_of_likeness
from screening.words.shared.labels import PRIORITY_LABELS

AT_ONCE = 20
"""The rows that one page offers for correction; the rest follow when these are settled."""
_TYPED = re.compile(rf"row-([0-9]{{1,7}})-({'|'.join(FIELDS)})", re.ASCII)
_NUMBER = re.compile("[0-9]{1,7}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulRow:
    """A row for a site whose patient may be here already, or may be in an earlier row."""

    row: Row
    site: int
    alike: tuple[Case, ...]
    earlier: Row | None

    @property
    def mark(self) -> str:
        """The row and a mark of what it is like, by which a page says what a person has seen."""
        alike = " ".join(sorted(case.id for case in self.alike))
        return f"{self.row.number}-{hashlib.sha256(alike.encode()).hexdigest()[:16]}"

    @property
    def matches(self) -> list[tuple[str, str, str]]:
        """The reference and the address of each case that is alike, and what is the same."""
        return [
            (
                case.referral.reference,
                case_address(case.id),
                words_of_alike_case(self.row.referral, self.site, case),
            )
            for case in self.alike
        ]

    @property
    def like_earlier(self) -> str:
        """The fields in which it agrees with the earlier row."""
        return words_of_likeness(self.row.referral, self.earlier.referral) if self.earlier else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A file for a site, with what is known of its rows; those ``left_out`` are not added."""

    data: bytes
    site: int
    table: Table
    doubtful: tuple[DoubtfulRow, ...]
    edits: Edits
    left_out: frozenset[int]

    @classmethod
    def of(
        cls,
        data: bytes,
        site: int,
        edits: Edits | None = None,
        left_out: frozenset[int] | None = None,
    ) -> "Import":
        """Read a file, and look for its patients among the cases that are here."""
        edits, left_out = edits or Edits(), left_out or frozenset()
        table = read_referrals(data, page_context().today(), edits)
        rows = () if table.broken else table.rows
        referrals = [row.referral for row in rows]
        found = find_likenesses(records(), actor(), site, referrals)
        doubtful = tuple(
            DoubtfulRow(
                row=row,
                site=site,
                alike=like.cases,
                earlier=None if like.earlier is None else rows[like.earlier],
            )
            for row, like in zip(rows, found, strict=True)
            if like and row.number not in left_out
        )
        return cls(
            data=data,
            site=site,
            table=table,
            doubtful=doubtful,
            edits=edits,
            left_out=frozenset(left_out),
        )

    @property
    def clear(self) -> list[Row]:
        """The rows that nothing speaks against."""
        apart = {each.row.number for each in self.doubtful} | self.left_out
        return [row for row in self.table.rows if row.number not in apart]

    @property
    def to_correct(self) -> tuple[UnfitRow, ...]:
        """The rows that are no referrals yet, and that nobody left out."""
        return tuple(row for row in self.table.unfit_rows if row.number not in self.left_out)

    @property
    def offered(self) -> tuple[UnfitRow, ...]:
        """The first rows to correct, with those that were left out among them."""
        return self.table.unfit_rows[:AT_ONCE]

    @property
    def is_settled(self) -> bool:
        """True if every row that the page shows was left out."""
        offered = {row.number for row in self.offered}
        return bool(self.left_out) and offered <= self.left_out and not self.doubtful

    def chosen(self, numbers: set[str]) -> list[Row]:
        """The clear rows, and those of the doubtful that a person says are other patients."""
        also = [each.row for each in self.doubtful if str(each.row.number) in numbers]
        return sorted([*self.clear, *also], key=lambda row: row.number)

    def rest(self) -> "Import":
        """The rows that are still to be corrected; all others are settled."""
        rows = self.to_correct
        here = {row.number for row in rows}
        gone = {row.number for row in self.table.rows}
        gone |= {row.number for row in self.table.unfit_rows} - here
        table = replace(self.table, rows=(), unfit_rows=rows, counted=len(rows))
        typed = {number: each for number, each in self.edits.texts.items() if number in here}
        edits = replace(self.edits, texts=typed, settled=self.edits.settled | gone)
        return replace(self, table=table, doubtful=(), edits=edits, left_out=frozenset())

    @property
    def packed(self) -> str:
        """The file, as it travels inside the page."""
        return base64.b64encode(zlib.compress(self.data, 6)).decode()

    @property
    def carried(self) -> Iterator[tuple[str, str]]:
        """The typed texts of rows that the page does not offer, for hidden inputs."""
        offered = {row.number for row in self.offered}
        yield "columns", ",".join(self.edits.columns)
        yield "settled", " ".join(map(str, sorted(self.edits.settled)))
        for number in sorted(self.left_out - offered):
            yield "left-out", str(number)
        for number, texts in self.edits.texts.items():
            if number not in offered:
                yield from ((f"row-{number}-{name}", text) for name, text in texts.items())

    @property
    def mistakes(self) -> list[Mistake]:
        """All mistakes in each row that the page offers."""
        rows = [row for row in self.offered if row.number not in self.left_out]
        return [mistake for row in rows for mistake in _mistakes(row)]


def posted_edits(form: MultiDict[str, str]) -> Edits:
    """The rows that were typed again, and those that an earlier step has settled."""
    texts: dict[int, dict[str, str]] = {}
    for name, text in form.items():
        found = _TYPED.fullmatch(name)
        if found:
            texts.setdefault(int(found[1]), {})[found[2]] = text
    settled = _numbers(form.get("settled", "").split())
    return Edits(texts=texts, settled=settled, columns=posted_columns(form))


def posted_columns(form: MultiDict[str, str]) -> tuple[str, ...]:
    """The match of columns and fields that a page carries."""
    names = form.get("columns", "").split(",")
    fit = len(names) <= MAX_COLUMNS and all(name in ("", *FIELDS) for name in names)
    return tuple(names) if fit and any(names) else ()


def posted_left_out(form: MultiDict[str, str]) -> frozenset[int]:
    """The rows that a person left out."""
    return _numbers(form.getlist("left-out"))


def priority_items(row: UnfitRow) -> list[dict[str, object]]:
    """The options of a row's priority; what it has now is among them, whatever it is."""
    own = row.texts["priority"].strip()
    known = {PRIORITY_WORDS[each]: PRIORITY_LABELS[each] for each in Priority}
    items: dict[str, str] = {"": gettext("Choose a priority")}
    items |= {word: words.capitalize() for word, words in known.items()}
    if own.lower() not in items:
        items[own] = gettext("{text} (in the file; choose another)", text=own)
    chosen = own if own in items else own.lower()
    return [
        {"value": word, "text": text, "selected": word == chosen} for word, text in items.items()
    ]


def _mistakes(row: UnfitRow) -> list[Mistake]:
    said = {name: str(row.unfit[name]) for name in FIELDS if name in row.unfit}
    if not said:
        said[FIELDS[0]] = gettext("it has more cells than the heading row")
    message = mark("Row {row:,}: {problem}")
    return [
        (f"row-{row.number}-{name}", gettext(message, row=row.number, problem=problem))
        for name, problem in said.items()
    ]


def _numbers(texts: list[str]) -> frozenset[int]:
    return frozenset(int(text) for text in texts if _NUMBER.fullmatch(text))
