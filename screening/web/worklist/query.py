"""The worklist's filters and order, as they stand in its address. Nothing there names a patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from flask import url_for

from screening.core.rules.item import Finder
from screening.core.values.referral import Priority
from screening.records.case.case_rows import State
from screening.records.worklist.worklist import UNASSIGNED, URGENCY, WINDOW, Query
from screening.web.accounts.authorization import actor
from screening.web.shell import sealed_search

SORTS = (URGENCY, WINDOW, "touched", "priority", "due", "created", "clinic")
DESCENDS_FIRST = frozenset({"touched", "created"})
"""Orders that are of more use from the newest on."""
ME, NOBODY = "me", "nobody"
_SIZE = 25
_LAST_PAGE = 100_000
_E = TypeVar("_E", bound=Enum)

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkQuery:
    """Read the query of an address; values that nobody offered are ignored."""

    query: Query
    find: str
    lost: bool = False
    """True for a search of an earlier sign-in, which cannot be read any more."""

    def address(self, **changes: object) -> str:
        """The address of the same list with some of it changed; by default from page 1."""
        said = {**self.values(), "page": None, **changes}
        values: dict[str, Any] = {name: str(value) for name, value in said.items() if value}
        return url_for("worklist.page", **values)

    def export_address(self) -> str:
        """The address of the same list as a file."""
        values: dict[str, Any] = self.values()
        return url_for("export_file.export", **values)

    def values(self) -> dict[str, str]:
        """Everything but the page, as it is in the address."""
        query = self.query
        said = {
            "find": self.find,
            "state": query.state.value if query.state else "",
            "priority": query.priority.name.lower() if query.priority else "",
            "site": str(query.site or ""),
            "clinic": query.clinic or "",
            "waits": query.waits_for.value if query.waits_for else "",
            "assigned": _assigned_text(query.assigned_to),
            "updated": "1" if query.updated_by_me else "",
            "overdue": "1" if query.overdue else "",
            "closed": "1" if query.closed else "",
            "closing": "1" if query.closing else "",
            "sort": query.sort,
            "order": "down" if query.descending else "up",
        }
        sort = _usual_sort(query.state, self.find)
        usual = {"sort": sort, "order": _usual_order(sort)}
        if all(said[name] == value for name, value in usual.items()):
            said = {name: value for name, value in said.items() if name not in usual}
        return {name: value for name, value in said.items() if value}

    @property
    def urgent_address(self) -> str:
        """The address of the same list with the most urgent first."""
        return self.address(sort=URGENCY, order=None)

    @property
    def window_address(self) -> str:
        """The address of the same list with those first whose time window ends first."""
        return self.address(sort=WINDOW, order=None)

    @property
    def narrowed(self) -> bool:
        """True if anything but the order differs from the whole list of open cases."""
        return bool(self.values().keys() - {"sort", "order"})

    def sort_address(self, sort: str) -> str:
        """The address that a column's heading leads to: its order, or if it has that the other."""
        same = self.query.sort == sort
        other = "up" if self.query.descending else "down"
        return self.address(sort=sort, order=other if same else _usual_order(sort))

    def aria_sort(self, sort: str) -> str:
        """The order that a column's heading shows."""
        if self.query.sort != sort:
            return "none"
        return "descending" if self.query.descending else "ascending"


def read_query(values: Values) -> WorkQuery:
    """Read an address."""
    find = values.get("find", "")
    text = sealed_search.read_text(find) if find else ""
    state = read_member(State, values.get("state"))
    sort = values.get("sort", "") if values.get("sort") in SORTS else _usual_sort(state, text)
    order = values.get("order", _usual_order(sort))
    query = Query(
        text=text or "",
        state=state,
        priority=_priority(values.get("priority")),
        site=_number(values.get("site"), _LAST_PAGE),
        clinic=values.get("clinic") or None,
        waits_for=read_member(Finder, values.get("waits")),
        assigned_to=_assigned(values.get("assigned")),
        updated_by_me=values.get("updated") == "1",
        overdue=values.get("overdue") == "1",
        closed=values.get("closed") == "1",
        closing=values.get("closing") == "1",
        sort=sort,
        descending=order == "down",
        page=read_page(values.get("page")),
        size=_SIZE,
    )
    return WorkQuery(query=query, find=find if text else "", lost=bool(find) and not text)


def read_member(kind: type[_E], value: str | None) -> _E | None:
    """The member of an enumeration that has a value, if there is one."""
    return next((each for each in kind if each.value == value), None)


def read_page(text: str | None) -> int:
    """The number of a page; 1 where none can be read."""
    return _number(text, _LAST_PAGE) or 1


def _usual_sort(state: State | None, find: str | None) -> str:
    """The order where none is said: by urgency, but for closed cases and for what is searched."""
    return "touched" if find or state is State.CLOSED else URGENCY


def _usual_order(sort: str) -> str:
    return "down" if sort in DESCENDS_FIRST else "up"


def _priority(name: str | None) -> Priority | None:
    return next((each for each in Priority if each.name.lower() == name), None)


def _assigned(text: str | None) -> int | None:
    """The person whose cases are listed, as a query of records has it."""
    if text == ME:
        return actor().id
    return UNASSIGNED if text == NOBODY else _number(text, _LAST_PAGE)


def _assigned_text(person: int | None) -> str:
    if person is None:
        return ""
    return NOBODY if person == UNASSIGNED else ME if person == actor().id else str(person)


def _number(text: str | None, highest: int) -> int | None:
    if not text or not text.isascii() or not text.isdecimal() or len(text) > len(str(highest)):
        return None
    return min(int(text), highest) or None
