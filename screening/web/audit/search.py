"""Finding an assessment, whenever and by whatever rules it was made; for auditors.

Nothing on the pages of an audit changes a record. What is searched for is posted, as for the
worklist, and is never readable in an address.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from screening.core.results.decision import Decision
from screening.core.rules.ruleset import Ruleset
from screening.records.access import Permission
from screening.records.case.unreadable import UNREADABLE_OUTCOME
from screening.records.results.search import AuditEntry, audit_list, audit_people, used_rulesets
from screening.records.rules.recorded import RulesetTextsError
from screening.translation import gettext, mark, ngettext
from screening.web.accounts.authorization import actor, actor_sites, allowed
from screening.web.audit.query import AuditRequest, read_request
from screening.web.rules.recorded import recorded_ruleset
from screening.web.shell import sealed_search
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import Page, form_page, see_other
from screening.words.nurse.decision import DECISION_WORDS

blueprint = Blueprint("search", __name__, url_prefix="/audit")
NOT_DECIDED = mark("not decided")
OVERRIDDEN = mark("Overridden")
MAY_MATCH = (
    mark(
        "{count} result was changed outside the application and cannot be read, so we cannot tell"
        " whether it matches."
    ),
    mark(
        "{count:,} results were changed outside the application and cannot be read, so we cannot"
        " tell whether they match."
    ),
)
NO_OUTCOME = mark("No outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One assessment as the list shows it; one that cannot be read has no address."""

    found: AuditEntry
    address: str
    outcome: str
    favourable: bool
    decision: str
    when: str

    @classmethod
    def of(cls, found: AuditEntry) -> "Line":
        """An assessment in words, those of its own rules."""
        ruleset = _rules_of(found.digest) if found.digest else None
        return cls(
            found=found,
            address=""
            if found.number is None
            else url_for("trace.page", case_id=found.case.id, number=found.number),
            outcome=outcome_name(ruleset, found.outcome),
            favourable=ruleset is not None and found.outcome in ruleset.favourable,
            decision=_decision(found),
            when=words_of_instant(found.at) if found.at else "",
        )


@blueprint.get("/")
@allowed(Permission.AUDIT)
def page() -> Page:
    """The assessments of one's sites, as the address says."""
    asked = read_request(request.args)
    found = audit_list(records(), actor(), asked.query)
    kept = used_rulesets(records())
    html = render_template(
        "audit/list.html",
        asked=asked,
        mistakes=asked.mistakes,
        found=found,
        lines=[Line.of(each) for each in found.found],
        summary=ngettext("{count} result", "{count:,} results", found.total),
        may_match=ngettext(*MAY_MATCH, found.unreadable) if found.unreadable else "",
        sites=actor_sites(),
        people=audit_people(records(), actor()),
        rulesets=[(each.digest, f"{each.id} {each.version}, {each.digest[:12]}") for each in kept],
        outcomes=_outcomes(asked),
    )
    return form_page(html, asked.mistakes)


@blueprint.post("/find")
@allowed(Permission.AUDIT)
def find() -> Response:
    """Take a searched text, and lead to the list of what it finds; filters stay as they are."""
    values = MultiDict(request.form.items())
    values["find"] = sealed_search.seal_text(request.form.get("text", ""))
    return see_other(read_request(values).address())


def outcome_name(ruleset: Ruleset | None, outcome: str | None) -> str:
    """An outcome by its name in its rules; by its id where they have none, or cannot be read."""
    if outcome is None:
        return gettext(NO_OUTCOME)
    names = dict(named_outcomes(ruleset)) if ruleset else {}
    return names.get(outcome, outcome)


def named_outcomes(ruleset: Ruleset) -> list[tuple[str, str]]:
    """The outcomes of a ruleset, those that are no step last."""
    return [(each.id, each.name) for each in ruleset.results]


def _outcomes(asked: AuditRequest) -> list[tuple[str, str]]:
    """The outcomes to filter by: of the chosen rules, else of those in use."""
    chosen = _rules_of(asked.query.digest) if asked.query.digest else None
    listed = named_outcomes(chosen or page_context().ruleset)
    wanted = asked.query.outcome
    if wanted and wanted not in dict(listed):
        listed.append((wanted, wanted))
    return listed


def _rules_of(digest: str) -> Ruleset | None:
    """The rules of a digest; None if they are not kept, or were tampered with."""
    try:
        return recorded_ruleset(digest)
    except RulesetTextsError:
        return None


def _decision(found: AuditEntry) -> str:
    if found.unreadable_decision:
        return gettext(UNREADABLE_OUTCOME)
    if found.decision is None:
        return gettext(NOT_DECIDED)
    if found.decision is Decision.OVERRIDE:
        return gettext(OVERRIDDEN)
    return DECISION_WORDS[found.decision]
