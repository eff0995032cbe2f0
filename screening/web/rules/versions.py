"""The rules that were used or proposed here, how they differ, and who brought them into use."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    g,
    render_template,
    request,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from screening.core.compiled.diagram import BudgetError
from screening.core.rules.ruleset import Part, Ruleset, Status
from screening.proof.comparison.diff import compare
from screening.records.access import Permission
from screening.records.rules.activation import (
    ActivationError,
    Step,
    Version,
    approve,
    is_activated,
    propose,
    versions,
)
from screening.records.rules.recorded import RulesetTextsError
from screening.translation import Phrases, gettext, mark
from screening.web.accounts.authorization import actor, allowed, person
from screening.web.people.proposals import new_account_days
from screening.web.rules.loaded_texts import ruleset_texts
from screening.web.rules.recorded import recorded_ruleset
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_kept_instant
from screening.web.shell.responses import see_other
from screening.web.shell.words import capital
from screening.words.auditor.differences import difference_lines
from screening.words.shared.days import words_of_day

blueprint = Blueprint("versions", __name__, url_prefix="/rules/versions")
STATUS_WORDS = Phrases(
    {
        Status.DRAFT: "draft",
        Status.ACTIVE: "active",
        Status.RETIRED: "retired",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A version as the list shows it."""

    digest: str
    name: str
    in_use: bool
    readable: bool
    standing: str
    file: str
    proposed: str
    approved: str
    review: tuple[str, ...]
    overdue: bool
    may_propose: bool
    may_approve: bool
    waits_for_others: bool


@blueprint.record_once
def _tell_templates(state: BlueprintSetupState) -> None:
    known = state.app.jinja_env.globals
    known["rules_notice"] = lambda: is_not_activated() and _may(Permission.VIEW)
    known["may_activate"] = lambda: _may(Permission.ACTIVATE)


def _may(permission: Permission) -> bool:
    """True if somebody is signed in and may do this; an administrator alone uses no rules."""
    found = person()
    return found is not None and found.actor().may(permission)


def is_not_activated(digest: str = "") -> bool:
    """True if nobody activated some rules. Activated they stay.

    Args:
        digest: of the rules; by default, those that the application screens by.
    """
    if digest not in ("", page_context().ruleset.digest):
        return not is_activated(records(), digest)
    known = current_app.extensions
    if not known.get("rules_activated") and "rules_activated" not in g:  # asked once a request
        g.rules_activated = is_activated(records(), page_context().ruleset.digest)
        known["rules_activated"] = g.rules_activated
    return not known["rules_activated"]


def must_not_record() -> bool:
    """True if nothing is to be recorded by the rules, as where real patients are served."""
    return bool(current_app.config.get("REQUIRE_ACTIVATION")) and is_not_activated()


@blueprint.get("")
@allowed(Permission.ACTIVATE)
def page() -> str:
    """All versions, the newest first; the one in use is there even before its first use."""
    found = versions(records(), actor())
    lines = [_line(each) for each in found]
    ruleset = page_context().ruleset
    if all(each.digest != ruleset.digest for each in found):
        fresh = Version(
            digest=ruleset.digest,
            ruleset_id=ruleset.id,
            version=ruleset.version,
            proposed=None,
            approved=None,
        )
        lines.insert(0, _line(fresh))
    return render_template("rules/versions/list.html", lines=lines)


@blueprint.post("/propose")
@allowed(Permission.ACTIVATE)
def propose_version() -> Response:
    """Propose the rules that the server was started with."""
    try:
        propose(records(), actor(), page_context().ruleset, ruleset_texts())
        flash(gettext("Proposed. Somebody else has to approve them now."), "success")
    except (ActivationError, RulesetTextsError) as error:
        flash(_sentence(error), "error")
    return see_other(url_for("versions.page"))


@blueprint.post("/<digest>/approve")
@allowed(Permission.ACTIVATE)
def approve_version(digest: str) -> Response:
    """Approve what another person proposed."""
    try:
        approve(records(), actor(), digest, new_account_days())
        flash(gettext("Approved. These rules are activated here."), "success")
    except ActivationError as error:
        flash(_sentence(error), "error")
    return see_other(url_for("versions.page"))


@blueprint.get("/compare")
@allowed(Permission.ACTIVATE)
def compare_versions() -> str:
    """Show the changes from one version to another, each with its nearest patient."""
    known = {each.digest for each in versions(records(), actor())} | {page_context().ruleset.digest}
    digests = [request.args.get(name, "") for name in ("before", "after")]
    if not known.issuperset(digests):
        abort(HTTPStatus.NOT_FOUND)
    before, after = map(recorded_ruleset, digests)
    return render_template(
        "rules/versions/compare.html",
        before=before,
        after=after,
        lines=_lines(before, after),
    )


def _lines(before: Ruleset, after: Ruleset) -> list[str]:
    try:
        return difference_lines(compare(before, after, page_context().today()), before, after)
    except BudgetError as error:
        return [gettext("They cannot be compared: {problem}.", problem=error)]


def _line(found: Version) -> Line:
    in_use = found.digest == page_context().ruleset.digest
    ruleset, today = _readable(found.digest), page_context().today()
    parts = ruleset.parts if ruleset else ()
    return Line(
        digest=found.digest,
        name=f"{ruleset.id} {ruleset.version}" if ruleset else _name_of_unreadable(found),
        in_use=in_use,
        readable=ruleset is not None,
        standing=_standing(found, in_use=in_use),
        file=STATUS_WORDS[parts[0].status] if parts else "",
        proposed=_step(found.proposed),
        approved=_step(found.approved),
        review=tuple(_reviews(parts, today)),
        overdue=any(part.review_by < today for part in parts),
        may_propose=in_use and not found.proposed,
        may_approve=ruleset is not None and _may_approve(found),
        waits_for_others=_waits_for_others(found),
    )


def _readable(digest: str) -> Ruleset | None:
    """The rules of a digest; None if somebody changed their texts or their digest."""
    try:
        return recorded_ruleset(digest)
    except RulesetTextsError:
        return None


def _name_of_unreadable(found: Version) -> str:
    return f"{found.ruleset_id} {found.version}".strip() or gettext("Rules without a name")


def _may_approve(found: Version) -> bool:
    if found.proposed is None or found.approved is not None:
        return False
    return found.proposed.by_id not in {None, actor().id}


def _waits_for_others(found: Version) -> bool:
    """True if the person who looks proposed the rules, and nobody has approved them."""
    proposed = found.proposed
    return proposed is not None and found.approved is None and proposed.by_id == actor().id


def _standing(found: Version, *, in_use: bool) -> str:
    """The standing of a version here, independent of its file."""
    if found.approved is None:
        return gettext("proposed") if found.proposed else gettext("draft, not activated")
    return gettext("active") if in_use else gettext("retired")


def _reviews(parts: tuple[Part, ...], today: dt.date) -> Iterator[str]:
    for part in parts:
        day = words_of_day(part.review_by)
        late, due = mark("{rules}: past its review, due by {day}"), mark("{rules}: review by {day}")
        yield gettext(late if part.review_by < today else due, rules=part.id, day=day)


def _step(step: Step | None) -> str:
    if step is None:
        return ""
    return gettext("{name}, {when}", name=step.by, when=words_of_kept_instant(step.at))


def _sentence(error: Exception) -> str:
    return gettext("{problem}.", problem=capital(str(error)))
