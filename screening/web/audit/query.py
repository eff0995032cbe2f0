"""An auditor's query, as it is in an address. Nothing there names a patient."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from screening.formats.answers.day_text import AmbiguousDayError, read_day_text
from screening.records.results.search import AuditQuery
from screening.translation import mark
from screening.web.forms.error_summary import Mistake
from screening.web.shell import sealed_search
from screening.web.worklist.query import read_page

BEFORE = mark("This day is before “Computed from”: enter the same day or a later one")
OVERRIDES = {"yes": True, "no": False}
_DIGEST = re.compile("[0-9a-f]{64}", re.ASCII)
_WORD = re.compile("[a-z0-9_-]{1,80}", re.ASCII)
_NUMBER = re.compile("[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """Read the query of an address; values that nobody offered are ignored.

    ``lost`` says that it holds a search of an earlier sign-in, which cannot be read any more.
    """

    query: AuditQuery
    find: str
    lost: bool = False

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
            "since": query.since.isoformat() if query.since else "",
            "until": query.until.isoformat() if query.until else "",
            "rules": query.digest or "",
            "outcome": query.outcome or "",
            "override": "" if query.override is None else overrides[query.override],
            "by": "" if query.by is None else str(query.by),
        }
        return {name: value for name, value in said.items() if value}

    @property
    def mistakes(self) -> list[Mistake]:
        """The entries of the error summary: days between which there is none."""
        since, until = self.query.since, self.query.until
        return [("until", BEFORE)] if since and until and until < since else []

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
    return AuditRequest(query=query, find=find if text else "", lost=bool(find) and not text)


def _fitting(pattern: re.Pattern[str], text: str | None) -> str | None:
    return text if text and pattern.fullmatch(text) else None


def _number(text: str | None) -> int | None:
    return int(text) if text and _NUMBER.fullmatch(text) else None


def _day(text: str | None) -> dt.date | None:
    try:
        typed = read_day_text(text or "")
    except AmbiguousDayError:
        return None
    return typed.date if typed else None
