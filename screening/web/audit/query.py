"""An auditor's query, as it is in an address. Nothing there names a patient."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from screening.formats.answers.day_text import DayTextError, read_day_text
from screening.records.results.search import AuditQuery
from screening.translation import gettext, mark
from screening.web.forms.error_summary import Mistake
from screening.web.shell import sealed_search
from screening.web.worklist.query import read_page

FROM, UNTIL = mark("“Computed from”"), mark("“Computed until”")
NO_DAY = mark("{field}: enter a date such as 27 March 2026")
BEFORE = mark("“Computed until” is before “Computed from”: enter the same date or a later one")
OVERRIDES = {"yes": True, "no": False}
_DIGEST = re.compile("[0-9a-f]{64}", re.ASCII)
_WORD = re.compile("[a-z0-9_-]{1,80}", re.ASCII)
_NUMBER = re.compile("[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """Read the query of an address; values that nobody offered are ignored.

    ``lost`` says that it holds a search of an earlier sign-in, which cannot be read any more.
    ``since`` and ``until`` are the days as they were typed.
    """

    query: AuditQuery
    find: str
    lost: bool = False
    since: str = ""
    until: str = ""

    def address(self, **changes: object) -> str:
        """The address of the same list with some of it changed; by default from page 1."""
        said = {**self.values(), **changes}
        values: dict[str, Any] = {name: str(value) for name, value in said.items() if value}
        return url_for("search.page", **values)

    def values(self) -> dict[str, str]:
        """Everything but the page, as it is in the address."""
        query = self.query
        overrides = {value: name for name, value in OVERRIDES.items()}
        said = {
            "find": self.find,
            "site": str(query.site or ""),
            "since": query.since.isoformat() if query.since else self.since,
            "until": query.until.isoformat() if query.until else self.until,
            "rules": query.digest or "",
            "outcome": query.outcome or "",
            "override": "" if query.override is None else overrides[query.override],
            "by": "" if query.by is None else str(query.by),
        }
        return {name: value for name, value in said.items() if value}

    @property
    def mistakes(self) -> list[Mistake]:
        """The entries of the error summary: days that cannot be read, or the wrong way round."""
        since, until = self.query.since, self.query.until
        typed = [("since", FROM, self.since, since), ("until", UNTIL, self.until, until)]
        unread = [(name, words, text) for name, words, text, day in typed if text and day is None]
        said = [(name, _unread_words(gettext(words), text)) for name, words, text in unread]
        before = bool(since and until and until < since)
        return [*said, ("until", gettext(BEFORE))] if before else said

    @property
    def narrowed(self) -> bool:
        """True if anything narrows the list."""
        return bool(self.values())


def read_request(values: Mapping[str, str]) -> AuditRequest:
    """Read an address."""
    find = values.get("find", "")
    text = sealed_search.read_text(find) if find else ""
    query = AuditQuery(
        text=text or "",
        site=_number(values.get("site")),
        since=_day(values.get("since")),
        until=_day(values.get("until")),
        digest=_fitting(_DIGEST, values.get("rules")),
        outcome=_fitting(_WORD, values.get("outcome")),
        override=OVERRIDES.get(values.get("override", "")),
        by=_number(values.get("by")),
        page=read_page(values.get("page")),
    )
    return AuditRequest(
        query=query,
        find=find if text else "",
        lost=bool(find) and not text,
        since=values.get("since", "").strip(),
        until=values.get("until", "").strip(),
    )


def _fitting(pattern: re.Pattern[str], text: str | None) -> str | None:
    return text if text and pattern.fullmatch(text) else None


def _number(text: str | None) -> int | None:
    return int(text) if text and _NUMBER.fullmatch(text) else None


def _unread_words(field: str, text: str) -> str:
    """Say of a text that is no day, can be two or does not exist, what to enter."""
    try:
        read_day_text(text)
    except DayTextError as error:
        return str(error)
    return gettext(NO_DAY, field=field)


def _day(text: str | None) -> dt.date | None:
    try:
        typed = read_day_text(text or "")
    except DayTextError:
        return None
    return typed.date if typed else None
