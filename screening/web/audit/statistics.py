"""Numbers over many cases, as charts beside tables and as a file; small groups are not shown."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request

from screening.core.results.decision import REASONS, Choice, Decision
from screening.core.rules.ruleset import Ruleset
from screening.core.values.wording import Audience
from screening.formats.referrals.csv_text import write_table
from screening.records.access import Permission
from screening.records.ledger.site_days import installation_day
from screening.records.results.small_groups import SMALLEST
from screening.records.results.statistics import (
    BANDS,
    EARLIER,
    OPEN,
    Numbers,
    Share,
    Whole,
    months_until,
    read_numbers,
)
from screening.translation import Phrases, gettext, mark, ngettext
from screening.web.accounts.authorization import actor, actor_sites, allowed
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import month_in_a_list
from screening.web.shell.responses import table_response
from screening.words.nurse.decision import words_of_choice
from screening.words.shared.lists import join_name

blueprint = Blueprint("statistics", __name__, url_prefix="/audit/statistics")
NOT_SHOWN = mark("not shown")
HEADING = (mark("Table"), mark("Group"), mark("Cases"), mark("Of"))
LONGEST_LABEL = 46


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A group in a table and its bar in the chart. ``width`` is in per cent of the longest."""

    name: str
    count: int | None
    of: int | None = None
    width: float = 0

    @property
    def label(self) -> str:
        """The name as far as it has room beside a bar; the table has it whole."""
        if len(self.name) <= LONGEST_LABEL:
            return self.name
        return f"{self.name[: LONGEST_LABEL - 1].rstrip()}…"

    @property
    def words(self) -> str:
        """The count in words, with the share where there is one."""
        if self.count is None:
            return gettext(NOT_SHOWN)
        if not self.of:
            return f"{self.count:,}"
        share = round(100 * self.count / self.of)
        return gettext("{count:,} of {of:,} ({share}%)", count=self.count, of=self.of, share=share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its chart. ``shares`` says that each line has a whole of its own."""

    id: str
    title: str
    says: str
    lines: tuple[Line, ...]
    shares: bool = False
    columns: bool = False

    @property
    def charted(self) -> tuple[Line, ...]:
        """The lines that have a bar, or would have if it were shown."""
        return tuple(line for line in self.lines if line.count != 0)

    @property
    def left_out(self) -> str:
        """The lines that the chart has no bars for, which would only make it longer."""
        nobody = len(self.lines) - len(self.charted)
        if not nobody or self.columns:
            return ""
        return ngettext(
            "{count} with no case is in the table only.",
            "{count} with no case are in the table only.",
            nobody,
        )

    @property
    def words(self) -> str:
        """The chart in words, for people who cannot see it."""
        told = "; ".join(join_name(line.name, line.words) for line in self.charted)
        return " ".join(filter(None, [f"{told}." if told else "", self.left_out])) or gettext(
            "No cases."
        )


@blueprint.get("")
@allowed(Permission.NUMBERS)
def page() -> str:
    """All numbers, for the person's sites or one of them."""
    site = _site()
    numbers = read_numbers(records(), actor(), site)
    return render_template(
        "audit/statistics.html",
        tables=list(_tables(numbers)),
        unreadable=_unreadable(numbers),
        sites=actor_sites(),
        site=site,
        smallest=SMALLEST,
    )


@blueprint.get("/numbers.csv")
@allowed(Permission.NUMBERS)
def export() -> Response:
    """The same as a file for a spreadsheet."""
    numbers = read_numbers(records(), actor(), _site())
    rows = [row for table in _tables(numbers) for row in _cells(table)]
    if unreadable := _unreadable(numbers):
        rows.append((unreadable, "", str(numbers.unreadable), ""))
    text = write_table([*map(gettext, HEADING)], rows)
    return table_response(text, f"numbers-{page_context().today().isoformat()}.csv")


def _site() -> int | None:
    return request.args.get("site", type=int)


def _unreadable(numbers: Numbers) -> str:
    """The cases that are missing from the numbers, in words."""
    if not numbers.unreadable:
        return ""
    return ngettext(
        "{count} case was changed outside the application, so part of it cannot be read. The case"
        " is missing from some of these numbers.",
        "{count:,} cases were changed outside the application, so parts of them cannot be read. The"
        " cases are missing from some of these numbers.",
        numbers.unreadable,
    )


def _cells(table: Table) -> Iterator[tuple[str, ...]]:
    for line in table.lines:
        of = (_cell(line.of),) if table.shares else ("",)
        yield (table.title, line.name, _cell(line.count), *of)


def _cell(count: int | None) -> str:
    return gettext(NOT_SHOWN) if count is None else str(count)


def _tables(numbers: Numbers) -> Iterator[Table]:
    rules = page_context().ruleset
    yield Table(
        id="unknown",
        title=gettext("Questions without a known answer"),
        says=gettext(
            "For each question: how many cases have no known answer in their newest result, out of"
            " those in which it was asked or is still needed. The largest share comes first."
        ),
        lines=_shares(numbers.unknown, {each: item.name for each, item in rules.items.items()}),
        shares=True,
    )
    yield Table(
        id="criteria",
        title=gettext("Criteria that are met"),
        says=gettext(
            "For each criterion: how many cases meet it, out of those whose newest result includes"
            " it. The largest share comes first."
        ),
        lines=_shares(
            numbers.hit, {each.id: each.say.to(Audience.NURSE) for each in rules.criteria}
        ),
        shares=True,
    )
    yield from _outcomes(numbers.outcomes, rules)
    yield _whole(
        "overrides",
        gettext("Overrides by reason"),
        gettext("Cases decided differently from the computed outcome, by the newest reason."),
        numbers.overrides,
        [words_of_choice(Choice(Decision.OVERRIDE, each)) for each in REASONS[Decision.OVERRIDE]],
    )
    yield _whole(
        "deciding",
        gettext("From referral to decision"),
        gettext(
            "Cases by the time from the day they were added to the first decision that settled"
            " them."
        ),
        numbers.deciding,
        _bands(),
    )
    yield _whole(
        "chasing",
        gettext("How long items have been on the chase list"),
        gettext("Open cases by how long their oldest item has been on the chase list."),
        numbers.chasing,
        _bands(),
    )


def _shares(shares: Sequence[Share], names: dict[str, str]) -> tuple[Line, ...]:
    """The longest line first, equal ones in the order of the rules: no order gives a case away."""
    order = {each: place for place, each in enumerate(names)}
    lines = [
        Line(
            name=names.get(each.id, gettext("{name} (not in today's rules)", name=each.id)),
            count=each.count,
            of=each.of,
            width=100 * each.count / each.of if each.count and each.of else 0,
        )
        for each in sorted(shares, key=lambda each: (order.get(each.id, len(order)), each.id))
    ]
    return tuple(sorted(lines, key=lambda line: -line.width))


def _outcomes(found: Whole, rules: Ruleset) -> Iterator[Table]:
    """One table for each outcome, by month: all have one scale."""
    names = {each.id: each.name for each in rules.results}
    counts = {group.key: group.count for group in found.groups}
    months = [EARLIER, *months_until(installation_day(records()))]
    most = max((count or 0 for count in counts.values()), default=0)
    for outcome in dict.fromkeys([*names, *(key[1] for key in counts)]):
        line = [(month, counts.get((month, outcome), 0)) for month in months]
        name = names.get(outcome, OPEN_WORDS.get(outcome, outcome))
        if any(count != 0 for _, count in line):
            yield Table(
                id=f"outcome-{outcome}",
                title=gettext("Outcome: {name}", name=name),
                says=gettext(
                    "Cases by the month of their newest result. All outcomes have one scale."
                ),
                lines=tuple(_line(_month(month), count, most) for month, count in line),
                columns=True,
            )


OPEN_WORDS = Phrases({OPEN: "The outcome is still open"})


def _whole(key: str, title: str, says: str, found: Whole, names: Sequence[str]) -> Table:
    most = max((group.count or 0 for group in found.groups), default=0)
    lines = (
        _line(name, group.count, most) for name, group in zip(names, found.groups, strict=True)
    )
    return Table(id=key, title=title, says=says, lines=tuple(lines))


def _line(name: str, count: int | None, most: int) -> Line:
    return Line(name=name, count=count, width=100 * (count or 0) / most if most else 0)


def _month(month: str) -> str:
    if month == EARLIER:
        return gettext("Earlier")
    return month_in_a_list(dt.date.fromisoformat(f"{month}-01"))


def _bands() -> list[str]:
    """The bands of days in words."""
    starts = [0, *(each + 1 for each in BANDS)]
    message = mark("{first} to {last} days")
    told = [gettext(message, first=a, last=b) for a, b in zip(starts, BANDS, strict=False)]
    told[0] = gettext("Less than a day")
    return [*told, gettext("More than {count} days", count=BANDS[-1])]
