"""The page on which a person says which column of a file is which field of a referral."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from werkzeug.datastructures import MultiDict

from screening.formats.referrals.headings import is_referral, read_columns
from screening.formats.referrals.table import Column, Edits
from screening.formats.referrals.text import FIELD_WORDS, FIELDS, OPTIONAL, field_label
from screening.records.worklist.column_matches import remember_columns, remembered_columns
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor
from screening.web.forms.error_summary import Mistake
from screening.web.shell.context import records
from screening.web.shell.responses import Page, form_page
from screening.web.worklist.import_corrections import Corrections
from screening.web.worklist.import_rows import Import

NO_HEADINGS = mark(
    "The first row looks like a referral, not like headings, and would not be added. Put a heading"
    " row above it and upload the file again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The field of each column, "" where it is not used, and what is wrong with that."""

    columns: tuple[str, ...]
    errors: tuple[Mistake, ...]


def posted_match(form: MultiDict[str, str], columns: Sequence[Column]) -> Match:
    """The match that a person chose; a text that is no field is that of a column not used."""
    posted = [form.get(f"use-{at}", "") for at in range(len(columns))]
    chosen = tuple(name if name in FIELDS else "" for name in posted)
    errors = _errors(chosen)
    if is_referral(columns):
        errors.insert(0, ("use-0", gettext(NO_HEADINGS)))
    return Match(columns=chosen, errors=tuple(errors))


def matched(read: Import) -> Import:
    """A file whose headings are not ours, by the match that its site used last for the same."""
    if not read.table.is_unmatched:
        return read
    headings = [each.whole for each in read_columns(read.data)]
    columns = remembered_columns(records(), actor(), read.site, headings)
    return Import.of(read.data, read.site, Edits(columns=columns)) if columns else read


def remember_match(read: Import) -> None:
    """Keep the match by which a file was imported, if there was one."""
    headings = [each.whole for each in read_columns(read.data)]
    if len(read.edits.columns) == len(headings):
        remember_columns(records(), actor(), read.site, headings, read.edits.columns)


def words_of_match(read: Import) -> list[tuple[str, str]]:
    """The headings of a file that was matched, each with the label of its field."""
    columns = read_columns(read.data)
    if len(columns) != len(read.edits.columns):
        return []
    used = zip(columns, read.edits.columns, strict=True)
    return [(each.heading, field_label(name)) for each, name in used if name]


def match_page(read: Import, typed: Corrections | None = None, match: Match | None = None) -> Page:
    """Show the columns of a file; as they were matched, or else by their headings.

    Args:
        read: the file.
        typed: the corrections that the page carries on.
        match: what a person chose, if something is wrong with it.
    """
    columns = read_columns(read.data)
    before = read.edits.columns if len(read.edits.columns) == len(columns) else ()
    chosen = match.columns if match else before or tuple(each.guess for each in columns)
    page = render_template(
        "worklist/columns.html",
        read=read,
        columns=list(zip(columns, chosen, strict=True)),
        errors=match.errors if match else (),
        missing=[field_label(name) for name in FIELDS if _is_missing(name, chosen)],
        fields=FIELD_WORDS,
        carried=list(typed.carried) if typed else [],
    )
    return form_page(page, match)


def _is_missing(name: str, chosen: Sequence[str]) -> bool:
    return name not in OPTIONAL and name not in chosen


def _errors(chosen: Sequence[str]) -> list[Mistake]:
    missing = [
        ("use-0", gettext("Choose a column for {field}", field=field_label(name)))
        for name in FIELDS
        if _is_missing(name, chosen)
    ]
    twice = [
        (f"use-{at}", gettext("Choose {field} for one column only", field=field_label(name)))
        for at, name in enumerate(chosen)
        if name and name in chosen[:at]
    ]
    return [*missing, *twice]
