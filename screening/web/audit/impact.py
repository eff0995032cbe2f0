"""The impact of other rules: every result of one's sites, assessed again and kept nowhere."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from flask import Blueprint, abort, current_app, render_template, request, url_for

from screening.core.rules.ruleset import Ruleset
from screening.formats.referrals.csv_text import write_table
from screening.records.access import Permission
from screening.records.results.impact import Reassessment
from screening.records.results.search import references, used_rulesets
from screening.records.results.site_impact import SiteImpact, count_site_assessments, site_impact
from screening.records.rules.recorded import RulesetTextsError
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.audit.replay import CriterionChangeView, criterion_change_view
from screening.web.audit.search import named_outcomes
from screening.web.rules.recorded import recorded_ruleset
from screening.web.shell.context import page_context, records
from screening.web.shell.long_work import (
    BUSY,
    LongWork,
    is_busy,
    one_at_a_time,
    stream_page,
)
from screening.web.shell.responses import Page, table_response

blueprint = Blueprint("impact", __name__, url_prefix="/audit/impact")
MOST_JUDGED = 20_000
SHOWN = 100
IN_USE = mark("in use now")
NO_OUTCOME = mark("no outcome")
TOO_MANY = mark(
    "Your sites have {count:,} results, too many to assess for a page. On the server, "
    "`screening impact RULES` does it."
)
HEADING = (
    *(mark("Case"), mark("Result"), mark("From"), mark("To"), mark("Criteria")),
    mark("Answers left out"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeChange:
    """From what to what, how often."""

    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactLine:
    """One result that other rules would change."""

    reference: str
    number: int
    address: str
    before: str
    after: str
    turned: tuple[CriterionChangeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """All of it in words.

    ``risen`` counts outcomes that become favourable, ``more`` changed ones that ``lines`` leaves
    out, and ``same_otherwise`` results that keep their outcome though a criterion turns.
    """

    ruleset: Ruleset
    judged: int
    unreadable: int
    changed: int
    risen: int
    outcome_changes: tuple[OutcomeChange, ...]
    turned: tuple[tuple[CriterionChangeView, int], ...]
    lines: tuple[ImpactLine, ...]
    more: int
    same_otherwise: int


@blueprint.get("")
@allowed(Permission.AUDIT)
def page() -> Page:
    """Choose rules; or what the chosen ones would change."""
    if "rules" not in request.args:
        return _page()
    ruleset = _chosen()
    if trouble := _too_many() or (gettext(BUSY) if is_busy() else ""):
        return _page(trouble), HTTPStatus.SERVICE_UNAVAILABLE
    work = LongWork(
        partial(site_impact, records(), actor(), ruleset), partial(_impact_view, ruleset)
    )
    return stream_page("audit/impact.html", work, **_context(ruleset))


@blueprint.get("/changes.csv")
@allowed(Permission.AUDIT)
def table() -> Page:
    """Each result that the chosen rules would change, as a table."""
    if "rules" not in request.args:
        abort(HTTPStatus.BAD_REQUEST)
    if trouble := _too_many():
        return _page(trouble), HTTPStatus.SERVICE_UNAVAILABLE
    ruleset = _chosen()
    with one_at_a_time() as free:
        if not free:
            return _page(gettext(BUSY)), HTTPStatus.SERVICE_UNAVAILABLE
        found = site_impact(records(), actor(), ruleset).found
    text = write_table(
        [*map(gettext, HEADING)],
        (_cells(each) for each in found if each.changed or each.criterion_changes),
    )
    return table_response(text, f"impact-{ruleset.digest[:12]}.csv")


def _page(trouble: str = "") -> str:
    return render_template(
        "audit/impact.html", work=None, **_context(page_context().ruleset, trouble)
    )


def _context(chosen: Ruleset, trouble: str = "") -> dict[str, object]:
    kept = {
        each.digest: f"{each.id} {each.version}, {each.digest[:12]}"
        for each in used_rulesets(records())
    }
    now = page_context().ruleset
    kept[now.digest] = f"{now.id} {now.version}, {now.digest[:12]}, {gettext(IN_USE)}"
    return {
        "choices": list(kept.items()),
        "chosen": chosen.digest,
        "trouble": trouble,
        "BUSY": BUSY,
        "count": count_site_assessments(records(), actor()),
    }


def _chosen() -> Ruleset:
    try:
        return recorded_ruleset(request.args["rules"])
    except RulesetTextsError:
        abort(HTTPStatus.NOT_FOUND)


def _too_many() -> str:
    most = int(current_app.config.get("MOST_JUDGED", MOST_JUDGED))
    count = count_site_assessments(records(), actor())
    return gettext(TOO_MANY, count=count) if count > most else ""


def _impact_view(ruleset: Ruleset, impact: SiteImpact) -> Impact:
    found = impact.found
    changed = [each for each in found if each.changed]
    turns = Counter((each.before, each.after) for each in changed)
    turned = Counter(turn for each in found for turn in each.criterion_changes)
    known = [ruleset, *_recorded_rulesets(impact.digests - {ruleset.digest})]
    names = _names(known)
    return Impact(
        ruleset=ruleset,
        judged=len(found),
        unreadable=impact.unreadable,
        changed=len(changed),
        risen=sum(each.favourable_after and not each.favourable_before for each in found),
        outcome_changes=tuple(
            OutcomeChange(before=_name(names, before), after=_name(names, after), count=count)
            for (before, after), count in turns.most_common()
        ),
        turned=tuple(
            (criterion_change_view(each, known), count) for each, count in turned.most_common()
        ),
        lines=tuple(_lines(changed[:SHOWN], known, names)),
        more=max(0, len(changed) - SHOWN),
        same_otherwise=sum(bool(each.criterion_changes) and not each.changed for each in found),
    )


def _lines(
    found: list[Reassessment], rulesets: list[Ruleset], names: dict[str, str]
) -> Iterator[ImpactLine]:
    cases = references(records(), actor(), {each.case_id for each in found})
    for each in found:
        yield ImpactLine(
            reference=cases.get(each.case_id, ""),
            number=each.number,
            address=url_for("trace.page", case_id=each.case_id, number=each.number),
            before=_name(names, each.before),
            after=_name(names, each.after),
            turned=tuple(criterion_change_view(turn, rulesets) for turn in each.criterion_changes),
        )


def _recorded_rulesets(digests: Iterable[str]) -> Iterator[Ruleset]:
    """The rules that results were computed by, as far as they can be read."""
    for digest in sorted(digests):
        with suppress(RulesetTextsError):
            yield recorded_ruleset(digest)


def _names(rulesets: list[Ruleset]) -> dict[str, str]:
    """The outcomes' names; those of the first rules count where several have one."""
    return {key: name for each in reversed(rulesets) for key, name in named_outcomes(each)}


def _name(names: dict[str, str], outcome: str | None) -> str:
    return names.get(outcome, outcome) if outcome else gettext(NO_OUTCOME)


def _cells(each: Reassessment) -> tuple[str, ...]:
    turned = " ".join(
        f"{turn.criterion}:{turn.before}>{turn.after}" for turn in each.criterion_changes
    )
    ids = (each.before or "", each.after or "")
    return (each.case_id, str(each.number), *ids, turned, " ".join(each.left_out))
