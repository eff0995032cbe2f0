"""The corrections of an imported file, kept when a person chooses its columns again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from screening.formats.referrals.csv_table import read_referrals
from screening.formats.referrals.table import Edits, UnfitRow
from screening.formats.referrals.text import FIELDS, texts_of
from screening.web.shell.context import page_context
from screening.web.worklist.import_rows import posted_edits, posted_left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """The texts that were typed into rows, by row and field, and the rows that were left out.

    ``columns`` is the match by which the page had the fields.
    """

    columns: tuple[str, ...]
    texts: Mapping[int, Mapping[str, str]]
    left_out: frozenset[int]

    @classmethod
    def posted(cls, form: MultiDict[str, str]) -> "Corrections":
        """Those that a page carries, or that were typed on it."""
        edits, left_out = posted_edits(form), posted_left_out(form)
        return cls(columns=edits.columns, texts=edits.texts, left_out=left_out)

    def typed_over(self, data: bytes) -> "Corrections":
        """Those of the texts that are others than the file has."""
        rows = _Rows.of(data, self.columns)
        changed = {
            number: {name: text for name, text in each.items() if text != rows.texts(number)[name]}
            for number, each in self.texts.items()
        }
        return replace(self, texts={number: each for number, each in changed.items() if each})

    def fitted(self, data: bytes, columns: tuple[str, ...]) -> tuple[Edits, frozenset[int]]:
        """The changes to a file that still fit by another match, and the rows still left out.

        A text stays unless its field is read from another column now. A row is left out only as
        long as the file has a problem there, and without its texts: the page shows no other row as
        left out.
        """
        rows = _Rows.of(data, columns)
        moved = {name for name in columns if name and _place(columns, name) != self._place(name)}
        texts: dict[int, dict[str, str]] = {}
        left_out = self.left_out & rows.unfit.keys()
        for number in self.texts.keys() - left_out:
            typed = self.texts[number]
            gone = frozenset() if rows.is_surplus(number) else moved
            kept = {name: text for name, text in typed.items() if name not in gone}
            if kept:
                texts[number] = {**rows.texts(number), **kept}
        return Edits(texts=texts, columns=columns), left_out

    @property
    def carried(self) -> Iterator[tuple[str, str]]:
        """All of it, for hidden inputs."""
        yield "columns", ",".join(self.columns)
        for number in sorted(self.left_out):
            yield "left-out", str(number)
        for number, texts in self.texts.items():
            yield from ((f"row-{number}-{name}", text) for name, text in texts.items())

    def _place(self, name: str) -> int | None:
        return _place(self.columns, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The rows of a file by a match, as the file has them."""

    fit: Mapping[int, Mapping[str, str]]
    unfit: Mapping[int, UnfitRow]

    @classmethod
    def of(cls, data: bytes, columns: tuple[str, ...]) -> "_Rows":
        table = read_referrals(data, page_context().today(), Edits(columns=columns))
        fit = {row.number: texts_of(row.referral) for row in table.rows}
        return cls(fit=fit, unfit={row.number: row for row in table.unfit_rows})

    def texts(self, number: int) -> Mapping[str, str]:
        unfit = self.unfit.get(number)
        return unfit.texts if unfit else self.fit.get(number, dict.fromkeys(FIELDS, ""))

    def is_surplus(self, number: int) -> bool:
        return number in self.unfit and bool(self.unfit[number].cells)


def _place(columns: tuple[str, ...], name: str) -> int | None:
    return columns.index(name) if name in columns else None
