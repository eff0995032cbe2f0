"""Proposed changes, for administrators: one proposes and another approves."""

import datetime as dt
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, abort, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from screening.records.access import Permission, Role
from screening.records.people import link_codes, proposals
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import LastAdministratorError
from screening.records.people.proposals import Proposal, ProposalError
from screening.records.people.rights_steps import NEW_DAYS, Action, Change, Rights, Step
from screening.records.people.sites import sites
from screening.translation import Phrases
from screening.web.accounts.authorization import actor, allowed
from screening.web.accounts.forms import ROLE_WORDS
from screening.web.shell.clock import local
from screening.web.shell.context import records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import see_other
from screening.web.shell.write_keys import posted_number
from screening.words.shared.days import words_of_day

blueprint = Blueprint("proposals", __name__, url_prefix="/people/proposals")
ACTION_WORDS = Phrases(
    {
        Action.ADD: "Add this person, with a password link",
        Action.RIGHTS: "Change roles and sites",
        Action.ACTIVATE: "Make the account active again",
        Action.DEACTIVATE: "Make the account inactive",
        Action.LINK: "Make a password link",
        Action.FACTOR: "Remove the authenticator app, recovery codes and passkeys",
        Action.UNLINK: "Disconnect from single sign-on",
    }
)
STATE_WORDS = Phrases(
    {
        Step.APPROVED: "Approved by",
        Step.OPENED: "Link opened; approved by",
        Step.REFUSED: "Refused by",
        Step.WITHDRAWN: "Withdrawn by",
    }
)
USED = "Link used; approved by"
DECIDED = Phrases(
    {
        "approve": "Approved. The change has been made.",
        "refuse": "Refused. Nothing has changed.",
        "withdraw": "Withdrawn. Nothing has changed.",
    }
)
LINK_APPROVED = (
    "Approved. Give the person the code below. The administrator who proposed the change has the"
    " link."
)


def new_account_days() -> int:
    """For how many days an account counts as one person with the administrator who added it."""
    return current_app.config.get("NEW_ACCOUNT_DAYS") or NEW_DAYS


@blueprint.get("")
@allowed(Permission.ADMINISTER)
def page() -> str:
    """The changes that wait for approval, and those that were decided."""
    found = proposals.proposals(records(), actor(), new_account_days())
    names = _site_names()
    lines = [(proposals.is_waiting(records(), each), _line(each, names)) for each in found]
    return render_template(
        "people/proposals.html",
        waiting=[line for waits, line in lines if waits],
        decided=[line for waits, line in lines if not waits],
        days=new_account_days(),
    )


@blueprint.post("")
@allowed(Permission.ADMINISTER)
def decide() -> Response:
    """Approve, refuse or withdraw a proposal."""
    number, decision = posted_number("number"), request.form.get("decision", "")
    if decision not in DECIDED:
        abort(HTTPStatus.BAD_REQUEST)
    try:
        flash(_decide(number, decision), "success")
    except (ProposalError, LastAdministratorError) as error:
        flash(f"Nothing has changed: {error}.", "error")
    return see_other(url_for("proposals.page"))


def command(number: int) -> str:
    """The command that approves a proposal on the server."""
    shown = current_app.config.get("DEMONSTRATION")
    program = current_app.config.get("PROGRAM") if shown else None
    return f"{program or 'screening'} users approve {number}"


def rights_words(rights: Rights, names: Mapping[int, str]) -> str:
    """Roles and sites as a page says them."""
    roles = ", ".join(words for role, words in ROLE_WORDS.items() if role in rights.roles)
    if not roles:
        return "no rights"
    if not rights.sites:
        return roles if rights.roles == {Role.ADMINISTRATOR} else f"{roles}, at no site"
    return f"{roles} at {', '.join(sorted(names.get(site, '') for site in rights.sites))}"


def changes_rights(change: Change) -> bool:
    """True if roles or sites differ afterwards."""
    return change.before != change.after


def _site_names() -> dict[int, str]:
    """The names of sites, and who changed them lately, so that no new name misleads anybody."""
    changed = proposals.changed_sites(records(), new_account_days())
    return {site.id: site.name + _changed(changed.get(site.id)) for site in sites(records())}


def _changed(found: tuple[str, dt.datetime] | None) -> str:
    return f" (site changed by {found[0]}, {words_of_instant(found[1])})" if found else ""


def _decide(number: int, decision: str) -> str:
    if decision == "approve":
        found = proposals.approve(records(), actor(), number, new_account_days())
        return LINK_APPROVED if found.change.action in proposals.LINKS else DECIDED[decision]
    act = proposals.refuse if decision == "refuse" else proposals.withdraw
    act(records(), actor(), number)
    return DECIDED[decision]


def _line(found: Proposal, names: Mapping[int, str]) -> dict[str, object]:
    me, change = actor().id, found.change
    state = USED if found.used else STATE_WORDS.get(found.state)
    when = words_of_instant(found.decided_at) if found.decided_at else ""
    return {
        "number": found.number,
        "name": found.name,
        "email": found.email,
        "what": ACTION_WORDS[change.action],
        "before": rights_words(change.before, names),
        "after": rights_words(change.after, names) if changes_rights(change) else "",
        "proposer": found.by,
        "by": f"{found.by}, {words_of_instant(found.at)}",
        "until": words_of_instant(found.until),
        "by_command": found.decided_by_id == COMMAND_LINE.id,
        "state": f"{state} {found.decided_by}, {when}" if state else "Not approved in time",
        "approvers": ", ".join(found.approvers.values()),
        "command": command(found.number),
        "demonstration": bool(current_app.config.get("DEMONSTRATION")),
        "waits": proposals.is_waiting(records(), found),
        "outdated": found.outdated,
        "may_approve": me in found.approvers,
        "barred": _barred(found, me),
        "mine": found.by_id == me,
        **_link_of(found, me),
    }


def _barred(found: Proposal, me: int) -> str:
    """The reason, with its end, why the administrator who looks cannot approve a proposal."""
    if found.change.user_id == me:
        return "You cannot approve this, because it changes your own account."
    if not found.bond:
        return ""
    by_whom = {found.by_id: f"{found.by} added you", me: f"you added {found.by}"}
    why = by_whom.get(found.bond.maker or 0, f"{found.maker} added you and {found.by}")
    if not found.maker:
        why = f"your account and that of {found.by} come from the same administrator"
    day = words_of_day(local(found.bond.until).date())
    return f"You cannot approve this until {day}, because {why}."


def _link_of(found: Proposal, me: int) -> dict[str, str]:
    """The link for the proposer and the code for the approver, as long as they work."""
    if not proposals.link_works(records(), found):
        return {"link": "", "code": ""}
    secret, number = current_app.config["SECRET_KEY"], found.number
    handle = link_codes.link_handle(secret, number)
    link = url_for("own_account.open_link", handle=handle, _external=True)
    code = link_codes.link_code(secret, number)
    return {
        "link": link if found.by_id == me else "",
        "code": code if found.decided_by_id == me else "",
    }
